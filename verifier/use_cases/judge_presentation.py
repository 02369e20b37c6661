"""Run the steps of a check in their order, and settle (design section 4).

The envelope is checked again, from the bytes that were kept and as of the time they came: so a check that a crash cut
off begins anew from nothing but durable facts, and a result is *verified* only if a full check ran (invariant I6).
A refusal ends the run. *Could not tell* goes on, and never becomes a yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passport.errors import Malformed, Reason, Rejected, Unavailable
from service import faults
from verifier.answers import Answer, Step, StepReport
from verifier.application import Application, Phase
from verifier.policies.reader import KnownPolicy
from verifier.ports import ApplicationStore, Bell, Transactions
from verifier.use_cases.apply_policy import apply_policy
from verifier.use_cases.ask_fraud_check import FraudDesk, ask_fraud_check
from verifier.use_cases.check_envelope import EnvelopeDesk, check_envelope
from verifier.use_cases.check_standing import StandingDesk, check_standing
from verifier.use_cases.decide import Decision, RecordKeeper, conclude, decide, decline
from verifier.use_cases.receive_response import settle

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class CheckDesk:
    """What a whole check needs."""

    applications: ApplicationStore
    transactions: Transactions
    policies: Mapping[str, KnownPolicy]
    envelope: EnvelopeDesk
    fraud: FraudDesk
    standing: StandingDesk
    keeper: RecordKeeper
    bell: Bell


def judge_presentation(desk: CheckDesk, application_id: str) -> None:
    """Check a received answer and settle its application; nothing happens if it is settled.

    Raises:
        Unavailable: not yet; the application stays pending, and the check is begun again.
        Exception: something broke; the same, but only so many times.
    """
    application = desk.applications.by_id(application_id)
    if application.phase is not Phase.RECEIVED:
        return
    faults.hit("verifier.before_check")
    try:
        decision = run_steps(desk, application)
    except Unavailable:
        # The ledger was not seen yet, or the database is busy: nothing is wrong with this check, so it waits.
        raise
    except Exception:
        if desk.transactions.count_attempt(application_id) < MAX_ATTEMPTS:
            raise
        decision = _give_up(desk, application)
    settle(desk.transactions, desk.bell, application, decision)
    faults.hit("verifier.after_settled")


def run_steps(desk: CheckDesk, application: Application) -> Decision:
    """The five steps; each needs the result of the one before."""
    policy = desk.policies[application.policy]
    step = Step.ENVELOPE
    passed: list[StepReport] = []
    try:
        # 1. Envelope.
        presentation = check_envelope(application, policy, desk.envelope)
        passed.append(presentation.report)
        # 2. Fraud check.
        step = Step.FRAUD_CHECK
        checked = ask_fraud_check(presentation, desk.fraud)
        passed.append(checked.report)
        # 3. Standing.
        step = Step.STANDING
        standing = check_standing(checked, desk.standing)
        passed.append(standing.report)
        # 4. Policy.
        step = Step.POLICY
        applied = apply_policy(standing)
    except Rejected as refusal:
        return decline(application, policy, passed, step=step, refusal=refusal, keeper=desk.keeper)
    except Malformed as error:
        unreadable = Rejected(Reason.MALFORMED, str(error))
        return decline(application, policy, passed, step=step, refusal=unreadable, keeper=desk.keeper)
    # 5. Decision.
    return decide(applied, desk.keeper)


def _give_up(desk: CheckDesk, application: Application) -> Decision:
    """A check that broke again and again goes to a person: it said neither yes nor no."""
    reports = tuple(
        StepReport(step=step, answer=Answer.UNKNOWN, reasons=(Reason.CHECK_FAILED,)) for step in Step
    )
    return conclude(application, desk.policies.get(application.policy), reports, desk.keeper)
