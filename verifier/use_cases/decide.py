"""Step 5: decision. The outcome of the steps, in a record that the verifier signs and keeps.

The record holds reason codes, as-of times, the status's age, block height and hashes, and no personal data: not the
holder's key, no claim, no status index. It is a ``decision+jwt`` by the key that signs this verifier's requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.clock import Clock, Entropy, to_epoch
from passport.errors import Rejected
from passport.identifiers import DidEthr
from passport.jose import Signer, b64u_encode
from passport.keys import TokenType, sign_token
from passport.strict_json import JsonObject
from verifier.answers import Outcome, Step, StepReport, outcome_of, refused
from verifier.application import Application, DecisionEvent, FollowedCredential, Settlement
from verifier.evidence import PolicyApplied
from verifier.policies.reader import KnownPolicy

PERSON_HEARS = {
    Outcome.VERIFIED: "opened",
    Outcome.REFUSED: "not_opened",
    Outcome.REVIEW: "in_review",
}
"""What the bank tells the person; the same words whatever the reason was."""


@dataclass(frozen=True, slots=True)
class RecordKeeper:
    """Who signs the record."""

    did: DidEthr
    signer: Signer
    clock: Clock
    entropy: Entropy


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that settling an application writes."""

    settlement: Settlement
    disclosed: JsonObject | None
    followed: tuple[FollowedCredential, ...]
    event: DecisionEvent


def decide(applied: PolicyApplied, keeper: RecordKeeper) -> Decision:
    """The decision of a run that nobody refused: verified, or review where something could not be told."""
    presentation = applied.standing.fraud_checked.presentation
    credentials = presentation.credentials
    settlement = _settle(presentation.application, presentation.policy, applied.reports, keeper)
    return Decision(
        settlement=settlement,
        disclosed={credential.query_id: credential.disclosed for credential in credentials},
        followed=tuple(
            FollowedCredential(
                query_id=credential.query_id,
                vct=credential.vct,
                issuer=str(credential.issuer),
                credential_sha256=credential.credential_hash,
                status_uri=credential.status.uri,
                status_index=credential.status.index,
            )
            for credential in credentials
        ),
        event=_event(presentation.application, settlement, keeper),
    )


def decline(
    application: Application,
    policy: KnownPolicy | None,
    passed: Sequence[StepReport],
    *,
    step: Step,
    refusal: Rejected,
    keeper: RecordKeeper,
) -> Decision:
    """The decision of a run that ``step`` refused."""
    return conclude(application, policy, (*passed, refused(step, refusal)), keeper)


def conclude(
    application: Application,
    policy: KnownPolicy | None,
    reports: tuple[StepReport, ...],
    keeper: RecordKeeper,
) -> Decision:
    """A decision of which nothing is shown and nothing followed, because no full check passed."""
    settlement = _settle(application, policy, reports, keeper)
    return Decision(settlement, None, (), _event(application, settlement, keeper))


def _settle(
    application: Application,
    policy: KnownPolicy | None,
    reports: tuple[StepReport, ...],
    keeper: RecordKeeper,
) -> Settlement:
    now = keeper.clock.now()
    outcome = outcome_of(reports)
    received = application.received
    payload: JsonObject = {
        "iss": str(keeper.did),
        "iat": to_epoch(now),
        "jti": b64u_encode(keeper.entropy.token(16)),
        "application": application.id,
        "outcome": outcome.value,
        "reasons": [reason.value for report in reports for reason in report.reasons],
        "notes": [note.value for report in reports for note in report.notes],
        "policy": {
            "name": application.policy,
            "sha256": None if policy is None else policy.sha256.hex(),
        },
        "nonce": application.nonce,
        "received_at": None if received is None else to_epoch(received.at),
        "response_sha256": None if received is None else received.body_sha256.hex(),
        "steps": [report.to_json() for report in reports],
    }
    kid = b64u_encode(keeper.signer.public_jwk.thumbprint())
    record = sign_token(kind=TokenType.DECISION, payload=payload, signer=keeper.signer, header={"kid": kid})
    return Settlement(outcome=outcome, reports=reports, record=record, at=_whole(now))


def _event(application: Application, settlement: Settlement, keeper: RecordKeeper) -> DecisionEvent:
    """What the webhook carries: the same for everybody who listens, and nothing of the person."""
    event_id = f"evt_{b64u_encode(keeper.entropy.token(16))}"
    return DecisionEvent(
        id=event_id,
        application_id=application.id,
        body={
            "id": event_id,
            "type": "application.decided",
            "application": application.id,
            "reference": application.reference,
            "status": settlement.outcome.value,
            "person_hears": PERSON_HEARS[settlement.outcome],
            "decision_record": settlement.record,
        },
    )


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
