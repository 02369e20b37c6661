"""What the bank's own people read: customers, their credentials, what waits, and who did what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query

from issuer.acts import RecordedAct
from issuer.http.withdrawals import described
from issuer.ports import Customers, Tracks
from issuer.storage.acts import ActStore
from issuer.storage.credentials import CredentialStore
from issuer.storage.revocations import RevocationStore
from passport.clock import Clock, to_epoch
from passport.status import StatusValue

_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class RecordRoutes:
    """What the routes read."""

    customers: Customers
    tracks: Tracks
    credentials: CredentialStore
    revocations: RevocationStore
    acts: ActStore
    clock: Clock


def record_routes(parts: RecordRoutes) -> APIRouter:
    """The router, for any of the staff."""
    router = APIRouter()

    @router.get("/customers")
    def customers() -> dict[str, object]:
        counts = parts.credentials.counts()
        return {
            "customers": [
                {
                    "customer": one.key,
                    "name_latin": one.name_latin,
                    "name_zh": one.name_zh,
                    "accounts": len(one.accounts),
                    "restrictions": sorted(parts.tracks.live(one.key)),
                    "copies": {
                        value.name.lower(): counts.get(one.key, {}).get(value, 0)
                        for value in (StatusValue.VALID, StatusValue.SUSPENDED, StatusValue.REVOKED)
                    },
                }
                for one in parts.customers.customers()
            ]
        }

    @router.get("/credentials")
    def credentials(customer: Annotated[str, Query(min_length=1, max_length=64)]) -> dict[str, object]:
        issued = parts.credentials.of_customer(customer)
        if not issued:
            # Nothing issued and nobody of that name are two answers.
            parts.customers.customer(customer)
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
                for one in issued
            ]
        }

    @router.get("/revocations")
    def revocations() -> dict[str, object]:
        return {"revocations": [described(one) for one in parts.revocations.waiting(parts.clock.now())]}

    @router.get("/acts")
    def acts(
        after: Annotated[int, Query(ge=0, le=2**53)] = 0, limit: Annotated[int, Query(ge=1, le=_MOST)] = _MOST
    ) -> dict[str, object]:
        found = parts.acts.after(after, limit)
        return {"acts": [_act(one) for one in found], "next": found[-1].number if found else after}

    return router


def _act(one: RecordedAct) -> dict[str, object]:
    act = one.act
    return {
        "number": one.number,
        "at": to_epoch(act.at),
        "act": act.kind.value,
        "caller": act.caller.id,
        "person": act.caller.person or None,
        "customer": act.customer or None,
        "about": act.about or None,
        "reason": act.why.code,
        "note": act.why.note,
        "copies_changed": one.changed,
    }
