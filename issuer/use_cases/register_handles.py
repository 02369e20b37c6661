"""Tell the hub of handles that it could not be told of when their offer was made (hub down, an officer decided)."""

from __future__ import annotations

import logging

from issuer.ports import FraudCheck
from issuer.storage.offers import OfferStore
from issuer.use_cases.make_offer import proven_accounts
from passport.errors import Malformed, Rejected
from service.logs import log_event

logger = logging.getLogger(__name__)


class RegisterHandles:
    """The use case."""

    def __init__(self, offers: OfferStore, fraud_check: FraudCheck) -> None:
        self._offers = offers
        self._fraud_check = fraud_check

    def tick(self) -> int:
        """Register what waits; how many offers. One that the hub refuses is tried again and holds up no other.

        Raises:
            Unavailable: the hub does not answer.
        """
        registered = 0
        for new in self._offers.unregistered():
            proven = proven_accounts(new.offer.id, new.subject, new.handles, new.offer.created_at)
            try:
                self._fraud_check.register(proven)
            except (Rejected, Malformed) as error:
                log_event(logger, "handles_refused", level=logging.ERROR, failure=error)
                continue
            self._offers.mark_registered(new.offer.id)
            registered += 1
        return registered
