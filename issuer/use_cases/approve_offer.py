"""Let an officer agree to, or decline, an offer that waits; and hand out the codes once enough have agreed.

Above the limit two people agree, each an officer: who made the offer, where that was an officer, and who approves. Nobody
counts twice, under whatever id (journey step 5; threats.md T62), and no officer approves an offer to themselves.
"""

from __future__ import annotations

from dataclasses import replace

from issuer.acts import NO_REASON, NOT_OFFICERS, Act, ActKind, Caller
from issuer.codes import Codes
from issuer.offer import Offer, OfferSecrets, OfferState
from issuer.ports import CoreBanking
from issuer.storage.offers import OfferStore
from issuer.use_cases.make_offer import MadeOffer, release
from passport.clock import Clock
from passport.errors import Reason, Rejected
from service.officers import Officer
from service.reasons import Why


class ApproveOffer:
    """The use case."""

    def __init__(self, bank: CoreBanking, offers: OfferStore, codes: Codes, clock: Clock) -> None:
        self._bank = bank
        self._offers = offers
        self._codes = codes
        self._clock = clock

    def approve(self, offer_id: str, officer_id: str, why: Why = NO_REASON) -> MadeOffer:
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
            self._require_another(officer, offer)
            if officer.person == self._holder(offer):
                raise Rejected(
                    Reason.NOT_AUTHORISED, "this offer is for you as a customer: another officer must agree"
                )
            after = replace(offer, approvals=(*offer.approvals, officer.id))
            return (
                replace(after, state=OfferState.APPROVED) if after.approved and not after.deferred else after
            )

        offer = self._offers.change(offer_id, decide, self._act(ActKind.APPROVE, officer, why))
        if offer.state is OfferState.APPROVED and not offer.by_customer:
            return MadeOffer(offer, release(self._offers, self._codes, self._clock, offer.id))
        return MadeOffer(offer, None)

    def decline(self, offer_id: str, officer_id: str, why: Why) -> Offer:
        """End an offer that waits.

        Raises:
            Rejected: NOT_FOUND, or CONFLICT when it does not wait.
        """
        officer = self._bank.officer(officer_id)

        def decide(offer: Offer) -> Offer:
            if not offer.waits:
                raise Rejected(
                    Reason.CONFLICT, f"expected an offer that waits, got one that is {offer.state}"
                )
            return replace(offer, state=OfferState.DECLINED)

        return self._offers.change(offer_id, decide, self._act(ActKind.DECLINE, officer, why))

    def _act(self, kind: ActKind, officer: Officer, why: Why) -> Act:
        # Whose offer it is, is known in the transaction that finds it.
        return Act(kind, Caller.officer(officer), why, self._clock.now(), customer="")

    def _require_another(self, officer: Officer, offer: Offer) -> None:
        """Nobody agrees to an offer of their own, and nobody twice."""
        if officer.person in self._persons({offer.requested_by}):
            raise Rejected(
                Reason.NOT_AUTHORISED,
                "you made this offer yourself, and who makes an offer does not approve it: another officer must agree",
            )
        if officer.person in self._persons(set(offer.approvals)):
            raise Rejected(
                Reason.NOT_AUTHORISED,
                "you have agreed to this offer before: another officer must agree as well",
            )

    def _persons(self, ids: set[str]) -> set[str]:
        """The people behind these ids. An id that is no officer's any more stands for itself."""
        agreed = set()
        for one in ids - NOT_OFFICERS:
            try:
                agreed.add(self._bank.officer(one).person)
            except Rejected:
                agreed.add(one)
        return agreed

    def _holder(self, offer: Offer) -> str | None:
        try:
            return self._bank.customer(offer.customer).person_id
        except Rejected:
            return None  # Somebody whom the bank's books do not know yet.

    def collect(self, offer_id: str, customer: str) -> OfferSecrets:
        """The codes of an approved offer, for the customer who asked for it; once.

        Raises:
            Rejected: NOT_FOUND, also for another customer's offer; CONFLICT when it is not approved.
        """
        offer = self._offers.get(offer_id)
        if offer.customer != customer or not offer.by_customer:
            raise Rejected(Reason.NOT_FOUND, "expected an offer of yours")
        return release(self._offers, self._codes, self._clock, offer_id)
