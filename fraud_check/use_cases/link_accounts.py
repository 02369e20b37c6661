"""A bank says which accounts it keeps and whose they are; a person under a warning elsewhere is derived at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fraud_check.alerts import HOLDER_UNCLEAR, derived_alert, holder_alert
from fraud_check.callers import KnownCaller
from fraud_check.errors import NotYours
from fraud_check.hub import Hub
from fraud_check.storage.alerts import AlertDraft, writes_alerts
from fraud_check.storage.query_log import REFUSED, QueryLine, subject_of, writes_query
from fraud_check.tracks import AccountLinked, TrackBook, WarningListed
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
        facts = new_links(hub, caller, asked.links, now)
        if facts:
            drafts = alerts_of_links(hub, facts, now)
            hub.tell(facts, writes_alerts(drafts, now))
    return Acknowledged(id=hub.new_id(), again=not facts)


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
    """The links that are not known yet, as facts. Call it within the hub's turn; raises as ``require_own``."""
    require_own(hub, caller, (link.account for link in links))
    facts = {
        link.account: AccountLinked(link.account, link.person, caller.name, now, now)
        for link in links
        if hub.book.bank_of(link.account) is None or hub.book.person_of(link.account) != link.person
    }
    return list(facts.values())


def alerts_of_links(hub: Hub, facts: Sequence[AccountLinked], now: datetime) -> list[AlertDraft]:
    """Derived alerts that follow from new links.

    A new account is derived by a warning on another account of its person. A new account that is itself warned, by a
    notice that named nobody or somebody else, derives the person's other accounts, those of the same request included;
    if it named somebody else, a person at the bank should look.
    """
    book = hub.book
    drafts: list[AlertDraft] = []
    for fact in facts:
        drafts.extend(
            derived_alert(warning, fact.account, fact.person, fact.bank, now)
            for warning in book.warnings_of_person(fact.person)
            if warning.account != fact.account and _in_force(book, warning, now)
        )
        for warning in book.warnings_of_account(fact.account):
            if warning.person not in {None, fact.person} and _in_force(book, warning, now):
                hub.quotas.alarm(fact.bank, HOLDER_UNCLEAR, at=now)
                drafts.append(holder_alert(warning, fact.bank, now))
            # What the person's accounts did not follow from before, they follow from now, exactly as the book says.
            if warning not in book.warnings_of_person(fact.person) and _in_force(book, warning, now):
                together = (
                    *book.accounts_of(fact.person),
                    *(one for one in facts if one.person == fact.person),
                )
                others = {one.account: one.bank for one in together if one.account != fact.account}
                drafts.extend(
                    derived_alert(warning, account, fact.person, bank, now)
                    for account, bank in others.items()
                )
    return drafts


def _in_force(book: TrackBook, warning: WarningListed, now: datetime) -> bool:
    return warning.effective <= now < book.warning_ends_at(warning)
