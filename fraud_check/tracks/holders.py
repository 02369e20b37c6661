"""Who holds which account, and by whose word: the bank that keeps it, the police, or another bank that confirmed it.

A bank's word about an account of its own counts for that bank's accounts. It puts nobody's accounts at another bank on a
track: that needs the police's word, or that other bank's own. Nobody who was ever named is forgotten because the bank
names somebody else: both count, until the police say that one of them does not hold it. So an account linked to another
person frees no one, and an account linked to a stranger freezes no one (threat T56).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from fraud_check.tracks.facts import AccountLinked, HolderConfirmed, WarningListed
from passport.fraud import Token

FOREVER = datetime.max.replace(tzinfo=UTC)


class Holders:
    """Every link and every word about one. One writer; readers see only what was there when they began."""

    def __init__(self) -> None:
        self._links: defaultdict[Token, list[AccountLinked]] = defaultdict(list)
        self._words: defaultdict[tuple[Token, Token], list[HolderConfirmed]] = defaultdict(list)
        self._accounts: defaultdict[Token, dict[Token, None]] = defaultdict(dict)
        self._spoken_of: defaultdict[Token, dict[Token, None]] = defaultdict(dict)

    def link(self, fact: AccountLinked) -> None:
        """Remember a link; one to somebody who counts as the account's holder already changes nothing."""
        if not self.holds(fact.account, fact.person):
            self._links[fact.account].append(fact)
            self._accounts[fact.person].setdefault(fact.account)

    def hear(self, word: HolderConfirmed) -> None:
        """Remember a word of the police or of another bank."""
        self._words[word.account, word.person].append(word)
        self._accounts[word.person].setdefault(word.account)
        self._spoken_of[word.account].setdefault(word.person)

    def bank_of(self, account: Token) -> str | None:
        """The bank that keeps the account, if one has said so."""
        links = self._links.get(account)
        return links[0].bank if links else None

    def holds(self, account: Token, person: Token) -> bool:
        """Whether the person counts as the account's holder by now."""
        return any(link.person == person for link in self.of(account))

    def of(
        self, account: Token, *, at: datetime = FOREVER, known_at: datetime = FOREVER
    ) -> tuple[AccountLinked, ...]:
        """Everybody who counts as the account's holder, each by the link or the police's word from which they do."""
        found: dict[Token, AccountLinked] = {}
        for link in tuple(self._links.get(account, ())):
            said = self._police(account, link.person, at, known_at)
            denied = said is not None and not said.holds and said.recorded_at >= link.recorded_at
            if link.recorded_at <= known_at and not denied:
                found.setdefault(link.person, link)
        bank = self.bank_of(account)
        for person in tuple(self._spoken_of.get(account, ())):
            said = self._police(account, person, at, known_at)
            if bank is not None and said is not None and said.holds:
                named = AccountLinked(account, person, bank, said.effective, said.recorded_at)
                found.setdefault(person, named)
        return tuple(found.values())

    def accounts_of(
        self, person: Token, *, at: datetime = FOREVER, known_at: datetime = FOREVER
    ) -> tuple[AccountLinked, ...]:
        """Every account of which the person counts as a holder."""
        return tuple(
            link
            for account in tuple(self._accounts.get(person, ()))
            for link in self.of(account, at=at, known_at=known_at)
            if link.person == person
        )

    def kept_for(self, person: Token, bank: str) -> tuple[Token, ...]:
        """The bank's accounts that were ever said to be the person's."""
        linked = (link.account for link in self.links_to(person) if link.bank == bank)
        counting = (link.account for link in self.accounts_of(person) if link.bank == bank)
        return tuple(dict.fromkeys((*linked, *counting)))

    def vouched_since(
        self,
        warning: WarningListed,
        person: Token,
        bank: str,
        *,
        at: datetime = FOREVER,
        known_at: datetime = FOREVER,
    ) -> datetime | None:
        """From when ``bank`` must take the person for the holder of the warned account; None where nobody says so but others.

        By the notice itself, by a later word of the police, by the bank's own word about the other bank's account, or by
        its own link where it keeps the warned account, too.
        """
        account = warning.account
        if warning.person == person:
            return warning.effective
        said = self._police(account, person, at, known_at)
        since = [] if said is None or not said.holds else [said.effective]
        since += [
            word.effective
            for word in self._known(account, person, at, known_at)
            if word.bank == bank
            and word.holds
            and (said is None or said.holds or word.recorded_at > said.recorded_at)
        ]
        if self.bank_of(account) == bank:
            links = self.of(account, at=at, known_at=known_at)
            since += [link.effective for link in links if link.person == person]
        return min(since, default=None)

    def word_of(self, bank: str | None, account: Token, person: Token) -> HolderConfirmed | None:
        """The last word of the bank, or of the police, about an account and a person."""
        words = self._known(account, person, FOREVER, FOREVER)
        return next((word for word in reversed(tuple(words)) if word.bank == bank), None)

    def words_about(self, person: Token) -> Iterator[HolderConfirmed]:
        """Every word about the person, in order for each account."""
        for account in tuple(self._accounts.get(person, ())):
            yield from tuple(self._words.get((account, person), ()))

    def links_to(self, person: Token) -> Iterator[AccountLinked]:
        """Every link that ever named the person, counting or not."""
        for account in tuple(self._accounts.get(person, ())):
            yield from (one for one in tuple(self._links.get(account, ())) if one.person == person)

    def _known(
        self, account: Token, person: Token, at: datetime, known_at: datetime
    ) -> Iterator[HolderConfirmed]:
        for word in tuple(self._words.get((account, person), ())):
            if word.effective <= at and word.recorded_at <= known_at:
                yield word

    def _police(
        self, account: Token, person: Token, at: datetime, known_at: datetime
    ) -> HolderConfirmed | None:
        last = None
        for word in self._known(account, person, at, known_at):
            if word.bank is None:
                last = word
        return last
