"""Tell the hub of handles that it could not be told of when their offer was made (hub down, an officer decided)."""

from __future__ import annotations

from issuer.ports import FraudCheck
from issuer.storage.offers import OfferStore
from issuer.use_cases.make_offer import proven_accounts


class RegisterHandles:
    """The use case."""

    def __init__(self, offers: OfferStore, fraud_check: FraudCheck) -> None:
        self._offers = offers
        self._fraud_check = fraud_check

    def tick(self) -> int:
        """Register what waits; how many offers.

        Raises:
            Unavailable: the hub does not answer.
        """
        waiting = self._offers.unregistered()
        for new in waiting:
            self._fraud_check.register(
                proven_accounts(new.offer.id, new.subject, new.handles, new.offer.created_at)
            )
            self._offers.mark_registered(new.offer.id)
        return len(waiting)
