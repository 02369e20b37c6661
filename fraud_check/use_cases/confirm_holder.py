"""Say whether a person holds an account that another bank keeps: the person's own bank, or the police (threat T56).

The police's word counts for everybody. A bank's word derives its own accounts of the person, and none of another's; it is
asked for where only the warned account's bank named the person, and answers the alert that told the bank so.
"""

from __future__ import annotations

from fraud_check.alerts import HOLDER_UNCLEAR, holder_alert
from fraud_check.callers import KnownCaller
from fraud_check.following import alerts_that_follow
from fraud_check.hub import Hub
from fraud_check.storage.alerts import AlertDraft, writes_alerts
from fraud_check.storage.query_log import HOLDER, REFUSED, QueryLine, subject_of, writes_query
from fraud_check.storage.writes import Write
from fraud_check.tracks import HolderConfirmed
from passport.errors import Reason, Rejected
from passport.fraud import HolderWord
from passport.fraud.requests import Acknowledged
from passport.registry import Role


def confirm_holder(hub: Hub, caller: KnownCaller, asked: HolderWord) -> Acknowledged:
    """Take the word, durably, beside whatever was said before; the same word again changes nothing.

    1. The caller is the police, or a member that keeps an account of the person.
    2. A member was told of the claim: the account is warned, and its bank said that the person holds it.
    3. A member takes back no confirmation.
    4. Word, alerts and a line that the account's bank can read become durable together.

    Raises:
        NotYours: neither a member nor the police. Rejected: NOT_FOUND, no claim that the member was told of; CONFLICT.
    """
    caller.require(Role.MEMBER, Role.POLICE)
    bank = None if Role.POLICE in caller.roles else caller.name
    with hub.turn:
        now = hub.now()
        if bank is not None:
            _require_claim(hub, caller, asked)
        said = hub.book.holders.word_of(bank, asked.account, asked.person)
        if said is not None and said.holds is asked.holds:
            return Acknowledged(id=asked.reference, again=True)
        fact = HolderConfirmed(asked.reference, asked.account, asked.person, bank, asked.holds, now, now)
        drafts = [
            *alerts_that_follow(hub, [fact], [asked.person], at=now, now=now),
            *_told_to_keeper(hub, fact),
        ]
        answer = "confirmed" if asked.holds else "denied"
        hub.tell([fact], writes_alerts(drafts, now), _line(hub, caller, asked, answer))
    return Acknowledged(id=asked.reference)


def _require_claim(hub: Hub, caller: KnownCaller, asked: HolderWord) -> None:
    """One refusal for all that the bank was not told of, so that it learns nothing about another bank's accounts."""
    book = hub.book
    keeper = book.bank_of(asked.account)
    claimed = (
        keeper not in {None, caller.name}
        and bool(book.warnings_of_account(asked.account))
        and bool(book.holders.kept_for(asked.person, caller.name))
        and any(
            link.person == asked.person
            for link in book.holders.links_to(asked.person)
            if link.account == asked.account
        )
    )
    if not claimed:
        hub.quotas.alarm(caller.name, "holder_without_claim", at=hub.now())
        hub.database.write(_line(hub, caller, asked, REFUSED))
        raise Rejected(Reason.NOT_FOUND, "expected a claim about this person that this bank was told of")


def _told_to_keeper(hub: Hub, fact: HolderConfirmed) -> list[AlertDraft]:
    """Whoever named the person hears that somebody denies it: a person there should look, and one at the hub."""
    keeper = hub.book.bank_of(fact.account)
    if fact.holds or keeper is None:
        return []
    hub.quotas.alarm(keeper, HOLDER_UNCLEAR, at=fact.recorded_at)
    return [
        holder_alert(warning, keeper, fact.recorded_at)
        for warning in hub.book.warnings_of_account(fact.account)
        if fact.recorded_at < hub.book.warning_ends_at(warning)
    ]


def _line(hub: Hub, caller: KnownCaller, asked: HolderWord, answer: str) -> Write:
    about = hub.book.bank_of(asked.account) or ""
    subject = subject_of(asked.account, asked.person)
    return writes_query(QueryLine(hub.now(), caller.name, HOLDER, about, subject, answer))
