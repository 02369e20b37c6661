"""The book of facts: appended to, never changed, and asked "what holds at T, as it was known at K?".

A derived status is not stored but follows: an account is derived while its holder has, or had, a warning on *another*
account that was in force when this account existed, until this account's bank says that the cause is gone. So an
account opened later under the exception is derived at once, and lifting the warning lifts nothing here by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

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
    ImpersonationFound,
    PaperTask,
    Status,
    WarningExtended,
    WarningLapsed,
    WarningLifted,
    WarningListed,
)
from fraud_check.tracks.rules import TrackRules
from passport.errors import Reason, Rejected
from passport.fraud import NoticeForm, Token, TrackKind

FOREVER = datetime.max.replace(tzinfo=UTC)


class TrackBook:
    """Every fact told so far. One writer; readers see only what was there when they began."""

    def __init__(self, rules: TrackRules) -> None:
        self.rules = rules
        self._warnings: dict[str, WarningListed] = {}
        self._extensions: dict[str, WarningExtended] = {}
        self._lifts: dict[str, WarningLifted] = {}
        self._lapses_told: set[str] = set()
        self._documents: dict[str, DocumentArrived] = {}
        self._links: dict[Token, AccountLinked] = {}
        self._warnings_of_account: defaultdict[Token, list[WarningListed]] = defaultdict(list)
        self._warnings_of_person: defaultdict[Token, list[WarningListed]] = defaultdict(list)
        self._accounts_of_person: defaultdict[Token, list[AccountLinked]] = defaultdict(list)
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
            case AccountLinked():
                known = self._links.get(fact.account)
                if known is not None and known.bank != fact.bank:
                    raise Rejected(Reason.NOT_AUTHORISED, "expected an account that no other bank keeps")
            case _:
                pass

    def tell(self, fact: Fact) -> None:  # noqa: C901 - one arm for each kind of fact
        """Add a fact.

        Raises:
            Rejected: as ``check``; nothing is added.
        """
        self.check(fact)
        match fact:
            case WarningListed():
                self._warnings[fact.id] = fact
                self._warnings_of_account[fact.account].append(fact)
                for person in self._holders_of(fact):
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
                self._link(fact)
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
        link = self._links.get(account)
        return None if link is None else link.bank

    def person_of(self, account: Token) -> Token | None:
        """The account's holder, if its bank has said so."""
        link = self._links.get(account)
        return None if link is None else link.person

    def accounts_of(self, person: Token) -> tuple[AccountLinked, ...]:
        """Every account that a bank linked to the person."""
        return tuple(self._accounts_of_person[person]) if person in self._accounts_of_person else ()

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
        return len(self._holders_of(warning)) > 1

    def accounts_that_follow(self, warning: WarningListed) -> tuple[AccountLinked, ...]:
        """Every other account of whoever the account's bank or the notice names as the holder; each once."""
        linked = (one for person in self._holders_of(warning) for one in self.accounts_of(person))
        return tuple({one.account: one for one in linked if one.account != warning.account}.values())

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
        link = self._links.get(account)
        if link is not None and link.recorded_at <= known_at:
            found.extend(self._derived(link, at, known_at))
            found.extend(self._admonished(link.person, at, known_at))
        return tuple(found)

    def statuses_of_person(
        self, person: Token, *, at: datetime, known_at: datetime = FOREVER
    ) -> tuple[Status, ...]:
        """Every track that the person or any account of the person is on; each once."""
        found = dict.fromkeys(self._admonished(person, at, known_at))
        accounts = {link.account for link in self.accounts_of(person)}
        accounts |= {warning.account for warning in self._warnings_of_person.get(person, ())}
        for account in sorted(accounts):
            found.update(dict.fromkeys(self.statuses_of_account(account, at=at, known_at=known_at)))
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
        if not any(link.bank == fact.bank for link in self.accounts_of(fact.person)):
            raise Rejected(Reason.NOT_AUTHORISED, "expected a person who is this bank's customer")
        for warning in self._warnings_of_person.get(fact.person, ()):
            if warning.effective <= fact.effective < self.warning_ends_at(warning):
                raise Rejected(Reason.CONFLICT, "expected that no warning of the person is in force any more")

    def _holders_of(self, warning: WarningListed) -> tuple[Token, ...]:
        """Whom the account's bank and the notice name. Where they differ both count, until a person has looked."""
        named = (self.person_of(warning.account), warning.person)
        return tuple(dict.fromkeys(person for person in named if person is not None))

    def _link(self, fact: AccountLinked) -> None:
        known = self._links.get(fact.account)
        if known is not None and known.person == fact.person:
            return
        self._links[fact.account] = fact
        self._accounts_of_person[fact.person].append(fact)
        if known is not None:
            self._accounts_of_person[known.person].remove(known)
        for warning in self._warnings_of_account.get(fact.account, ()):
            if warning not in self._warnings_of_person[fact.person]:
                self._warnings_of_person[fact.person].append(warning)

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
        for warning in tuple(self._warnings_of_person.get(link.person, ())):
            since = max(warning.effective, link.effective)
            if warning.account == link.account or warning.recorded_at > known_at or since > at:
                continue
            if since >= self.warning_ends_at(warning, known_at) or any(one >= since for one in gone):
                continue
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
