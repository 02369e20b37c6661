"""Follow the hub's stream: a warning or derived status suspends, a lift takes back its own case, impersonation revokes.

The stream is what this bank knew when (design section 9, Notice). Each alert is applied to the record, the status list
is published once for all that came together, and only then the position moves: a kill in between applies them again,
which changes nothing (I8). An alert about nobody here is kept: the bank may gain the account later, or have gained it
a moment ago, and then it counts before whatever came after it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from issuer.acts import BY_HUB, Act, ActKind, Caller
from issuer.ports import AlertStream, BankAlert, StatusPublishing
from issuer.storage.credentials import CredentialStore, Track
from issuer.storage.hub_tasks import HubTasks
from issuer.storage.kept_alerts import KeptAlerts
from passport.clock import Clock
from passport.errors import Reason, Rejected
from passport.fraud import AlertKind
from service import faults
from service.logs import log_event
from service.reasons import Why

logger = logging.getLogger(__name__)

STREAM: Final = "hub"
TASKS: Final = frozenset({AlertKind.HOLDER_UNCLEAR, AlertKind.HOLDER_CLAIMED, AlertKind.HOLDER_CHANGED})
"""What asks a person here to look, and changes nothing by itself."""


class FollowAlerts:
    """The use case."""

    def __init__(
        self,
        *,
        stream: AlertStream,
        credentials: CredentialStore,
        kept: KeptAlerts,
        tasks: HubTasks,
        publishing: StatusPublishing,
        clock: Clock,
    ) -> None:
        self._stream = stream
        self._credentials = credentials
        self._kept = kept
        self._tasks = tasks
        self._publishing = publishing
        self._clock = clock
        self._looked_at = -1

    def tick(self) -> int:
        """Take in what is new; how many alerts.

        Raises:
            Unavailable: the hub does not answer; the position stays.
        """
        position = self._credentials.position(STREAM)
        # Looked for after the alerts are matched, so that what was kept counts before a lift that is matched already; and
        # counted before, so that who is gained in between is looked for again at the next tick.
        known = self._stream.known
        alerts = self._stream.after(position)
        found = self._found() if self._stream.known != self._looked_at else ()
        touched = [self._apply(one) for one in (*found, *alerts) if one.customer is not None]
        if any(touched):
            faults.hit("alerts.before_publish")
            self._publishing.publish()
        self._kept.forget(found)
        self._looked_at = known
        if alerts:
            self._tasks.keep([one for one in alerts if one.kind in TASKS], self._clock.now())
            self._kept.keep([one for one in alerts if one.customer is None and one.kind not in TASKS])
            self._credentials.advance(STREAM, alerts[-1].number)
            log_event(logger, "alerts_taken", level=logging.INFO, count=len(alerts), size=sum(touched))
        return len(alerts)

    def _found(self) -> Sequence[BankAlert]:
        """What was kept and is about a customer by now, oldest first."""
        named = (replace(one, customer=self._stream.customer_of(one.about)) for one in self._kept.all())
        return [one for one in named if one.customer is not None]

    def _apply(self, alert: BankAlert) -> bool:
        """Whether it changed, or may have changed, any status."""
        customer = alert.customer or ""
        now = self._clock.now()
        match alert.kind:
            case AlertKind.WARNING | AlertKind.DERIVED:
                # One notice may warn one account and derive another of the same customer.
                case_id = f"{alert.kind}:{alert.notice}"
                act = _act(ActKind.SUSPEND, alert, now)
                self._credentials.begin_track(Track(case_id, customer, alert.kind, now), act)
                return True
            case AlertKind.LIFTED:
                self._credentials.end_tracks(
                    customer,
                    now,
                    act=_act(ActKind.LIFT, alert, now),
                    case_id=f"{AlertKind.WARNING}:{alert.notice}",
                )
                return True
            case AlertKind.CAUSE_GONE:
                self._credentials.end_tracks(
                    customer, now, act=_act(ActKind.CAUSE_GONE, alert, now), kind=AlertKind.DERIVED
                )
                return True
            case AlertKind.IMPERSONATED:
                self._credentials.begin_track(
                    Track(f"{alert.kind}:{alert.notice}", customer, alert.kind, now),
                    _act(ActKind.SUSPEND, alert, now),
                )
                self._revoke(customer, _act(ActKind.REVOKE, alert, now))
                return True
            case AlertKind.ADMONITION | AlertKind.EARMARK | AlertKind.EXTENDED:
                # The hub answers for these; they withdraw nothing that was issued.
                return False
            case AlertKind.HOLDER_UNCLEAR | AlertKind.HOLDER_CLAIMED | AlertKind.HOLDER_CHANGED:
                # Another bank's word suspends nobody here: a person looks first.
                log_event(logger, "officer_should_look", level=logging.WARNING, kind=alert.kind)
                return False

    def _revoke(self, customer: str, act: Act) -> None:
        try:
            self._credentials.revoke(customer=customer, act=act)
        except Rejected as error:
            if error.reason is not Reason.NOT_FOUND:
                raise


def _act(kind: ActKind, alert: BankAlert, now: datetime) -> Act:
    """What follows from the hub's word takes nobody here, and is recorded under the notice."""
    return Act(kind, Caller(BY_HUB), Why(alert.kind), now, alert.customer or "", alert.notice)
