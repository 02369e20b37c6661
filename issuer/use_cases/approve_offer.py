"""Let an officer agree to, or decline, an offer that waits; and hand out the codes once enough have agreed.

Above the limit a second officer approves: never the one who made the offer, and nobody twice (journey step 5).
"""

from __future__ import annotations

from dataclasses import replace

from issuer.codes import Codes
from issuer.offer import Offer, OfferSecrets, OfferState
from issuer.ports import Accounts
from issuer.storage.offers import OfferStore
from issuer.use_cases.make_offer import MadeOffer, release
from passport.clock import Clock
from passport.errors import Reason, Rejected


class ApproveOffer:
    """The use case."""

    def __init__(self, bank: Accounts, offers: OfferStore, codes: Codes, clock: Clock) -> None:
        self._bank = bank
        self._offers = offers
        self._codes = codes
        self._clock = clock

    def approve(self, offer_id: str, officer_id: str) -> MadeOffer:
        """Add an approval; with the last one of an officer's offer come its codes.

        Raises:
            Rejected: NOT_FOUND; NOT_AUTHORISED for who may not approve this; CONFLICT when it does not wait.
        """
        officer = self._bank.officer(officer_id)

        def decide(offer: Offer) -> Offer:
            if not offer.waits:
                raise Rejected(
                    Reason.CONFLICT, f"expected an offer that waits, got one that is {offer.state}"
                )
            if officer.id == offer.requested_by or officer.id in offer.approvals:
                raise Rejected(Reason.NOT_AUTHORISED, "expected another officer than those who agreed before")
            after = replace(offer, approvals=(*offer.approvals, officer.id))
            return (
                replace(after, state=OfferState.APPROVED) if after.approved and not after.deferred else after
            )

        offer = self._offers.change(offer_id, decide)
        if offer.state is OfferState.APPROVED and not offer.by_customer:
            return MadeOffer(offer, release(self._offers, self._codes, self._clock, offer.id))
        return MadeOffer(offer, None)

    def decline(self, offer_id: str, officer_id: str) -> Offer:
        """End an offer that waits.

        Raises:
            Rejected: NOT_FOUND, or CONFLICT when it does not wait.
        """
        self._bank.officer(officer_id)

        def decide(offer: Offer) -> Offer:
            if not offer.waits:
                raise Rejected(
                    Reason.CONFLICT, f"expected an offer that waits, got one that is {offer.state}"
                )
            return replace(offer, state=OfferState.DECLINED)

        return self._offers.change(offer_id, decide)

    def collect(self, offer_id: str, customer: str) -> OfferSecrets:
        """The codes of an approved offer, for the customer who asked for it; once.

        Raises:
            Rejected: NOT_FOUND, also for another customer's offer; CONFLICT when it is not approved.
        """
        offer = self._offers.get(offer_id)
        if offer.customer != customer or not offer.by_customer:
            raise Rejected(Reason.NOT_FOUND, "expected an offer of yours")
        return release(self._offers, self._codes, self._clock, offer_id)
