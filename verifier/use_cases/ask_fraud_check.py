"""Step 2: fraud check (design section 4). What does the hub know against the accounts behind the proof?

1. Which credentials prove accounts: those with a handle, which their bank signed as an open claim. A proof of funds
   without one is *could not tell*, whatever the hub says about other credentials beside it.
2. A signed question for each, kept before it is sent, so that after a crash the same one is asked again: it shows the
   issuer-signed JWT and the KB-JWT, which is the holder's consent, and no disclosure.
3. The verdict, checked by the hub's own client: signed, bound to this question, at most five minutes old. A hub that is
   away for a moment is asked again: its restart sends nobody to a person.
4. *block* refuses; *review* and *unknown* could not tell, and so does everything that went wrong.

Without a hub there is no answer: recorded as such where the policy admits a world without one, else *could not tell*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from outbound import AskAgain
from passport.clock import Clock
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.fraud import Verdict, VerdictClass
from passport.identifiers import DidEthr
from passport.registry import Role, grant_in_force
from passport.strict_json import JsonObject
from verifier.answers import Answer, Step, StepRefusal, StepReport, accepted_or_unknown
from verifier.evidence import AuthenticCredential, AuthenticPresentation, FraudChecked
from verifier.policies.model import FraudCheckRule
from verifier.ports import TrustFacts


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """A verdict that was checked, with the bytes that the hub signed."""

    verdict: Verdict
    signed: str


class Hub(Protocol):
    """The hub's own client."""

    did: DidEthr

    def question(self, presentation: AuthenticPresentation, credential: AuthenticCredential) -> str:
        """A signed question about one credential of a presentation."""
        ...

    def ask(self, signed_question: str) -> HubAnswer:
        """The hub's verdict; raises ``Unavailable`` FRAUD_UNKNOWN for whatever else happens."""
        ...


class Questions(Protocol):
    """Questions that were signed, each once."""

    def keep(self, application_id: str, query_id: str, question: str) -> str:
        """Keep the question, durably, and return it; if there is one already, return that."""
        ...

    def kept(self, application_id: str, query_id: str) -> str | None:
        """The question that was signed before, if any."""
        ...


@dataclass(frozen=True, slots=True)
class FraudDesk:
    """What asking needs; ``hub`` is None in a world without one."""

    hub: Hub | None
    questions: Questions
    trust: TrustFacts
    clock: Clock
    again: AskAgain = field(default_factory=AskAgain)


def ask_fraud_check(presentation: AuthenticPresentation, desk: FraudDesk) -> FraudChecked:
    """What the hub says about every proven account.

    Raises:
        Rejected: FRAUD_BLOCK.
    """
    if desk.hub is None:
        return FraudChecked(presentation, _without_hub(presentation))
    # 1. Handles.
    proofs = [each for each in presentation.credentials if each.fraud is not None]
    accredited = _is_accredited(desk.hub, desk)
    answers = [
        _ask(presentation, credential, desk.hub, desk) if accredited else None for credential in proofs
    ]
    classes = [VerdictClass.UNKNOWN if answer is None else answer.verdict.verdict_class for answer in answers]
    facts: JsonObject = {
        "hub": str(desk.hub.did),
        "accredited": accredited,
        "verdicts": [_facts(credential, answer) for credential, answer in zip(proofs, answers, strict=True)],
    }
    # 4. What it means.
    if VerdictClass.BLOCK in classes:
        refusal = Rejected(Reason.FRAUD_BLOCK, "expected accounts against which nothing is listed")
        raise StepRefusal(refusal, facts)
    doubts = [_DOUBTS[each] for each in classes if each in _DOUBTS]
    funds = presentation.policy.policy.rules.funds.query
    if funds not in {each.query_id for each in proofs}:
        doubts.append(Reason.FRAUD_UNKNOWN)
    return FraudChecked(presentation, accepted_or_unknown(Step.FRAUD_CHECK, doubts, facts=facts))


def _is_accredited(hub: Hub, desk: FraudDesk) -> bool:
    """Whether the ledger lets this hub answer now: settings alone make nobody a hub."""
    now = desk.clock.now()
    grants = desk.trust.grants(hub.did.address, Role.HUB, None)
    return any(grant_in_force(grant, at=now) and not grant.suspended for grant in grants)


_DOUBTS = {VerdictClass.REVIEW: Reason.FRAUD_REVIEW, VerdictClass.UNKNOWN: Reason.FRAUD_UNKNOWN}


def _ask(
    presentation: AuthenticPresentation, credential: AuthenticCredential, hub: Hub, desk: FraudDesk
) -> HubAnswer | None:
    """The verdict on one credential, or nothing where the hub could not be asked or did not answer properly."""
    if credential.fraud is None or credential.fraud.hub != hub.did:
        return None
    application_id = presentation.application.id
    try:
        # 2. The question, once.
        question = desk.questions.kept(application_id, credential.query_id)
        if question is None:
            signed = hub.question(presentation, credential)
            question = desk.questions.keep(application_id, credential.query_id, signed)
        # 3. The verdict.
        kept = question
        return desk.again(lambda: hub.ask(kept))
    except (Unavailable, Malformed, Rejected):
        return None


def _facts(credential: AuthenticCredential, answer: HubAnswer | None) -> JsonObject:
    """For the decision record: the verdict as signed, which names no person and no account."""
    if answer is None:
        return {"query": credential.query_id, "class": VerdictClass.UNKNOWN.value}
    verdict = answer.verdict
    return {
        "query": credential.query_id,
        "class": verdict.verdict_class.value,
        "as_of": verdict.as_of,
        "rule": verdict.rule,
        "depth": verdict.depth,
        "truncated": verdict.truncated,
        "verdict": answer.signed,
    }


def _without_hub(presentation: AuthenticPresentation) -> StepReport:
    if presentation.policy.policy.rules.fraud_check is FraudCheckRule.IF_CONFIGURED:
        return StepReport(step=Step.FRAUD_CHECK, answer=Answer.NOT_CONFIGURED)
    return accepted_or_unknown(Step.FRAUD_CHECK, [Reason.FRAUD_UNKNOWN])
