"""What the bank's own people call about offers: made by operator and officers, approved and declined by officers.

Who acts is whose token came with the call. A name in the body is for scripts that say it all the same; it must agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from issuer.customer import Statement
from issuer.errors import OfferDeclined
from issuer.http.access import agree
from issuer.http.offer_answers import offer_answer
from issuer.http.operator_bodies import MayReasonBody, OfferBody, OfficerBody
from issuer.offer import Configuration, NewAccount, Offer
from issuer.ports import FraudCheck, Grounds
from issuer.storage.credentials import OFFICER
from issuer.storage.offers import OfferStore
from issuer.use_cases.approve_offer import ApproveOffer
from issuer.use_cases.make_offer import MakeOffer, OfferRequest
from passport.clock import to_epoch
from passport.errors import Malformed, Rejected
from passport.fraud import AlertKind
from service.access import AccessRule
from service.officers import calling_officer

Caller = Annotated[str, Depends(calling_officer)]


@dataclass(frozen=True, slots=True)
class OperatorRoutes:
    """What the routes call."""

    make_offer: MakeOffer
    approve: ApproveOffer
    offers: OfferStore
    fraud_check: FraudCheck
    for_staff: tuple[APIRouter, ...]
    """What else any of the staff may read."""
    for_officers: tuple[APIRouter, ...]
    """What else only officers may do."""
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
    for staff in (_staff(parts), *parts.for_staff):
        router.include_router(staff, dependencies=[Depends(parts.access)])
    for officers in (_approvals(parts), *parts.for_officers):
        router.include_router(officers, dependencies=[Depends(parts.officers)])
    return router


def _staff(parts: OperatorRoutes) -> APIRouter:
    router = APIRouter()

    @router.post("/offers")
    def offers(body: OfferBody, caller: Caller) -> JSONResponse:
        agree(body.officer, caller)
        try:
            made = parts.make_offer(_request(body, caller, parts.offered))
        except OfferDeclined as declined:
            # The bank's own people may know why.
            raise Rejected(declined.cause, _cause_of(declined)) from declined
        return offer_answer(parts.issuer_url, made)

    @router.get("/offers/{offer_id}")
    def one_offer(offer_id: str) -> dict[str, object]:
        found = parts.offers.get(offer_id)
        return {**_entry(parts, found), "state": found.state, "fraud_verdict": found.fraud_verdict}

    @router.get("/queue")
    def queue() -> dict[str, list[dict[str, object]]]:
        return {"queue": [_entry(parts, one) for one in parts.offers.queued()]}

    return router


def _approvals(parts: OperatorRoutes) -> APIRouter:
    router = APIRouter()

    @router.post("/queue/{offer_id}/approve")
    def approve(offer_id: str, body: MayReasonBody, caller: Caller) -> JSONResponse:
        agree(body.officer, caller)
        return offer_answer(parts.issuer_url, parts.approve.approve(offer_id, caller, body.why))

    @router.post("/queue/{offer_id}/decline")
    def decline(offer_id: str, body: OfficerBody, caller: Caller) -> dict[str, str]:
        agree(body.officer, caller)
        return {"state": parts.approve.decline(offer_id, caller, body.why).state}

    return router


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
        why=body.why,
    )


def _entry(parts: OperatorRoutes, offer: Offer) -> dict[str, object]:
    statement = parts.offers.statement_of(offer.id)
    return {
        "offer_id": offer.id,
        "customer": offer.customer,
        "credentials": list(offer.configurations),
        "reasons": list(offer.queue_reasons),
        "amount": None if statement is None else _amount(statement),
        "fraud_check": _grounds(parts.fraud_check.grounds(offer.fraud_verdict)),
        "statement_digest": offer.statement_digest,
        "requested_by": offer.requested_by,
        "approvals": list(offer.approvals),
        "approvals_needed": offer.approvals_needed,
        "created_at": to_epoch(offer.created_at),
    }


def _amount(statement: Statement) -> dict[str, object]:
    """What the offer would state: each account's figures, and the sum; gone with the offer's subject."""
    return {
        "as_of": statement.as_of.isoformat(),
        "total_usd_minor": statement.total_usd_minor,
        "available_usd_minor": statement.available_usd_minor,
        "min28d_usd_minor": statement.min28d_usd_minor,
        "accounts": [
            {
                "account": one.account.masked,
                "currency": one.account.currency,
                "ownership": one.account.ownership.value,
                "balance_minor": one.balance_minor,
                "available_minor": one.available_minor,
            }
            for one in statement.accounts
        ],
    }


def _grounds(found: Grounds | None) -> dict[str, object] | None:
    """What the hub said, in the bank's own terms; null where it said nothing."""
    if found is None:
        return None
    return {
        "verdict": found.verdict,
        "as_of": found.as_of.isoformat(),
        "rule": found.rule,
        "depth": found.depth,
        "truncated": found.truncated,
        "grounds": [asdict(one) for one in found.grounds],
    }
