"""The officers' desk at bank X: what waits for a person, what was shown, and what they say to it.

Each officer calls with a token of their own (``service/officers.py``); the bank's own system has none of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from passport.clock import to_epoch
from passport.strict_json import JsonObject
from service.officers import Officer, OfficerAccess, calling_officer
from service.reasons import ReasonBody
from verifier.review import NumberedVote, Review, Verdict, Vote
from verifier.use_cases.read_result import summarise
from verifier.use_cases.settle_review import ReviewDesk, officers_needed, settle_review

NO_STORE: Final = {"Cache-Control": "no-store"}
_MOST: Final = 1000
_PAGE: Final = 200
_WAITING: Final = 202
Caller = Annotated[str, Depends(calling_officer)]


class SettleBody(ReasonBody):
    """What the officer says, and why."""

    decision: Verdict


@dataclass(frozen=True, slots=True)
class OfficersDoor:
    """Who the officers are, and by which tokens they come."""

    officers: Mapping[str, Officer]
    access: OfficerAccess


def review_routes(desk: ReviewDesk, door: OfficersDoor) -> APIRouter:
    """Four routes for officers."""
    router = APIRouter(prefix="/v1/reviews", dependencies=[Depends(door.access)])

    @router.get("")
    def waiting(limit: Annotated[int, Query(ge=1, le=_MOST)] = _PAGE) -> JSONResponse:
        found = desk.reviews.waiting(now=desk.keeper.clock.now(), limit=limit + 1)
        return JSONResponse(
            {"reviews": [_described(desk, one) for one in found[:limit]], "more": len(found) > limit},
            headers=NO_STORE,
        )

    @router.get("/acts")
    def acts(
        after: Annotated[int, Query(ge=0, le=2**53)] = 0, limit: Annotated[int, Query(ge=1, le=_MOST)] = _MOST
    ) -> JSONResponse:
        found = desk.reviews.votes_after(after, limit)
        return JSONResponse(
            {"acts": [_act(one) for one in found], "next": found[-1].number if found else after},
            headers=NO_STORE,
        )

    @router.get("/{application_id}")
    def one(application_id: str) -> JSONResponse:
        review = desk.reviews.get(application_id, now=desk.keeper.clock.now())
        shown: JsonObject = {} if review.disclosed is None else {"disclosed": review.disclosed}
        return JSONResponse({**_described(desk, review), **shown}, headers=NO_STORE)

    @router.post("/{application_id}/settle")
    def settle(application_id: str, body: SettleBody, caller: Caller) -> JSONResponse:
        review = settle_review(desk, application_id, door.officers[caller], body.decision, body.why)
        status = _WAITING if review.settlement is None else 200
        return JSONResponse(_described(desk, review), status, NO_STORE)

    return router


def _described(desk: ReviewDesk, review: Review) -> JsonObject:
    application = review.application
    return {
        **summarise(application, review.settlement),
        "reference": application.reference,
        "policy": application.policy,
        "amount_usd_minor": application.amount_usd_minor,
        "state": "waiting" if review.settlement is None else "settled",
        "officers_needed": officers_needed(desk, application),
        "said": [_vote(one) for one in review.votes],
        "can_be_opened": review.settlement is None and review.disclosed is not None,
    }


def _vote(vote: Vote) -> JsonObject:
    return {
        "officer": vote.officer.id,
        "person": vote.officer.person,
        "decision": vote.verdict.value,
        "reason": vote.why.code,
        "note": vote.why.note,
        "at": to_epoch(vote.at),
    }


def _act(one: NumberedVote) -> JsonObject:
    return {"number": one.number, "act": "settle", "application": one.vote.application_id, **_vote(one.vote)}
