"""Three answers everywhere: accepted, refused, could not tell.

A refusal ends the run. *Could not tell* goes on, so that a person gets the whole picture, and never becomes a
yes: the outcome is refused if any step refused, else review if any could not tell, else verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from passport.errors import Reason, Rejected
from passport.strict_json import JsonObject


class Step(StrEnum):
    """The steps of a check, in their order."""

    ENVELOPE = "envelope"
    FRAUD_CHECK = "fraud_check"
    STANDING = "standing"
    POLICY = "policy"


class Answer(StrEnum):
    """What one step says."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_CONFIGURED = "not_configured"
    """No hub is configured and the policy admits that: no answer at all, and recorded as such."""


class Outcome(StrEnum):
    """What the whole check says; ``pending`` until it has run in full."""

    VERIFIED = "verified"
    REFUSED = "refused"
    REVIEW = "review"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step's answer with its reasons, and the facts that it saw (no personal data)."""

    step: Step
    answer: Answer
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    facts: JsonObject = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A refusal and a doubt say why; an acceptance has nothing to explain."""
        if bool(self.reasons) != (self.answer in {Answer.REFUSED, Answer.UNKNOWN}):
            raise ValueError(f"expected reasons exactly when {self.step} refuses or cannot tell")

    def to_json(self) -> JsonObject:
        """The report as the result and the decision record show it."""
        return {
            "step": self.step.value,
            "answer": self.answer.value,
            "reasons": [reason.value for reason in self.reasons],
            "notes": [note.value for note in self.notes],
            "facts": self.facts,
        }


def accepted_or_unknown(
    step: Step, doubts: Iterable[Reason], *, notes: Iterable[Reason] = (), facts: JsonObject | None = None
) -> StepReport:
    """The report of a step that did not refuse: accepted, unless something could not be told."""
    reasons = tuple(dict.fromkeys(doubts))
    return StepReport(
        step=step,
        answer=Answer.UNKNOWN if reasons else Answer.ACCEPTED,
        reasons=reasons,
        notes=tuple(dict.fromkeys(notes)),
        facts=facts or {},
    )


class StepRefusal(Rejected):
    """A refusal with the facts that the step had seen by then: what the record shows of it."""

    def __init__(self, refusal: Rejected, facts: JsonObject) -> None:
        super().__init__(refusal.reason, str(refusal))
        self.facts = facts


def refused(step: Step, refusal: Rejected) -> StepReport:
    """The report of a step that refused."""
    facts = refusal.facts if isinstance(refusal, StepRefusal) else {}
    return StepReport(step=step, answer=Answer.REFUSED, reasons=(refusal.reason,), facts=facts)


def outcome_of(reports: Iterable[StepReport]) -> Outcome:
    """Refused if any step refused, else review if any could not tell, else verified.

    An incomplete run that nobody refused is a bug of the caller and never a yes.

    Raises:
        ValueError: a run without a refusal that lacks a step.
    """
    seen = tuple(reports)
    answers = {report.answer for report in seen}
    if Answer.REFUSED in answers:
        return Outcome.REFUSED
    if tuple(report.step for report in seen) != tuple(Step):
        raise ValueError("expected every step in order before anything but a refusal")
    return Outcome.REVIEW if Answer.UNKNOWN in answers else Outcome.VERIFIED
