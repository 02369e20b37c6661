"""Read a result: the officer's view. Disclosed values can be read once, and are gone then (design section 4).

Those of a review stay until an officer has settled it: whoever decides must see.
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.clock import Clock
from passport.strict_json import JsonObject, get_array
from verifier.answers import Outcome
from verifier.application import Application
from verifier.ports import ApplicationStore, Decisions, Reviews
from verifier.review import ReviewSettlement
from verifier.use_cases.decide import PERSON_HEARS


@dataclass(frozen=True, slots=True)
class ResultDesk:
    """What reading results needs."""

    applications: ApplicationStore
    decisions: Decisions
    reviews: Reviews
    clock: Clock


def read_result(desk: ResultDesk, result_id: str) -> JsonObject:
    """The result; while it is pending nothing but that.

    Raises:
        Rejected: NOT_FOUND.
    """
    application = desk.applications.by_result(result_id)
    summary = summarise(application, desk.reviews.settlement_of(application.id))
    if application.settlement is None:
        return summary
    disclosed = desk.decisions.take_disclosed(application.id, now=desk.clock.now())
    return summary if disclosed is None else {**summary, "disclosed": disclosed}


def is_settled(desk: ResultDesk, result_id: str) -> bool:
    """Whether there is a decision; raises as ``read_result``."""
    return desk.applications.by_result(result_id).settlement is not None


def summarise(application: Application, review: ReviewSettlement | None) -> JsonObject:
    """What may be said again and again: the outcome with its reasons, the signed record, and how officers settled it."""
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
        "person_hears": PERSON_HEARS[settled.outcome] if review is None else review.verdict.value,
        "reasons": [reason for step in settled.steps for reason in get_array(step, "reasons")],
        "notes": [note for step in settled.steps for note in get_array(step, "notes")],
        "steps": list(settled.steps),
        "decided_at": settled.at.isoformat(),
        "decision_record": settled.record,
        "settlement": None
        if review is None
        else {
            "decision": review.verdict.value,
            "settled_at": review.at.isoformat(),
            "decision_record": review.record,
        },
    }
