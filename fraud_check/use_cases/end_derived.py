"""A bank verified that the cause of its customer's derived status is gone."""

from __future__ import annotations

from fraud_check.alerts import cause_gone_alert
from fraud_check.callers import KnownCaller
from fraud_check.errors import NotYours
from fraud_check.hub import Hub
from fraud_check.storage.alerts import writes_alerts
from fraud_check.tracks import CauseGone as CauseGoneFact
from passport.fraud import CauseGone, TrackKind
from passport.fraud.requests import Acknowledged
from passport.registry import Role


def end_derived(hub: Hub, caller: KnownCaller, asked: CauseGone) -> Acknowledged:
    """End the derived status of the person's accounts at this bank; where there is none, nothing happens.

    Raises:
        NotYours: not a member, or not this bank's customer. Rejected: CONFLICT, a warning is still in force.
    """
    caller.require(Role.MEMBER)
    with hub.turn:
        now = hub.now()
        own = hub.book.holders.kept_for(asked.person, caller.name)
        if not own:
            raise NotYours("expected a person who is this bank's customer")
        derived = any(
            status.track is TrackKind.DERIVED and status.person == asked.person
            for account in own
            for status in hub.book.statuses_of_account(account, at=now)
        )
        fact = CauseGoneFact(asked.person, caller.name, now, now)
        hub.book.check(fact)
        if derived:
            draft = cause_gone_alert(fact, asked.reference)
            hub.tell([fact], writes_alerts([draft], now))
    return Acknowledged(id=asked.reference, again=not derived)
