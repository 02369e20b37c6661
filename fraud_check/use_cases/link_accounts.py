"""A bank says which accounts it keeps and whose they are; a person under a warning elsewhere is derived at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fraud_check.alerts import derived_alert
from fraud_check.callers import KnownCaller
from fraud_check.errors import NotYours
from fraud_check.hub import Hub
from fraud_check.storage.alerts import AlertDraft, writes_alerts
from fraud_check.tracks import AccountLinked
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
        NotYours: with an alarm.
    """
    for account in accounts:
        if hub.bank_of(account) not in {None, caller.name}:
            hub.quotas.alarm(caller.name, "foreign_account", at=hub.now())
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
    """Derived alerts that follow: for the new account, and for the person's others if the new one is warned."""
    drafts: list[AlertDraft] = []
    for fact in facts:
        for warning in hub.book.warnings_of_person(fact.person):
            in_force = warning.effective <= now < hub.book.warning_ends_at(warning)
            if warning.account != fact.account and in_force:
                drafts.append(derived_alert(warning, fact.account, fact.person, fact.bank, now))
        for warning in hub.book.warnings_of_account(fact.account):
            if warning.effective <= now < hub.book.warning_ends_at(warning):
                drafts.extend(
                    derived_alert(warning, other.account, fact.person, other.bank, now)
                    for other in hub.book.accounts_of(fact.person)
                    if other.account != fact.account and warning.person != fact.person
                )
    return drafts
