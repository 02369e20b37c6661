"""Handles that the hub could not be told of at the offer: told later, each for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from issuer.offer import Configuration, NewOffer, Offer, OfferState, Subject
from issuer.ports import Grounds, HubAnswer, ProvenAccounts
from issuer.storage.offers import OfferStore
from issuer.use_cases.register_handles import RegisterHandles
from passport.errors import Reason, Rejected, Unavailable
from passport.fraud import VerdictClass


def offer(number: int) -> NewOffer:
    made = Offer(
        id=f"offer-{number}",
        customer="lin",
        configurations=(Configuration.PROOF_OF_FUNDS,),
        state=OfferState.REDEEMED,
        statement_digest="",
        copies=1,
        requested_by="customer",
        queue_reasons=(),
        approvals=(),
        approvals_needed=0,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    return NewOffer(made, Subject(None, None, None, ""), (f"handle-{number}",))


class Offers(OfferStore):
    """Three offers that wait."""

    def __init__(self) -> None:
        self.waiting = {f"offer-{number}": offer(number) for number in range(3)}

    def unregistered(self) -> tuple[NewOffer, ...]:
        return tuple(self.waiting.values())

    def mark_registered(self, offer_id: str) -> None:
        del self.waiting[offer_id]


@dataclass
class PickyHub:
    """Refuses one offer's handles, and may be down."""

    refuses: str = "offer-0"
    down: bool = False
    needs_person: bool = True
    told: list[str] = field(default_factory=list)

    def register(self, proven: ProvenAccounts) -> None:
        if self.down:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the hub does not answer")
        if proven.offer_id == self.refuses:
            raise Rejected(Reason.NOT_AUTHORISED, "expected accounts that this bank keeps")
        self.told.append(proven.offer_id)

    def before_offer(self, proven: ProvenAccounts) -> HubAnswer:
        return HubAnswer(VerdictClass.UNKNOWN, handles_registered=bool(proven.offer_id == ""))

    def confirm_holder(self, account: str, person: str, reference: str, *, holds: bool) -> None:
        raise AssertionError(account + person + reference + str(holds))

    def cause_gone(self, person: str, reference: str) -> None:
        raise AssertionError(person + reference)

    def grounds(self, signed: str) -> Grounds | None:
        raise AssertionError(signed)


def test_offer_that_the_hub_refuses_holds_up_no_other() -> None:
    offers, hub = Offers(), PickyHub()
    assert RegisterHandles(offers, hub).tick() == 2
    assert hub.told == ["offer-1", "offer-2"]
    assert list(offers.waiting) == ["offer-0"]


def test_hub_that_is_down_is_asked_again_later() -> None:
    offers, hub = Offers(), PickyHub(down=True)
    with pytest.raises(Unavailable):
        RegisterHandles(offers, hub).tick()
    assert len(offers.waiting) == 3
