"""Facts that were told, and the statuses that follow from them.

Each fact has two times: ``effective``, when it was true, and ``recorded_at``, when the hub knew it. Nothing is ever
overwritten; a later fact stands beside an earlier one. Derived status is never told: it follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from passport.fraud import NoticeForm, Token, TrackKind


@dataclass(frozen=True, slots=True)
class WarningListed:
    """The police listed an account (a court or a prosecutor likewise)."""

    id: str
    notifier: str
    account: Token
    case: str
    effective: datetime
    recorded_at: datetime
    person: Token | None = None
    taint_from: datetime | None = None
    form: NoticeForm = NoticeForm.DOCUMENT
    confirms: str | None = None


@dataclass(frozen=True, slots=True)
class WarningExtended:
    """The notifier extended a warning, once, before it lapsed."""

    id: str
    notifier: str
    warning: str
    until: datetime
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class WarningLifted:
    """The notifier released the account."""

    id: str
    notifier: str
    warning: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class WarningLapsed:
    """A warning's time was over and the hub told everybody; the lapse itself follows from the warning."""

    warning: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentArrived:
    """The paper that follows a notice by phone or fax."""

    id: str
    warning: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AccountLinked:
    """A bank says that it keeps an account, and whose it is."""

    account: Token
    person: Token
    bank: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class HolderConfirmed:
    """Somebody other than the account's bank says whether the person holds it; ``bank`` is absent where the police say so.

    The police's word counts for everybody, a bank's for its own accounts alone.
    """

    id: str
    account: Token
    person: Token
    bank: str | None
    holds: bool
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CauseGone:
    """A bank verified that the cause of its customer's derived status is gone."""

    person: Token
    bank: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ImpersonationFound:
    """The account was opened under another's name; final."""

    id: str
    account: Token
    case: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AdmonitionGiven:
    """A person was admonished for handing over an account."""

    id: str
    person: Token
    case: str
    effective: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class EarmarkPlaced:
    """A notified inflow is held for 48 hours."""

    id: str
    account: Token
    case: str
    effective: datetime
    recorded_at: datetime


Fact: TypeAlias = (
    WarningListed
    | WarningExtended
    | WarningLifted
    | WarningLapsed
    | DocumentArrived
    | AccountLinked
    | HolderConfirmed
    | CauseGone
    | ImpersonationFound
    | AdmonitionGiven
    | EarmarkPlaced
)


@dataclass(frozen=True, slots=True)
class Status:
    """One track that an account or a person is on. ``ends_at`` is absent where only a person's act ends it."""

    track: TrackKind
    notice: str
    case: str
    since: datetime
    ends_at: datetime | None
    account: Token | None = None
    person: Token | None = None
    cause: Token | None = None
    """For a derived account: the warning account that it follows from."""


@dataclass(frozen=True, slots=True)
class PaperTask:
    """A phone or fax notice whose document is late: the bank asks the notifier; nothing is lifted."""

    warning: str
    account: Token
    notifier: str
    due: datetime
