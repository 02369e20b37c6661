"""Step 3: standing (design section 4). Might this bank say so when it did, and does it still stand?

For every credential, in this order:

1. the anchor: its block's time is the issue time. Not there yet: *could not tell* within the promised delay, refused
   after it (``anchor_pending``, ``anchor_missing``);
2. ``iat``, which a thief of the key can write, lies at most the promised delay before the anchor;
3. the grant that the anchor names held at that time, and is not suspended now; what the credential says about its
   bank is what was registered under that grant;
4. the signing key was in the TrustRegistry at that time and not stolen;
5. the status is valid, on a list that is the ledger's newest and fresh.

All of it is read from the verifier's own follower and files: no bank is asked, and no file is fetched because somebody
presents. A chain that has not answered since this step began makes it *could not tell*, never a cached yes. A later
lapse or withdrawal changes nothing and is noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from passport.clock import Clock
from passport.errors import Reason, Rejected, Unavailable
from passport.registry import (
    AnchorRecord,
    BlockRef,
    Grant,
    IssuerRegistration,
    Role,
    grant_in_force,
    require_grant_at,
    require_key_at,
    schema_id,
)
from passport.strict_json import JsonObject, JsonValue
from verifier.answers import Step, StepRefusal, accepted_or_unknown
from verifier.evidence import AuthenticCredential, CredentialStanding, FraudChecked, Standing
from verifier.ports import ChainView, Patience, TrustFacts
from verifier.use_cases.find_anchor import AnchorFinder
from verifier.use_cases.judge_status import StatusJudge
from verifier.use_cases.match_issuer import own_name_doubts

CLOCK_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class StandingDesk:
    """What step 3 needs: the follower's knowledge, and the patience to let it catch up."""

    clock: Clock
    chain: ChainView
    trust: TrustFacts
    anchors: AnchorFinder
    statuses: StatusJudge
    patience: Patience
    registrations: Mapping[bytes, IssuerRegistration] = field(default_factory=dict)
    promised_delay: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class _Findings:
    """What could not be told, what is worth noting, and the facts seen on the way."""

    doubts: list[Reason] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    facts: list[JsonObject] = field(default_factory=list)


def check_standing(checked: FraudChecked, desk: StandingDesk) -> Standing:
    """What the ledger says about every credential of the presentation.

    Raises:
        Rejected: one of them does not stand; the first reason found.
    """
    findings = _Findings()
    ledger = _look_at_the_chain(desk, findings)
    anchored = checked.presentation.policy.policy.rules.anchored
    proofs = checked.presentation.anchor_proofs
    facts: JsonObject = {
        "ledger": None if ledger is None else block_facts(ledger),
        "credentials": findings.facts,
    }
    try:
        standings = tuple(
            _standing_of(credential, desk, findings, proofs=proofs, anchored=anchored)
            for credential in checked.presentation.credentials
        )
    except Rejected as refusal:
        raise StepRefusal(refusal, facts) from refusal
    report = accepted_or_unknown(Step.STANDING, findings.doubts, notes=findings.notes, facts=facts)
    return Standing(checked, ledger, standings, report)


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


def _standing_of(
    credential: AuthenticCredential,
    desk: StandingDesk,
    findings: _Findings,
    *,
    proofs: Sequence[JsonObject],
    anchored: bool,
) -> CredentialStanding:
    now = desk.clock.now()
    seen: dict[str, JsonValue] = {
        "query": credential.query_id,
        "type": credential.vct,
        "issuer": str(credential.issuer),
        "issuer_key": credential.issuer_key.hex(),
        "credential_sha256": credential.credential_hash.hex(),
    }
    findings.facts.append(seen)
    # 1. The anchor.
    record = _find_anchor(credential, desk, findings, proofs) if anchored else None
    if record is not None:
        seen["anchor"] = {"root": record.root.hex(), "block": block_facts(record.block)}
    # Without an anchor nothing says when it was issued: then the bank must be in good standing now.
    issued_at = record.block.time if record is not None else now
    # 2. The time that the bank wrote.
    _require_issue_time(credential, record, desk.promised_delay)
    # 3. The grant.
    grants = desk.trust.grants(credential.issuer.address, Role.ISSUER, schema_id(credential.vct))
    grant = require_grant_at(grant_for(grants, record, now), at=issued_at)
    findings.doubts.extend(own_name_doubts(credential, desk.registrations.get(grant.evidence_hash)))
    if not any(grant_in_force(grant, at=now) for grant in grants):
        findings.notes.append(Reason.ISSUER_NO_LONGER_ACCREDITED)
    # 4. The key.
    key = desk.trust.signing_key(credential.issuer.address, credential.issuer_key)
    require_key_at(key, at=issued_at)
    # 5. The status.
    status = desk.statuses.look(
        credential.issuer.address, credential.status.uri, credential.status.index, patience=desk.patience
    )
    seen["status"] = status.facts()
    status.require_standing()
    findings.doubts.extend(status.doubts)
    return CredentialStanding(credential, record, status.record, status.age_seconds)


def _find_anchor(
    credential: AuthenticCredential, desk: StandingDesk, findings: _Findings, proofs: Sequence[JsonObject]
) -> AnchorRecord | None:
    """The anchor; a doubt while it may still come, a refusal when it is too late.

    The delay runs from the earlier of ``due`` and ``iat`` plus what we were promised: a bank may promise less, and
    nothing that a thief writes into ``due`` buys more.
    """
    found: AnchorRecord | None = None

    def there() -> bool:
        nonlocal found
        found = desk.anchors.find(credential, proofs)
        return found is not None

    if desk.patience.until(there):
        return found
    promised = credential.issued_at + desk.promised_delay
    due = min(promised, credential.anchor.due)
    if desk.clock.now() <= due:
        findings.doubts.append(Reason.ANCHOR_PENDING)
    elif Reason.LEDGER_UNAVAILABLE not in findings.doubts:
        raise Rejected(Reason.ANCHOR_MISSING, "expected an anchor on the ledger within the promised delay")
    return None


def _require_issue_time(
    credential: AuthenticCredential, record: AnchorRecord | None, promised: timedelta
) -> None:
    """``iat`` lies at most the promised delay before the anchor's block (section 4, step 3).

    Raises:
        Rejected: ISSUED_OUTSIDE_PROMISED_DELAY.
    """
    if record is None:
        return
    earliest = record.block.time - promised
    if not earliest <= credential.issued_at <= record.block.time + CLOCK_SKEW:
        raise Rejected(
            Reason.ISSUED_OUTSIDE_PROMISED_DELAY,
            "expected an issue time within the promised delay of the anchor",
        )


def grant_for(grants: Sequence[Grant], record: AnchorRecord | None, now: datetime) -> Grant | None:
    """The grant that the anchor was made under; without an anchor the newest that is in force."""
    if record is not None:
        return next((grant for grant in grants if grant.number == record.grant_number), None)
    in_force = [grant for grant in grants if grant_in_force(grant, at=now)]
    return max(in_force, key=lambda grant: grant.number, default=None)
