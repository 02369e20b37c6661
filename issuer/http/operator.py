"""What the bank's own people call: offers, the queue and withdrawals by operator and officers, approvals by officers.

Who acts is whose token came with the call. A name in the body is for scripts that say it all the same; it must agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from issuer.customer import Ownership
from issuer.errors import OfferDeclined
from issuer.http.access import calling_officer
from issuer.http.offer_answers import offer_answer
from issuer.offer import Configuration, NewAccount, Offer
from issuer.storage.credentials import CredentialStore
from issuer.storage.offers import OfferStore
from issuer.use_cases.approve_offer import ApproveOffer
from issuer.use_cases.change_status import ChangeStatus
from issuer.use_cases.make_offer import MakeOffer, OfferRequest
from passport.clock import to_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import AlertKind
from service.access import AccessRule

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
OFFICER: Final = "officer"
"""The case and the kind of a track that an officer began."""
Caller = Annotated[str, Depends(calling_officer)]


class AccountBody(BaseModel):
    """The account that an account-ownership credential is about."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=4, max_length=64)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    ownership: Ownership = Ownership.SOLE
    opened_on: date


class OfferBody(BaseModel):
    """An offer for a customer; ``config`` replaces the one credential's usual configuration."""

    model_config = ConfigDict(extra="forbid")

    customer: Word
    credentials: Annotated[list[str], Field(min_length=1, max_length=4)]
    as_of: date | None = None
    config: str | None = None
    officer: Word | None = None
    account: AccountBody | None = None
    deferred: bool = False


class OfficerBody(BaseModel):
    """Which officer acts, where the caller says so."""

    model_config = ConfigDict(extra="forbid")

    officer: Word | None = None


class RevokeBody(BaseModel):
    """Whose credentials, or which one, and why (for the bank's own record)."""

    model_config = ConfigDict(extra="forbid")

    customer: Word | None = None
    credential_id: Word | None = None
    reason: Annotated[str, Field(min_length=1, max_length=64)]


class CustomerBody(BaseModel):
    """Which customer."""

    model_config = ConfigDict(extra="forbid")

    customer: Word


@dataclass(frozen=True, slots=True)
class OperatorRoutes:
    """What the routes call."""

    make_offer: MakeOffer
    approve: ApproveOffer
    offers: OfferStore
    credentials: CredentialStore
    change_status: ChangeStatus
    access: AccessRule
    """Of the operator and the officers."""
    officers: AccessRule
    """Of the officers alone."""
    issuer_url: str
    offered: Collection[Configuration]
    """What this bank issues."""


def operator_routes(parts: OperatorRoutes) -> APIRouter:
    """The routers: what any of the staff may do, and what only officers may."""
    router = APIRouter(prefix="/v1/operator")
    router.include_router(_staff(parts), dependencies=[Depends(parts.access)])
    router.include_router(_approvals(parts), dependencies=[Depends(parts.officers)])
    return router


def _staff(parts: OperatorRoutes) -> APIRouter:
    router = APIRouter()

    @router.post("/offers")
    def offers(body: OfferBody, caller: Caller) -> JSONResponse:
        _agree(body.officer, caller)
        try:
            made = parts.make_offer(_request(body, caller, parts.offered))
        except OfferDeclined as declined:
            # The bank's own people may know why.
            raise Rejected(declined.cause, _cause_of(declined)) from declined
        return offer_answer(parts.issuer_url, made)

    @router.get("/offers/{offer_id}")
    def one_offer(offer_id: str) -> dict[str, object]:
        found = parts.offers.get(offer_id)
        return {**_entry(found), "state": found.state, "fraud_verdict": found.fraud_verdict}

    @router.get("/queue")
    def queue() -> dict[str, list[dict[str, object]]]:
        return {"queue": [_entry(one) for one in parts.offers.queued()]}

    _withdrawals(router, parts)
    return router


def _approvals(parts: OperatorRoutes) -> APIRouter:
    router = APIRouter()

    @router.post("/queue/{offer_id}/approve")
    def approve(offer_id: str, body: OfficerBody, caller: Caller) -> JSONResponse:
        _agree(body.officer, caller)
        return offer_answer(parts.issuer_url, parts.approve.approve(offer_id, caller))

    @router.post("/queue/{offer_id}/decline")
    def decline(offer_id: str, body: OfficerBody, caller: Caller) -> dict[str, str]:
        _agree(body.officer, caller)
        return {"state": parts.approve.decline(offer_id, caller).state}

    return router


