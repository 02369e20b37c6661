"""The book of facts: appended to, never changed, and asked "what holds at T, as it was known at K?".

A derived status is not stored but follows: an account is derived while one of its holders has, or had, a warning on
*another* account that was in force when this account existed, until this account's bank says that the cause is gone. So an
account opened later under the exception is derived at once, and lifting the warning lifts nothing here by itself. Who
counts as a holder, and by whose word, is told in ``holders``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fraud_check.tracks.admonitions import admonition_periods
from fraud_check.tracks.calendar import end_of_business_days, years_after
from fraud_check.tracks.earmarks import earmark_released_at
from fraud_check.tracks.facts import (
    AccountLinked,
    AdmonitionGiven,
    CauseGone,
    DocumentArrived,
    EarmarkPlaced,
    Fact,
    HolderConfirmed,
    ImpersonationFound,
    PaperTask,
    Status,
    WarningExtended,
    WarningLapsed,
    WarningLifted,
    WarningListed,
)
from fraud_check.tracks.holders import FOREVER, Holders
from fraud_check.tracks.rules import TrackRules
from passport.errors import Reason, Rejected
from passport.fraud import NoticeForm, Token, TrackKind

_OF_THE_ACCOUNT = frozenset({TrackKind.WARNING, TrackKind.IMPERSONATED, TrackKind.EARMARK})
"""Tracks of which the police named the very account; the others come from a holder."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows for an account of a person from a warning on another one, as its bank must take it."""

    warning: str
    person: Token
    bank: str
    account: Token | None
    """The derived account; absent where only another bank says that the person holds the warned one: a claim."""


