"""Runs the steps in order, checks each step's evidence, and says what happened as lines or as one JSON document."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias

from passport.errors import PassportError
from sandbox.journey.step import Evidence, Stage, Step

Between: TypeAlias = Callable[[Step[Stage], Evidence], Evidence]


def as_it_is(_step: Step[Stage], evidence: Evidence) -> Evidence:
    """The evidence, untouched."""
    return evidence


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step that was done: its evidence, how long acting took, and why its evidence was refused, if it was."""

    number: str
    actor: str
    does: str
    evidence: Evidence | None
    milliseconds: float
    refused: str | None = None

    @property
    def ok(self) -> bool:
        """Whether there is evidence and it was checked."""
        return self.evidence is not None and self.refused is None


@dataclass(slots=True)
class Report:
    """What a run shows. ``ok`` only if every step was done and every evidence was checked."""

    expected: int
    outcomes: list[Outcome] = field(default_factory=list)
    latencies_ms: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Every step done, every evidence good."""
        return len(self.outcomes) == self.expected and all(outcome.ok for outcome in self.outcomes)

    def to_json(self) -> str:
        """One JSON document, for programs."""
        steps = [
            {
                "step": outcome.number,
                "actor": outcome.actor,
                "evidence": outcome.evidence.kind if outcome.evidence else None,
                "sha256": outcome.evidence.sha256 if outcome.evidence else None,
                "ms": round(outcome.milliseconds, 1),
                **({"refused": outcome.refused} if outcome.refused else {}),
            }
            for outcome in self.outcomes
        ]
        return json.dumps({"steps": steps, **self.latencies_ms, "ok": self.ok}, ensure_ascii=False)


class Journey(Generic[Stage]):
    """The steps and the stage they play on."""

    def __init__(
        self,
        steps: Sequence[Step[Stage]],
        stage: Stage,
        *,
        between: Between[Stage] = as_it_is,
    ) -> None:
        """``between`` stands between acting and checking, where a test spoils the evidence."""
        self._steps = steps
        self._stage = stage
        self._between = between

    def run(self, report: Report) -> Iterator[Outcome]:
        """Do and check each step; stops after the first that fails, since the next one stands on it."""
        for step in self._steps:
            outcome = self._do(step)
            report.outcomes.append(outcome)
            yield outcome
            if not outcome.ok:
                return

    def _do(self, step: Step[Stage]) -> Outcome:
        began = time.monotonic()
        evidence: Evidence | None = None
        refused: str | None = None
        spent = 0.0
        try:
            evidence = step.act(self._stage)
            spent = (time.monotonic() - began) * 1000
            evidence = self._between(step, evidence)
            step.check(self._stage, evidence)
        except PassportError as error:
            spent = spent or (time.monotonic() - began) * 1000
            refused = str(error) or type(error).__name__
        return Outcome(step.number, step.actor, step.does, evidence, spent, refused)
