"""Whether the banks behind a review still stand when an officer opens: the grant and the key, as in step 3.

The signed record of the check names each credential's anchor and signing key, so that this is asked of the local
follower alone: what was shown is not read again, and no bank learns of it. A credential that had no anchor then is
held to the grant that is in force now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passport.clock import Clock
from passport.errors import Reason, Unavailable
from passport.identifiers import DidEthr, Vct
from passport.registry import AnchorRecord, Grant, Role, require_grant_at, require_key_at, schema_id
from passport.strict_json import JsonObject, as_object, get_array, get_object, get_text
from verifier.answers import Step
from verifier.application import Application, FollowedCredential
from verifier.ports import AnchorFacts, Decisions, TrustFacts
from verifier.use_cases.check_standing import grant_for


@dataclass(frozen=True, slots=True)
class GrantDesk:
    """What this needs: the follower's knowledge, and what the decision relied on."""

    trust: TrustFacts
    anchors: AnchorFacts
    decisions: Decisions
    clock: Clock


def require_banks_stand(desk: GrantDesk, application: Application) -> None:
    """The grant of every credential's issuer held when it was anchored and is not suspended now; its key is not stolen.

    Raises:
        Rejected: ISSUER_NOT_ACCREDITED, ISSUER_SUSPENDED, ISSUER_KEY_UNKNOWN or ISSUER_KEY_STOLEN.
        Unavailable: an anchor that was seen is not on the ledger now.
    """
    seen = _seen_by_the_check(application)
    for followed in desk.decisions.followed(application.id):
        _require_stands(desk, followed, seen.get(followed.credential_sha256.hex(), {}))


def _seen_by_the_check(application: Application) -> Mapping[str, JsonObject]:
    """What step 3 saw of each credential, by the credential's hash."""
    steps = () if application.settlement is None else application.settlement.steps
    return {
        get_text(one, "credential_sha256"): one
        for step in steps
        if step.get("step") == Step.STANDING.value
        for one in map(as_object, get_array(get_object(step, "facts"), "credentials"))
    }


def _require_stands(desk: GrantDesk, followed: FollowedCredential, seen: JsonObject) -> None:
    issuer, now = DidEthr.parse(followed.issuer).address, desk.clock.now()
    schema = schema_id(Vct(followed.vct))
    grants = desk.trust.grants(issuer, Role.ISSUER, schema)
    record = None
    if "anchor" in seen:
        record = _anchored(desk, grants, bytes.fromhex(get_text(get_object(seen, "anchor"), "root")))
    issued_at = now if record is None else record.block.time
    require_grant_at(grant_for(grants, record, now), at=issued_at)
    # A record from before the key was named in it cannot tell, which is no yes: that one can end, and be asked for again.
    thumbprint = seen.get("issuer_key")
    key = desk.trust.signing_key(issuer, bytes.fromhex(thumbprint)) if isinstance(thumbprint, str) else None
    require_key_at(key, at=issued_at)


def _anchored(desk: GrantDesk, grants: Sequence[Grant], root: bytes) -> AnchorRecord:
    """The earliest record of that root, under whichever grant; as the check found it."""
    found = [desk.anchors.anchor(grant.participant, grant.schema, grant.number, root) for grant in grants]
    record = min((one for one in found if one is not None), key=lambda one: one.block.number, default=None)
    if record is None:
        raise Unavailable(
            Reason.ANCHOR_PENDING,
            "an anchor that this rests on is not on the ledger now; try again in a moment",
        )
    return record