class TrackBook:
    """Every fact told so far. One writer; readers see only what was there when they began."""

    def __init__(self, rules: TrackRules) -> None:
        self.rules = rules
        self._warnings: dict[str, WarningListed] = {}
        self._extensions: dict[str, WarningExtended] = {}
        self._lifts: dict[str, WarningLifted] = {}
        self._lapses_told: set[str] = set()
        self._documents: dict[str, DocumentArrived] = {}
        self.holders = Holders()
        self._warnings_of_account: defaultdict[Token, list[WarningListed]] = defaultdict(list)
        self._warnings_of_person: defaultdict[Token, list[WarningListed]] = defaultdict(list)
        self._causes_gone: defaultdict[tuple[Token, str], list[CauseGone]] = defaultdict(list)
        self._impersonations: defaultdict[Token, list[ImpersonationFound]] = defaultdict(list)
        self._admonitions: defaultdict[Token, list[AdmonitionGiven]] = defaultdict(list)
        self._earmarks: defaultdict[Token, list[EarmarkPlaced]] = defaultdict(list)

    # --- telling -----------------------------------------------------------------------------------------------

    def check(self, fact: Fact) -> None:
        """Refuse a fact that the rules do not allow now; changes nothing.

        Raises:
            Rejected: NOT_FOUND, NOT_AUTHORISED (not the original notifier) or CONFLICT.
        """
        match fact:
            case WarningExtended():
                self._check_extension(fact)
            case WarningLifted():
                warning = self._own_warning(fact.warning, fact.notifier)
                if fact.warning in self._lifts:
                    raise Rejected(Reason.CONFLICT, "expected a warning that was not lifted before")
                if fact.effective < warning.effective:
                    raise Rejected(Reason.CONFLICT, "expected a lift after the warning began")
            case DocumentArrived():
                self._warning(fact.warning)
            case CauseGone():
                self._check_cause_gone(fact)
            case HolderConfirmed():
                self._check_word(fact)
            case AccountLinked():
                if self.bank_of(fact.account) not in {None, fact.bank}:
                    raise Rejected(Reason.NOT_AUTHORISED, "expected an account that no other bank keeps")
            case _:
                pass

    def tell(self, fact: Fact) -> None:
        """Add a fact.

        Raises:
            Rejected: as ``check``; nothing is added.
        """
        self.check(fact)
        self._add(fact)

    def _add(self, fact: Fact) -> None:  # noqa: C901 - one arm for each kind of fact
        match fact:
            case WarningListed():
                self._warnings[fact.id] = fact
                self._warnings_of_account[fact.account].append(fact)
                for person in self._named_by(fact):
                    self._warnings_of_person[person].append(fact)
            case WarningExtended():
                self._extensions[fact.warning] = fact
            case WarningLifted():
                self._lifts[fact.warning] = fact
            case WarningLapsed():
                self._lapses_told.add(fact.warning)
            case DocumentArrived():
                self._documents.setdefault(fact.warning, fact)
            case AccountLinked():
                self.holders.link(fact)
                self._warned_of(fact.account, fact.person)
            case HolderConfirmed():
                self.holders.hear(fact)
                self._warned_of(fact.account, fact.person)
            case CauseGone():
                self._causes_gone[fact.person, fact.bank].append(fact)
            case ImpersonationFound():
                self._impersonations[fact.account].append(fact)
            case AdmonitionGiven():
                self._admonitions[fact.person].append(fact)
            case EarmarkPlaced():
                self._earmarks[fact.account].append(fact)

    # --- asking ------------------------------------------------------------------------------------------------

    def bank_of(self, account: Token) -> str | None:
        """The bank that keeps the account, if one has said so."""
        return self.holders.bank_of(account)

    def accounts_of(self, person: Token) -> tuple[AccountLinked, ...]:
        """Every account of which the person counts as a holder."""
        return self.holders.accounts_of(person)

    def warning(self, notice: str) -> WarningListed | None:
        """A warning by its notice."""
        return self._warnings.get(notice)

    def warnings(self) -> tuple[WarningListed, ...]:
        """Every warning ever listed, in order of listing."""
        return tuple(self._warnings.values())

    def warnings_of_account(self, account: Token) -> tuple[WarningListed, ...]:
        """Every warning ever listed on the account."""
        return tuple(self._warnings_of_account.get(account, ()))

    def warnings_of_person(self, person: Token) -> tuple[WarningListed, ...]:
        """Every warning ever listed on an account of the person, as far as the holder is known."""
        return tuple(self._warnings_of_person.get(person, ()))

    def holder_unclear(self, warning: WarningListed) -> bool:
        """Whether the account's bank and the notice name different holders."""
        return len(self._named_by(warning)) > 1

    def consequences(self, person: Token, *, at: datetime) -> tuple[Consequence, ...]:
        """What follows at ``at`` for every account of the person from warnings on others; each once."""
        found: dict[Consequence, None] = {}
        for link in self.accounts_of(person):
            for status in self._derived(link, at, FOREVER):
                found[Consequence(status.notice, person, link.bank, link.account)] = None
            for warning, _ in self._known_in_force(self.warnings_of_person(person), at, FOREVER):
                if self._claimed(warning, person, link.bank):
                    found[Consequence(warning.id, person, link.bank, None)] = None
        return tuple(found)

    def supposing(self, facts: Iterable[Fact], persons: Iterable[Token]) -> TrackBook:
        """A small book of what is known of these persons, with the facts added: what would follow from them?"""
        told = TrackBook(self.rules)
        added = tuple(facts)
        linked = {fact.account for fact in added if isinstance(fact, AccountLinked | HolderConfirmed)}
        warnings = {one.id: one for account in linked for one in self.warnings_of_account(account)}
        known: list[Fact] = []
        for person in persons:
            known += [*self.holders.links_to(person), *self.holders.words_about(person)]
            warnings.update({one.id: one for one in self.warnings_of_person(person)})
            known += self._admonitions.get(person, ())
            kept = (*self.holders.links_to(person), *self.accounts_of(person))
            for bank in dict.fromkeys(link.bank for link in kept):
                known += self._causes_gone.get((person, bank), ())
        for id_ in warnings:
            known += [one for one in (self._extensions.get(id_), self._lifts.get(id_)) if one is not None]
        for fact in (*known, *warnings.values(), *added):
            told._add(fact)
        return told

    def warning_ends_at(self, warning: WarningListed, known_at: datetime = FOREVER) -> datetime:
        """When the warning ends: by lapse after two years, by its extension, or when it was lifted."""
        end = years_after(warning.effective, self.rules.warning_years)
        extension = self._extensions.get(warning.id)
        if extension is not None and extension.recorded_at <= known_at:
            end = extension.until
        lift = self._lifts.get(warning.id)
        if lift is not None and lift.recorded_at <= known_at:
            end = min(end, lift.effective)
        return end

    def lapses_to_tell(self, *, at: datetime) -> tuple[WarningListed, ...]:
        """Warnings whose time is over, which nobody lifted, and of which nobody was told yet."""
        return tuple(
            warning
            for warning in self._warnings.values()
            if warning.id not in self._lapses_told
            and warning.id not in self._lifts
            and self.warning_ends_at(warning) <= at
        )

    def taint_starts_at(self, warning: WarningListed) -> datetime:
        """The earliest defrauded inflow that the notice names, else 30 days before it; never the notice itself."""
        return warning.taint_from or warning.effective - self.rules.taint_reaches_back

    def statuses_of_account(
        self, account: Token, *, at: datetime, known_at: datetime = FOREVER
    ) -> tuple[Status, ...]:
        """Every track that the account is on at ``at``, as far as was known at ``known_at``; its holder's too."""
        found = [*self._warned(account, at, known_at), *self._earmarked(account, at, known_at)]
        found.extend(
            Status(TrackKind.IMPERSONATED, one.id, one.case, one.effective, None, account=account)
            for one in self._impersonations.get(account, ())
            if one.recorded_at <= known_at and one.effective <= at
        )
        for link in self.holders.of(account, at=at, known_at=known_at):
            found.extend(self._derived(link, at, known_at))
            found.extend(self._admonished(link.person, at, known_at))
        return tuple(dict.fromkeys(found))

    def statuses_of_person(
        self, person: Token, *, at: datetime, known_at: datetime = FOREVER, bank: str | None = None
    ) -> tuple[Status, ...]:
        """Every track that the person or any account of the person is on; each once.

        Of the person are the bank's own accounts so linked and those by the police's word or this bank's. With no bank
        named, whatever any bank says: that is for looking on, and no ground for a verdict.
        """
        found = dict.fromkeys(self._admonished(person, at, known_at))
        links = self.holders.accounts_of(person, at=at, known_at=known_at)
        accounts = {link.account for link in links if bank in {None, link.bank}}
        accounts |= {
            warning.account
            for warning in self.warnings_of_person(person)
            if warning.recorded_at <= known_at
            and (bank is None or self._vouched(warning, person, bank, at, known_at) is not None)
        }
        for account in sorted(accounts):
            for status in self.statuses_of_account(account, at=at, known_at=known_at):
                # What an account has from another holder is no track of this person's.
                if status.track in _OF_THE_ACCOUNT or status.person == person:
                    found[status] = None
        return tuple(found)

    def paper_tasks(self, *, at: datetime) -> tuple[PaperTask, ...]:
        """Phone and fax notices in force whose document is late."""
        tasks = []
        for warning in self._warnings.values():
            if warning.form is NoticeForm.DOCUMENT or self.warning_ends_at(warning) <= at:
                continue
            due = end_of_business_days(
                warning.effective, self.rules.document_business_days, self.rules.holidays
            )
            document = self._documents.get(warning.id)
            if due <= at and (document is None or document.effective > at):
                tasks.append(PaperTask(warning.id, warning.account, warning.notifier, due))
        return tuple(tasks)

    # --- inside ------------------------------------------------------------------------------------------------

    def _warning(self, notice: str) -> WarningListed:
        warning = self._warnings.get(notice)
        if warning is None:
            raise Rejected(Reason.NOT_FOUND, "expected the notice of a warning")
        return warning

    def _own_warning(self, notice: str, notifier: str) -> WarningListed:
        warning = self._warning(notice)
        if warning.notifier != notifier:
            raise Rejected(Reason.NOT_AUTHORISED, "expected the original notifier of this warning")
        return warning

    def _check_extension(self, fact: WarningExtended) -> None:
        warning = self._own_warning(fact.warning, fact.notifier)
        if fact.warning in self._extensions:
            raise Rejected(
                Reason.CONFLICT, "expected a warning that was not extended before: once is the rule"
            )
        lapse = years_after(warning.effective, self.rules.warning_years)
        # Both times count: an extension cannot be dated back to before a lapse that has already happened.
        if fact.effective >= lapse or fact.recorded_at >= lapse or fact.warning in self._lifts:
            raise Rejected(Reason.CONFLICT, "expected a warning that is still in force")
        if not lapse < fact.until <= years_after(lapse, self.rules.extension_years):
            raise Rejected(Reason.CONFLICT, "expected an extension by at most one year")

    def _check_cause_gone(self, fact: CauseGone) -> None:
        if not self.holders.kept_for(fact.person, fact.bank):
            raise Rejected(Reason.NOT_AUTHORISED, "expected a person who is this bank's customer")
        for warning in self.warnings_of_person(fact.person):
            counts = self._vouched(warning, fact.person, fact.bank, fact.effective, FOREVER) is not None
            if counts and warning.effective <= fact.effective < self.warning_ends_at(warning):
                raise Rejected(Reason.CONFLICT, "expected that no warning of the person is in force any more")

    def _check_word(self, fact: HolderConfirmed) -> None:
        """A bank takes back no confirmation: its customer's restriction would end by its word alone."""
        said = self.holders.word_of(fact.bank, fact.account, fact.person)
        if fact.bank is not None and said is not None and said.holds and not fact.holds:
            raise Rejected(Reason.CONFLICT, "expected the police to correct what this bank has confirmed")

    def _named_by(self, warning: WarningListed) -> tuple[Token, ...]:
        """Whom the account's bank and the notice name."""
        named = (*(link.person for link in self.holders.of(warning.account)), warning.person)
        return tuple(dict.fromkeys(person for person in named if person is not None))

    def _warned_of(self, account: Token, person: Token) -> None:
        for warning in self.warnings_of_account(account):
            if warning not in self._warnings_of_person[person]:
                self._warnings_of_person[person].append(warning)

    def _vouched(
        self, warning: WarningListed, person: Token, bank: str, at: datetime, known_at: datetime
    ) -> datetime | None:
        return self.holders.vouched_since(warning, person, bank, at=at, known_at=known_at)

    def _claimed(self, warning: WarningListed, person: Token, bank: str) -> bool:
        """Whether only another bank says that the person holds the warned account, and ``bank`` has not denied it."""
        if not self.holders.holds(warning.account, person):
            return False
        said = self.holders.word_of(bank, warning.account, person)
        vouched = self.holders.vouched_since(warning, person, bank) is not None
        return not vouched and (said is None or said.holds)

    def _known_in_force(
        self, warnings: Iterable[WarningListed], at: datetime, known_at: datetime
    ) -> Iterable[tuple[WarningListed, datetime]]:
        for warning in tuple(warnings):
            end = self.warning_ends_at(warning, known_at)
            if warning.recorded_at <= known_at and warning.effective <= at < end:
                yield warning, end

    def _warned(self, account: Token, at: datetime, known_at: datetime) -> Iterable[Status]:
        for warning, end in self._known_in_force(self._warnings_of_account.get(account, ()), at, known_at):
            yield Status(
                TrackKind.WARNING, warning.id, warning.case, warning.effective, end, account, warning.person
            )

    def _derived(self, link: AccountLinked, at: datetime, known_at: datetime) -> Iterable[Status]:
        gone = [
            one.effective
            for one in self._causes_gone.get((link.person, link.bank), ())
            if one.recorded_at <= known_at and one.effective <= at
        ]
        for warning in self.warnings_of_person(link.person):
            vouched = self._vouched(warning, link.person, link.bank, at, known_at)
            if warning.account == link.account or warning.recorded_at > known_at or vouched is None:
                continue
            since = max(warning.effective, link.effective, vouched)
            ended = since >= self.warning_ends_at(warning, known_at) or any(one >= since for one in gone)
            if since <= at and not ended:
                yield Status(
                    TrackKind.DERIVED,
                    warning.id,
                    warning.case,
                    since,
                    None,
                    link.account,
                    link.person,
                    warning.account,
                )

    def _admonished(self, person: Token, at: datetime, known_at: datetime) -> Iterable[Status]:
        known = [one for one in self._admonitions.get(person, ()) if one.recorded_at <= known_at]
        for period in admonition_periods(known, self.rules.admonition_years):
            if period.since <= at < period.until:
                yield Status(
                    TrackKind.ADMONITION,
                    period.notice.id,
                    period.notice.case,
                    period.since,
                    period.until,
                    person=person,
                )

    def _earmarked(self, account: Token, at: datetime, known_at: datetime) -> Iterable[Status]:
        for one in tuple(self._earmarks.get(account, ())):
            end = earmark_released_at(one.effective, self.rules)
            if one.recorded_at <= known_at and one.effective <= at < end:
                yield Status(TrackKind.EARMARK, one.id, one.case, one.effective, end, account)
