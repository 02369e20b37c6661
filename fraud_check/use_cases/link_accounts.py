"""A bank says which accounts it keeps and whose they are; a person under a warning elsewhere is derived at once.

Naming another holder frees nobody, since whoever was named before counts as well; and it freezes nobody at another bank,
since that needs the word of that bank or of the police (``fraud_check.tracks.holders``). Both raise an alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fraud_check.alerts import HOLDER_CHANGED, HOLDER_UNCLEAR, holder_alert
from fraud_check.callers import KnownCaller
from fraud_check.errors import NotYours
from fraud_check.following import alerts_of_change, alerts_that_follow
from fraud_check.hub import Hub
from fraud_check.storage.alerts import AlertDraft, writes_alerts
from fraud_check.storage.query_log import REFUSED, QueryLine, subject_of, writes_query
from fraud_check.tracks import AccountLinked, WarningListed
from passport.fraud import AccountLink, AccountLinks, Token
from passport.fraud.requests import Acknowledged
from passport.registry import Role


def link_accounts(hub: Hub, caller: KnownCaller, asked: AccountLinks) -> Acknowledged:
    """Link accounts, durably; again changes nothing.

    Raises:
        NotYours: not a member, or another bank keeps one of them: nothing is linked and an alarm is raised.
    """
    caller.require(Role.MEMBER)
    with hub.turn:
        now = hub.now()
        own = count_own(hub, caller, (link.account for link in asked.links))
        facts = new_links(hub, caller, asked.links, now)
        if facts:
            drafts = alerts_of_links(hub, facts, now)
            hub.tell(facts, writes_alerts(drafts, now))
    return Acknowledged(id=hub.new_id(), again=not facts, accounts=own.accounts, known=own.known)


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    """How many different accounts of its own a member named, and how many of them it had linked before."""

    accounts: int
    known: int


def count_own(hub: Hub, caller: KnownCaller, accounts: Iterable[Token]) -> OwnAccounts:
    """What an acknowledgement says of the member's own accounts; of others' it says nothing."""
    named = set(accounts)
    return OwnAccounts(len(named), sum(hub.book.bank_of(one) == caller.name for one in named))


def require_own(hub: Hub, caller: KnownCaller, accounts: Iterable[Token]) -> None:
    """Refuse accounts that another bank keeps; ones that nobody keeps yet pass.

    Raises:
        NotYours: with an alarm, and a line in the query log that the account's bank can read.
    """
    for account in accounts:
        keeper = hub.bank_of(account)
        if keeper not in {None, caller.name}:
            now = hub.now()
            hub.quotas.alarm(caller.name, "foreign_account", at=now)
            line = QueryLine(now, caller.name, "claim", keeper or "", subject_of(account), REFUSED)
            hub.database.write(writes_query(line))
            raise NotYours("expected accounts that this bank keeps")


def new_links(
    hub: Hub, caller: KnownCaller, links: Sequence[AccountLink], now: datetime
) -> list[AccountLinked]:
    """The links that are not known yet, as facts. Call it within the hub's turn.

    Raises:
        NotYours: as ``require_own``. Rejected: LIMIT_EXCEEDED, too many other holders were named this minute.
    """
    require_own(hub, caller, (link.account for link in links))
    wanted = dict.fromkeys((link.account, link.person) for link in links)
    facts = [
        AccountLinked(account, person, caller.name, now, now)
        for account, person in wanted
        if not hub.book.holders.holds(account, person)
    ]
    hub.quotas.spend_holder_changes(caller.name, len(changes_of(hub, facts)), at=now)
    return facts


def changes_of(hub: Hub, facts: Sequence[AccountLinked]) -> list[AccountLinked]:
    """Those that name another holder of an account that has one, in the book or earlier among the facts."""
    named = set[Token]()
    changes = []
    for fact in facts:
        if fact.account in named or hub.book.bank_of(fact.account) is not None:
            changes.append(fact)
        named.add(fact.account)
    return changes


def alerts_of_links(hub: Hub, facts: Sequence[AccountLinked], now: datetime) -> list[AlertDraft]:
    """What follows from new links: derived accounts, claims, and tasks for a person where another holder is named."""
    book = hub.book
    drafts: list[AlertDraft] = []
    for fact in changes_of(hub, facts):
        hub.quotas.alarm(fact.bank, HOLDER_CHANGED, at=now)
        drafts.extend(alerts_of_change(hub, fact, now))
    warned = [
        fact
        for fact in facts
        if book.warnings_of_account(fact.account) or book.warnings_of_person(fact.person)
    ]
    if warned:
        persons = (fact.person for fact in warned)
        drafts.extend(alerts_that_follow(hub, facts, persons, at=now, now=now))
    for fact in warned:
        for warning in book.warnings_of_account(fact.account):
            if warning.person not in {None, fact.person} and _in_force(hub, warning, now):
                hub.quotas.alarm(fact.bank, HOLDER_UNCLEAR, at=now)
                drafts.append(holder_alert(warning, fact.bank, now))
    return drafts


def _in_force(hub: Hub, warning: WarningListed, now: datetime) -> bool:
    return warning.effective <= now < hub.book.warning_ends_at(warning)
