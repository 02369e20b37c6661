"""Step 3: standing (design section 4). May this bank say so?

For every credential:

1. a grant for its type is in force now, and not suspended;
2. the signing key is in the TrustRegistry now, and not stolen.

All of it is read from the verifier's own follower: no bank is asked. A chain that has not answered since this step began
makes it *could not tell*, never a cached yes. Anchors, which give the time at which both are judged, and status lists are
not built yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from passport.clock import Clock
from passport.errors import Reason, Unavailable
from passport.registry import (
    BlockRef,
    Grant,
    Role,
    grant_in_force,
    require_grant_at,
    require_key_at,
    schema_id,
)
from passport.strict_json import JsonObject
from verifier.answers import Step, accepted_or_unknown
from verifier.evidence import AuthenticCredential, FraudChecked, Standing
from verifier.ports import ChainView, Patience, TrustFacts


@dataclass(frozen=True, slots=True)
class StandingDesk:
    """What step 3 needs: the follower's knowledge, and the patience to let it catch up."""

    clock: Clock
    chain: ChainView
    trust: TrustFacts
    patience: Patience


@dataclass(slots=True)
class _Findings:
    """What could not be told, and the facts seen on the way."""

    doubts: list[Reason] = field(default_factory=list)
    facts: list[JsonObject] = field(default_factory=list)


def check_standing(checked: FraudChecked, desk: StandingDesk) -> Standing:
    """What the ledger says about every credential of the presentation.

    Raises:
        Rejected: one of them does not stand; the first reason found.
    """
    findings = _Findings()
    ledger = _look_at_the_chain(desk, findings)
    for credential in checked.presentation.credentials:
        _require_standing(credential, desk, findings)
    facts: JsonObject = {
        "ledger": None if ledger is None else block_facts(ledger),
        "credentials": findings.facts,
    }
    return Standing(checked, ledger, accepted_or_unknown(Step.STANDING, findings.doubts, facts=facts))


def block_facts(block: BlockRef) -> JsonObject:
    """A block as the decision record names it."""
    return {"number": block.number, "hash": block.hash.hex(), "time": block.time.isoformat()}


def _look_at_the_chain(desk: StandingDesk, findings: _Findings) -> BlockRef | None:
    """The newest block, if the chain answered since this step began; else a doubt."""
    begun = desk.clock.now()

    def answered() -> bool:
        seen = desk.chain.last_seen_at
        return seen is not None and seen >= begun

    if not desk.patience.until(answered):
        findings.doubts.append(Reason.LEDGER_UNAVAILABLE)
    try:
        return desk.chain.as_of
    except Unavailable as unavailable:
        findings.doubts.append(unavailable.reason)
        return None


def _require_standing(credential: AuthenticCredential, desk: StandingDesk, findings: _Findings) -> None:
    now = desk.clock.now()
    issuer = credential.issuer.address
    # 1. The grant.
    grants = desk.trust.grants(issuer, Role.ISSUER, schema_id(credential.vct))
    require_grant_at(_newest_in_force(grants, now), at=now)
    # 2. The key.
    require_key_at(desk.trust.signing_key(issuer, credential.issuer_key), at=now)
    findings.facts.append(
        {
            "query": credential.query_id,
            "type": credential.vct,
            "issuer": str(credential.issuer),
            "credential_sha256": credential.credential_hash.hex(),
        }
    )


def _newest_in_force(grants: Sequence[Grant], now: datetime) -> Grant | None:
    in_force = [grant for grant in grants if grant_in_force(grant, at=now)]
    return max(in_force, key=lambda grant: grant.number, default=None)
