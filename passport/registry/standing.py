"""Was this bank allowed to say so, then, and may it still? (Design section 4, step 3).

Issue time is the anchor's block time. A later lapse or ordinary withdrawal changes nothing; a suspension in force
now refuses; a key stolen since before the anchor refuses. Leaves out where the records come from.
"""

from __future__ import annotations

from datetime import datetime

from passport.errors import Reason, Rejected
from passport.registry.facts import Grant, ParticipantKey


def grant_in_force(grant: Grant, *, at: datetime) -> bool:
    """Whether the grant's period covers ``at`` and no withdrawal takes effect at or before it.

    For choosing among grants and for notes; where refusal depends on it, call ``require_grant_at``.
    """
    in_period = grant.valid_from <= at < grant.valid_until
    return in_period and (grant.withdrawn_from is None or at < grant.withdrawn_from)


def require_grant_at(grant: Grant | None, *, at: datetime) -> Grant:
    """The grant, if it covered ``at`` and is not suspended now.

    Raises:
        Rejected: ISSUER_NOT_ACCREDITED (none, outside its period, withdrawn by then) or ISSUER_SUSPENDED.
    """
    # 1. There is a grant, its period covers the time and no withdrawal reaches back to it.
    if grant is None or not grant_in_force(grant, at=at):
        raise Rejected(
            Reason.ISSUER_NOT_ACCREDITED, "expected a grant that held when the credential was anchored"
        )
    # 2. The guardian has not suspended it; unlike a lapse this works at once, and on what was issued before.
    if grant.suspended:
        raise Rejected(Reason.ISSUER_SUSPENDED, "expected a grant that is not suspended now")
    return grant


def require_key_at(key: ParticipantKey | None, *, at: datetime) -> ParticipantKey:
    """The signing key, if it was the participant's at ``at`` and not stolen by then.

    Raises:
        Rejected: ISSUER_KEY_UNKNOWN or ISSUER_KEY_STOLEN.
    """
    # 1. The TrustRegistry had the key at that time.
    if key is None or at < key.valid_from or (key.valid_until is not None and at >= key.valid_until):
        raise Rejected(Reason.ISSUER_KEY_UNKNOWN, "expected a signing key that the registry had at that time")
    # 2. It was not yet stolen.
    if key.stolen_since is not None and at >= key.stolen_since:
        raise Rejected(Reason.ISSUER_KEY_STOLEN, "expected a signing key that was not stolen at that time")
    return key
