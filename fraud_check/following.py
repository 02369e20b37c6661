"""What follows from facts about holders for accounts at other banks, and whom it concerns, before they are told.

A derived account is told to its bank. A claim, where only another bank says that a customer holds a warned account, is told
as a task for a person: the account stays as it is until its own bank or the police confirm (threat T56).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fraud_check.alerts import changed_alert, claimed_alert, derived_alert
from fraud_check.hub import Hub
from fraud_check.storage.alerts import AlertDraft
from fraud_check.tracks import AccountLinked, Consequence, Fact, Status, TrackBook, WarningListed
from passport.fraud import Token, TrackKind


def alerts_that_follow(
    hub: Hub, facts: Sequence[Fact], persons: Iterable[Token], *, at: datetime, now: datetime
) -> list[AlertDraft]:
    """Alerts of what the facts change at ``at`` for these persons' accounts. Call it within the hub's turn."""
    touched = tuple(dict.fromkeys(persons))
    supposed = hub.book.supposing(facts, touched)
    drafts: list[AlertDraft] = []
    told: set[tuple[str, Token]] = set()
    for person in touched:
        before = hub.book.consequences(person, at=at)
        for new in supposed.consequences(person, at=at):
            if new in before:
                continue
            if new.account is None:
                drafts.append(_claim(supposed, new, now))
            elif (new.warning, new.account) not in told:
                told.add((new.warning, new.account))
                warning = _warning(supposed, new)
                drafts.append(derived_alert(warning, new.account, person, new.bank, now))
    return drafts


def alerts_of_change(hub: Hub, fact: AccountLinked, now: datetime) -> list[AlertDraft]:
    """Whom it concerns that a bank names another holder of an account while a track rests on the old or the new one.

    The account's bank itself, the bank whose warned account the track follows from, and the banks whose accounts follow
    from this one. The others hear who linked, and of which case; neither which account nor to whom.
    """
    supposed = hub.book.supposing([fact], _holders(hub.book, fact))
    drafts: dict[tuple[str, str], AlertDraft] = {}
    for status in (
        *hub.book.statuses_of_account(fact.account, at=now),
        *supposed.statuses_of_account(fact.account, at=now),
    ):
        for bank in dict.fromkeys((fact.bank, *_concerned(hub, fact, status, now))):
            account = fact.account if bank == fact.bank else None
            drafts.setdefault((bank, status.notice), changed_alert(status, fact, bank, account, now))
    return list(drafts.values())


def _holders(book: TrackBook, fact: AccountLinked) -> list[Token]:
    return [*(link.person for link in book.holders.of(fact.account)), fact.person]


def _concerned(hub: Hub, fact: AccountLinked, status: Status, now: datetime) -> Iterable[str]:
    book = hub.book
    if status.track is TrackKind.DERIVED and status.cause is not None:
        keeper = book.bank_of(status.cause)
        return () if keeper is None else (keeper,)
    warning = book.warning(status.notice)
    if warning is None:
        return ()
    persons = [*_holders(book, fact), *([] if warning.person is None else [warning.person])]
    return [
        one.bank
        for person in persons
        for one in book.consequences(person, at=now)
        if one.warning == warning.id
    ]


def _claim(book: TrackBook, claim: Consequence, now: datetime) -> AlertDraft:
    warning = _warning(book, claim)
    return claimed_alert(warning, claim.person, claim.bank, book.bank_of(warning.account) or "", now)


def _warning(book: TrackBook, one: Consequence) -> WarningListed:
    warning = book.warning(one.warning)
    if warning is None:  # pragma: no cover - a consequence is of a warning in the book
        raise KeyError(one.warning)
    return warning
