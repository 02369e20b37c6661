"""Follow the hub's stream: a warning or derived status suspends, a lift takes back its own case, impersonation revokes.

The stream is what this bank knew when (design section 9, Notice). Each alert is applied to the record, the status list
is published once for all that came together, and only then the position moves: a kill in between applies them again,
which changes nothing (I8).
"""

from __future__ import annotations

import logging
from typing import Final

from issuer.ports import AlertStream, BankAlert, StatusPublishing
from issuer.storage.credentials import CredentialStore, Track
from passport.clock import Clock
from passport.errors import Reason, Rejected
from passport.fraud import AlertKind
from service import faults
from service.logs import log_event

logger = logging.getLogger(__name__)

STREAM: Final = "hub"


class FollowAlerts:
    """The use case."""

    def __init__(
        self,
        *,
        stream: AlertStream,
        credentials: CredentialStore,
        publishing: StatusPublishing,
        clock: Clock,
    ) -> None:
        self._stream = stream
        self._credentials = credentials
        self._publishing = publishing
        self._clock = clock

    def tick(self) -> int:
        """Take in what is new; how many alerts.

        Raises:
            Unavailable: the hub does not answer; the position stays.
        """
        position = self._credentials.position(STREAM)
        alerts = self._stream.after(position)
        if not alerts:
            return 0
        touched = [self._apply(one) for one in alerts if one.customer is not None]
        if any(touched):
            faults.hit("alerts.before_publish")
            self._publishing.publish()
        self._credentials.advance(STREAM, alerts[-1].number)
        log_event(logger, "alerts_taken", level=logging.INFO, count=len(alerts), size=sum(touched))
        return len(alerts)

    def _apply(self, alert: BankAlert) -> bool:
        """Whether it changed, or may have changed, any status."""
        customer = alert.customer or ""
        now = self._clock.now()
        match alert.kind:
            case AlertKind.WARNING | AlertKind.DERIVED:
                # One notice may warn one account and derive another of the same customer.
                case_id = f"{alert.kind}:{alert.notice}"
                self._credentials.begin_track(Track(case_id, customer, alert.kind, now))
                return True
            case AlertKind.LIFTED:
                self._credentials.end_tracks(customer, now, case_id=f"{AlertKind.WARNING}:{alert.notice}")
                return True
            case AlertKind.CAUSE_GONE:
                self._credentials.end_tracks(customer, now, kind=AlertKind.DERIVED)
                return True
            case AlertKind.IMPERSONATED:
                self._credentials.begin_track(
                    Track(f"{alert.kind}:{alert.notice}", customer, alert.kind, now)
                )
                self._revoke(customer)
                return True
            case AlertKind.ADMONITION | AlertKind.EARMARK | AlertKind.EXTENDED:
                # The hub answers for these; they withdraw nothing that was issued.
                return False

    def _revoke(self, customer: str) -> None:
        try:
            self._credentials.revoke(customer=customer, credential_id=None, cause=AlertKind.IMPERSONATED)
        except Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
