"""Read a result: the officer's view. Disclosed values can be read once, and are gone then (design section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from passport.clock import Clock
from passport.strict_json import JsonObject, get_array
from verifier.answers import Outcome
from verifier.application import Application
from verifier.ports import ApplicationStore, Decisions
from verifier.use_cases.decide import PERSON_HEARS


@dataclass(frozen=True, slots=True)
class ResultDesk:
    """What reading results needs."""

    applications: ApplicationStore
    decisions: Decisions
    clock: Clock


def read_result(desk: ResultDesk, result_id: str) -> JsonObject:
    """The result; while it is pending nothing but that.

    Raises:
        Rejected: NOT_FOUND.
    """
    application = desk.applications.by_result(result_id)
    summary = summarise(application)
    if application.settlement is None:
        return summary
    disclosed = desk.decisions.take_disclosed(application.id, now=desk.clock.now())
    return summary if disclosed is None else {**summary, "disclosed": disclosed}


def is_settled(desk: ResultDesk, result_id: str) -> bool:
    """Whether there is a decision; raises as ``read_result``."""
    return desk.applications.by_result(result_id).settlement is not None


def summarise(application: Application) -> JsonObject:
    """What may be said again and again: the outcome with its reasons, and the signed record."""
    settled = application.settlement
    if settled is None:
        return {
            "application": application.id,
            "status": Outcome.PENDING.value,
            "reasons": [],
            "notes": [],
            "steps": [],
        }
    return {
        "application": application.id,
        "status": settled.outcome.value,
        "person_hears": PERSON_HEARS[settled.outcome],
        "reasons": [reason for step in settled.steps for reason in get_array(step, "reasons")],
        "notes": [note for step in settled.steps for note in get_array(step, "notes")],
        "steps": list(settled.steps),
        "decided_at": settled.at.isoformat(),
        "decision_record": settled.record,
    }
