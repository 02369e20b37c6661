"""Follow-up: how the credentials that an application relied on stand now (journey steps 15 and 16).

Read from the followed lists, so asking costs no bank a request and tells no bank who asks. A chain that does not answer
makes it *unknown*, never a cached yes; what is known to be taken away is said all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from passport.clock import Clock
from passport.errors import Reason, Rejected
from passport.identifiers import DidEthr
from passport.status import StatusValue
from passport.strict_json import JsonObject
from verifier.application import FollowedCredential
from verifier.ports import ApplicationStore, ChainView, Decisions
from verifier.use_cases.judge_status import StatusJudge

CHAIN_SILENCE = timedelta(seconds=5)
_WORDS = {StatusValue.VALID: "valid", StatusValue.REVOKED: "revoked", StatusValue.SUSPENDED: "suspended"}
_GRAVITY = ("revoked", "suspended", "unknown", "valid")


@dataclass(frozen=True, slots=True)
class FollowUpDesk:
    """What following up needs."""

    applications: ApplicationStore
    decisions: Decisions
    statuses: StatusJudge
    chain: ChainView
    clock: Clock


def follow_up(desk: FollowUpDesk, application_id: str) -> JsonObject:
    """The gravest status among an application's credentials, and each of them.

    Raises:
        Rejected: NOT_FOUND.
    """
    application = desk.applications.by_id(application_id)
    looked = [_look(desk, followed) for followed in desk.decisions.followed(application.id)]
    words = {str(each["status"]) for each in looked}
    return {
        "application": application.id,
        "status": next((word for word in _GRAVITY if word in words), "none"),
        "checked_at": desk.clock.now().isoformat(),
        "credentials": looked,
    }


def _look(desk: FollowUpDesk, followed: FollowedCredential) -> JsonObject:
    doubts: tuple[Reason, ...]
    issuer = DidEthr.parse(followed.issuer)
    try:
        status = desk.statuses.look(issuer.address, followed.status_uri, followed.status_index)
        value, doubts, age = status.value, status.doubts, status.age_seconds
        version = None if status.record is None else status.record.version
    except Rejected as error:
        value, doubts, age, version = None, (error.reason,), None, None
    seen = desk.chain.last_seen_at
    if seen is None or desk.clock.now() - seen > CHAIN_SILENCE:
        doubts = (*doubts, Reason.LEDGER_UNAVAILABLE)
        value = None if value is StatusValue.VALID else value
    return {
        "query": followed.query_id,
        "type": followed.vct,
        "issuer": followed.issuer,
        "status": "unknown" if value is None else _WORDS[value],
        "reasons": [reason.value for reason in doubts],
        "version": version,
        "age_seconds": age,
    }
