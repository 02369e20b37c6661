"""What is called to take away and to give back: suspend, reinstate, revoke, and say that a cause is gone.

Suspending takes one officer, or the bank's own system, which may take back what it began itself. Revoking takes two people: one asks, another agrees (threats.md T62).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from issuer.http.access import agree
from issuer.http.operator_bodies import CustomerBody, MayReasonBody, OfficerBody, RevokeBody, SuspensionBody
from issuer.storage.revocations import Revocation
from issuer.use_cases.change_status import ChangeStatus, RevokeCredentials
from passport.clock import to_epoch
from service.officers import calling_officer

Caller = Annotated[str, Depends(calling_officer)]


def suspension_routes(change: ChangeStatus) -> APIRouter:
    """The router, for the bank's own system and for officers: what is immediate and can be taken back."""
    router = APIRouter()

    @router.post("/credentials/suspend")
    def suspend(body: SuspensionBody, caller: Caller) -> dict[str, object]:
        agree(body.officer, caller)
        done = change.suspend(body.customer, caller, body.why_of(caller))
        before = {"already": {"since": to_epoch(done.since), "by": done.by}} if done.again else {}
        return {"suspended": done.changed, **before}

    @router.post("/credentials/reinstate")
    def reinstate(body: SuspensionBody, caller: Caller) -> dict[str, int]:
        agree(body.officer, caller)
        return {"reinstated": change.reinstate(body.customer, caller, body.why_of(caller))}

    return router


def withdrawal_routes(change: ChangeStatus, revoking: RevokeCredentials) -> APIRouter:
    """The router, for officers."""
    router = APIRouter()

    @router.post("/cause-gone")
    def cause_gone(body: CustomerBody, caller: Caller) -> dict[str, int]:
        agree(body.officer, caller)
        return {"reinstated": change.cause_gone(body.customer, caller, body.why)}

    @router.post("/credentials/revoke")
    def ask(body: RevokeBody, caller: Caller) -> JSONResponse:
        agree(body.officer, caller)
        asked = revoking.ask(
            caller, body.why, customer=body.customer or "", credential_id=body.credential_id or ""
        )
        return JSONResponse(described(asked), 202)

    @router.post("/revocations/{revocation_id}/approve")
    def approve(revocation_id: str, body: MayReasonBody, caller: Caller) -> dict[str, object]:
        agree(body.officer, caller)
        return described(revoking.approve(revocation_id, caller, body.why))

    @router.post("/revocations/{revocation_id}/decline")
    def decline(revocation_id: str, body: OfficerBody, caller: Caller) -> dict[str, object]:
        agree(body.officer, caller)
        return described(revoking.decline(revocation_id, caller, body.why))

    return router


def described(one: Revocation) -> dict[str, object]:
    """A request to revoke, as staff see it."""
    return {
        "revocation_id": one.id,
        "state": one.state.value,
        "customer": one.customer or None,
        "credential_id": one.credential_id or None,
        "reason": one.why.code,
        "note": one.why.note,
        "asked_by": one.asked_by.id,
        "asked_at": to_epoch(one.asked_at),
        "settled_by": one.settled_by or None,
        "revoked": one.revoked,
    }
