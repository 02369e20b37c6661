"""Tell every member of warnings that ended by themselves: a bank that suspended for one must hear of its end."""

from __future__ import annotations

from fraud_check.alerts import lapse_alert
from fraud_check.hub import Hub
from fraud_check.storage.alerts import writes_alerts
from fraud_check.tracks import WarningLapsed


def tell_lapses(hub: Hub) -> int:
    """Append an alert for each lapse that was not told yet; how many.

    Raises:
        Unavailable: they could not be made durable; they are told next time.
    """
    with hub.turn:
        now = hub.now()
        due = hub.book.lapses_to_tell(at=now)
        if not due:
            return 0
        facts = [WarningLapsed(one.id, hub.book.warning_ends_at(one), now) for one in due]
        drafts = [lapse_alert(warning, fact) for warning, fact in zip(due, facts, strict=True)]
        hub.tell(facts, writes_alerts(drafts, now))
    return len(due)
