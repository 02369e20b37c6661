"""What a customer calls: sign in, ask for an offer, collect it once an officer agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from issuer.http.access import SessionAccess
from issuer.http.offer_answers import offer_answer
from issuer.offer import Configuration
from issuer.storage.offers import OfferStore
from issuer.use_cases.approve_offer import ApproveOffer
from issuer.use_cases.make_offer import MadeOffer, MakeOffer, OfferRequest
from issuer.use_cases.sign_in import SignIn
from passport.clock import to_epoch
from passport.errors import Reason, Rejected
from service.access import OpenTo

Word = Annotated[str, Field(min_length=1, max_length=64)]


class SignInBody(BaseModel):
    """Who signs in, and how they prove it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    customer: Word
    password: Annotated[str, Field(min_length=1, max_length=256)]
    otp: Annotated[str, Field(min_length=6, max_length=6)]


class AskBody(BaseModel):
    """Which credentials the customer wants, and as of which day."""

    model_config = ConfigDict(extra="forbid")

    credentials: Annotated[list[Configuration], Field(min_length=1, max_length=4)]
    as_of: date | None = None


async def signed_in(request: Request) -> str:
    """Whom ``SessionAccess`` found."""
    customer: str = request.state.customer
    return customer


SignedIn = Annotated[str, Depends(signed_in)]


@dataclass(frozen=True, slots=True)
class CustomerRoutes:
    """What the routes call."""

    sign_in: SignIn
    make_offer: MakeOffer
    approve: ApproveOffer
    offers: OfferStore
    access: SessionAccess
    issuer_url: str


def customer_routes(parts: CustomerRoutes) -> APIRouter:
    """The router."""
    router = APIRouter()
    by_session = [Depends(parts.access)]

    @router.post("/v1/sessions", dependencies=[Depends(OpenTo("password and one-time code are in the body"))])
    def sessions(body: SignInBody) -> JSONResponse:
        opened = parts.sign_in(body.customer, body.password, body.otp)
        return JSONResponse(
            {"session": opened.token, "expires_at": to_epoch(opened.expires_at)},
            headers={"Cache-Control": "no-store"},
        )

    @router.post("/v1/offers", dependencies=by_session)
    def offers(body: AskBody, customer: SignedIn) -> JSONResponse:
        parts.sign_in.count_wish(customer)
        made = parts.make_offer(OfferRequest(customer, tuple(body.credentials), body.as_of))
        return offer_answer(parts.issuer_url, made)

    @router.get("/v1/offers/{offer_id}", dependencies=by_session)
    def offer(offer_id: str, customer: SignedIn) -> JSONResponse:
        found = parts.offers.get(offer_id)
        if found.customer != customer:
            raise Rejected(Reason.NOT_FOUND, "expected an offer of yours")
        return offer_answer(parts.issuer_url, MadeOffer(found, None))

    @router.post("/v1/offers/{offer_id}/collect", dependencies=by_session)
    def collect(offer_id: str, customer: SignedIn) -> JSONResponse:
        secrets = parts.approve.collect(offer_id, customer)
        return offer_answer(parts.issuer_url, MadeOffer(parts.offers.get(offer_id), secrets))

    return router
