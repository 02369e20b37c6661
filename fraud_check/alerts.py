"""What an alert says, before it is numbered and signed. Warnings go to every member, the rest to whom it concerns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from fraud_check.storage.alerts import AlertDraft
from fraud_check.storage.facts import microseconds
from fraud_check.tracks import AccountLinked, CauseGone, Status, WarningLapsed, WarningListed
from passport.fraud import AlertKind, Notice, NoticeKind, Token

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
HOLDER_UNCLEAR: Final = "holder_unclear"
HOLDER_CHANGED: Final = "holder_changed"
"""The hub's own alarms beside the alerts of that kind."""
_BROADCAST = {
    NoticeKind.WARN: AlertKind.WARNING,
    NoticeKind.EXTEND: AlertKind.EXTENDED,
    NoticeKind.LIFT: AlertKind.LIFTED,
    NoticeKind.IMPERSONATED: AlertKind.IMPERSONATED,
    NoticeKind.ADMONISH: AlertKind.ADMONITION,
    NoticeKind.EARMARK: AlertKind.EARMARK,
}


def alert(
    kind: AlertKind,
    *,
    recipient: str | None,
    notice: str,
    case: str,
    effective: datetime,
    recorded_at: datetime,
    account: Token | None = None,
    person: Token | None = None,
    notifier: str | None = None,
    linked_by: str | None = None,
) -> AlertDraft:
    """An alert; members that are left out are not written."""
    content = {
        "kind": kind.value,
        "notice": notice,
        "case": case,
        "effective_ms": microseconds(effective) // 1000,
        "recorded_at_ms": microseconds(recorded_at) // 1000,
        "account": account,
        "person": person,
        "notifier": notifier,
        "linked_by": linked_by,
    }
    return AlertDraft(recipient, {name: value for name, value in content.items() if value is not None})


def broadcast(notice: Notice, warning: WarningListed | None, now: datetime) -> AlertDraft | None:
    """What every member hears of a notice; of a document's arrival, nothing.

    ``warning`` is the one that an extension or a lift is about: the alert names its notice and its account.
    """
    kind = _BROADCAST.get(notice.kind)
    if kind is None:
        return None
    return alert(
        kind,
        recipient=None,
        notice=notice.jti if warning is None else warning.id,
        case=notice.case if warning is None else warning.case,
        effective=moment_of(notice),
        recorded_at=now,
        account=notice.account if warning is None else warning.account,
        person=notice.person if warning is None else warning.person,
        notifier=notice.iss,
    )


def derived_alert(
    warning: WarningListed, account: Token, person: Token, bank: str, now: datetime
) -> AlertDraft:
    """A bank's account follows from a warning on another account of the same person."""
    return alert(
        AlertKind.DERIVED,
        recipient=bank,
        notice=warning.id,
        case=warning.case,
        effective=warning.effective,
        recorded_at=now,
        account=account,
        person=person,
        notifier=warning.notifier,
    )


def holder_alert(warning: WarningListed, bank: str, now: datetime) -> AlertDraft:
    """A person at the account's bank should look: the notice names another holder than the bank did."""
    return alert(
        AlertKind.HOLDER_UNCLEAR,
        recipient=bank,
        notice=warning.id,
        case=warning.case,
        effective=warning.effective,
        recorded_at=now,
        account=warning.account,
        person=warning.person,
        notifier=warning.notifier,
    )


def claimed_alert(
    warning: WarningListed, person: Token, bank: str, claimant: str, now: datetime
) -> AlertDraft:
    """A person at ``bank`` should look: another bank says that its customer holds the warned account, and nobody else does."""
    return alert(
        AlertKind.HOLDER_CLAIMED,
        recipient=bank,
        notice=warning.id,
        case=warning.case,
        effective=warning.effective,
        recorded_at=now,
        account=warning.account,
        person=person,
        notifier=warning.notifier,
        linked_by=claimant,
    )


def changed_alert(
    status: Status, fact: AccountLinked, bank: str, account: Token | None, now: datetime
) -> AlertDraft:
    """A person at ``bank`` should look: a holder was changed while this track rests on the old or the new one."""
    return alert(
        AlertKind.HOLDER_CHANGED,
        recipient=bank,
        notice=status.notice,
        case=status.case,
        effective=fact.effective,
        recorded_at=now,
        account=account,
        person=status.person,
        linked_by=fact.bank,
    )


def lapse_alert(warning: WarningListed, fact: WarningLapsed) -> AlertDraft:
    """A warning ended by itself: for every member the same as a lift, but by nobody."""
    return alert(
        AlertKind.LIFTED,
        recipient=None,
        notice=warning.id,
        case=warning.case,
        effective=fact.effective,
        recorded_at=fact.recorded_at,
        account=warning.account,
        person=warning.person,
    )


def cause_gone_alert(fact: CauseGone, reference: str) -> AlertDraft:
    """A bank's own word, back in its stream, so that the stream tells the whole story."""
    return alert(
        AlertKind.CAUSE_GONE,
        recipient=fact.bank,
        notice=reference,
        case="cause-gone",
        effective=fact.effective,
        recorded_at=fact.recorded_at,
        person=fact.person,
    )


def moment_of(notice: Notice) -> datetime:
    """When the notice takes effect."""
    return _EPOCH + timedelta(milliseconds=notice.effective_ms)