def _agree(named: str | None, caller: str) -> None:
    """Refuse a caller who acts in somebody else's name."""
    if named is not None and named != caller:
        raise Rejected(Reason.NOT_AUTHORISED, f"expected the token of officer {named}, got another's")


def _withdrawals(router: APIRouter, parts: OperatorRoutes) -> None:
    @router.get("/credentials")
    def credentials(customer: Annotated[str, Query(min_length=1, max_length=64)]) -> dict[str, object]:
        return {
            "credentials": [
                {
                    "credential_id": one.id,
                    "configuration": one.configuration,
                    "copy": one.copy_number,
                    "status": one.status.name.lower(),
                    "status_list": one.list_number,
                    "status_index": one.list_index,
                    "issued_at": to_epoch(one.issued_at),
                    "expires_at": to_epoch(one.expires_at),
                    "anchored": one.anchored,
                }
                for one in parts.credentials.of_customer(customer)
            ]
        }

    @router.post("/credentials/revoke")
    def revoke(body: RevokeBody) -> dict[str, int]:
        if (body.customer is None) == (body.credential_id is None):
            raise Malformed("expected either customer or credential_id")
        return {
            "revoked": parts.change_status.revoke(
                customer=body.customer, credential_id=body.credential_id, cause=body.reason
            )
        }

    @router.post("/credentials/suspend")
    def suspend(body: CustomerBody) -> dict[str, int]:
        return {"suspended": parts.change_status.suspend(body.customer, case_id=OFFICER, kind=OFFICER)}

    @router.post("/credentials/reinstate")
    def reinstate(body: CustomerBody) -> dict[str, int]:
        return {"reinstated": parts.change_status.lift(body.customer, case_id=OFFICER)}

    @router.post("/cause-gone")
    def cause_gone(body: CustomerBody) -> dict[str, int]:
        return {"reinstated": parts.change_status.cause_gone(body.customer)}


_TRACKS: Final[Mapping[str, str]] = {
    AlertKind.WARNING: "a police warning is in force on an account of this customer",
    AlertKind.DERIVED: "this customer's accounts are restricted because of a warning on another account of theirs",
    AlertKind.IMPERSONATED: "an account was opened with this customer's identity by somebody else",
    OFFICER: "an officer of this bank has suspended this customer's credentials",
}


def _cause_of(declined: OfferDeclined) -> str:
    """Why no offer is made, for the bank's own people; the customer hears the same neutral words for every cause."""
    known = [words for kind, words in _TRACKS.items() if kind in declined.tracks]
    said = "; ".join(known) or "the fraud hub says no to an account of this customer"
    return f"expected a customer without restrictions: {said}. Do not tell the customer why"


def _request(body: OfferBody, caller: str, offered: Collection[Configuration]) -> OfferRequest:
    named = body.credentials
    if body.config is not None:
        if len(named) != 1:
            raise Malformed("expected one credential with config")
        named = [body.config]
    try:
        configurations = tuple(Configuration(one) for one in named)
    except ValueError as error:
        known = ", ".join(sorted({one.anchored_as for one in offered}))
        raise Malformed(f"expected credentials among {known}") from error
    if body.config is not None and configurations[0].anchored_as != body.credentials[0]:
        raise Malformed("expected a config that is a form of the credential")
    account = body.account
    return OfferRequest(
        customer=body.customer,
        configurations=configurations,
        as_of=body.as_of,
        requested_by=caller,
        new_account=None
        if account is None
        else NewAccount(account.number, account.currency, account.ownership, account.opened_on),
        deferred=body.deferred,
    )


def _entry(offer: Offer) -> dict[str, object]:
    return {
        "offer_id": offer.id,
        "customer": offer.customer,
        "credentials": list(offer.configurations),
        "reasons": list(offer.queue_reasons),
        "statement_digest": offer.statement_digest,
        "requested_by": offer.requested_by,
        "approvals": list(offer.approvals),
        "approvals_needed": offer.approvals_needed,
        "created_at": to_epoch(offer.created_at),
    }
