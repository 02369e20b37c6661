"""The applications API: the bank's own system opens applications and asks how they stand."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from passport.strict_json import JsonObject
from service.access import BearerSecret
from service.admission_walls import begin_journey
from verifier.http.messages import NewApplication
from verifier.ports import Reviews
from verifier.use_cases.follow_up import FollowUpDesk, follow_up
from verifier.use_cases.open_application import FrontDesk, Opened, describe, open_application
from verifier.use_cases.read_result import summarise

NO_STORE = {"Cache-Control": "no-store"}


def application_routes(
    desk: FrontDesk, following: FollowUpDesk, reviews: Reviews, *, token: str
) -> APIRouter:
    """Three routes for who holds the API token."""
    router = APIRouter(
        prefix="/v1/applications", dependencies=[Depends(BearerSecret("the bank's own system", token))]
    )

    @router.post("")
    def open_one(request: Request, new: NewApplication) -> JSONResponse:
        opened = open_application(
            desk,
            policy=new.policy,
            reference=new.reference,
            applicant_name=new.applicant_name,
            response_mode=new.response_mode,
            amount_usd_minor=new.amount_usd_minor,
        )
        begin_journey(request, opened.application.request_id)
        return JSONResponse(_described(opened), 201, NO_STORE)

    @router.get("/{application_id}")
    def show(application_id: str) -> JSONResponse:
        application = desk.applications.by_id(application_id)
        described = {
            **_described(describe(desk, application)),
            **summarise(application, reviews.settlement_of(application.id)),
        }
        return JSONResponse(described, headers=NO_STORE)

    @router.get("/{application_id}/follow-up")
    def follow(application_id: str) -> JSONResponse:
        return JSONResponse(follow_up(following, application_id), headers=NO_STORE)

    return router


def _described(opened: Opened) -> JsonObject:
    application = opened.application
    return {
        "id": application.id,
        "reference": application.reference,
        "policy": application.policy,
        "state": application.phase.value,
        "request": opened.request,
        "result_url": opened.result_url,
        # The wallet is on another device: whoever shows the request must show it to the right person (threat T10).
        "cross_device": True,
        "created_at": application.created_at.isoformat(),
        "expires_at": application.expires_at.isoformat(),
    }
