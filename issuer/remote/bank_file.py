"""The sandbox's core banking: one JSON file behind the ``CoreBanking`` port.

Format (``BANK_FILE``; every name below is required unless it says optional)::

    {"version": 1,
     "bank": {"name_en", "name_zh", "lei", "bic", "bank_code", "country", "licence", "contact"},
     "officers": [{"id", "name", "person": optional, the id}],   "person" is the same for every id of one person
     "approval_limit_usd_minor": 50000000,        more than this in total needs a second officer
     "first_day": "2025-11-22",                   day of the first closing balance, Asia/Taipei
     "usd_micro": {"TWD": [31700, …]},            per currency and day: millionths of a USD for one unit; USD is known
     "customers": [{"key", "person_id", "name_latin", "name_zh", "birth_date", "nationality",
       "document": {"type", "country", "expires_on"}, "assurance_level", "customer_since",
       "password_hash": "$argon2id$…", "otp_secret": base32 (RFC 6238: SHA-1, 30 s, 6 digits),
       "accounts": [{"scheme": "TW"|"IBAN", "bank_code", "branch", "number", "kind", "currency",
                     "ownership": "sole"|"joint", "opened_on", "closing_minor": [one a day],
                     "hold_minor": optional, 0, "pledged_minor": optional, 0}]}]}

What is held or pledged is not available, on any day: since when it is, the file does not say, and a bank never states
more than there is.

All day lists have one length: as many days as there are statements. Leaves out writing: a core system of its own
would be another adapter behind the same port.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from issuer.acts import NOT_OFFICERS
from issuer.customer import AccountFigures, Bank, BankAccount, Customer, Ownership, Statement
from issuer.ports import SignInSecrets
from passport.claims import EXPONENTS
from passport.clock import Clock
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.identifiers import Bic, Country, Lei
from passport.shape_faults import told_of_json
from service.officers import Officer

_TAIPEI: Final = ZoneInfo("Asia/Taipei")
_MAX_BYTES: Final = 64 << 20
_WINDOW: Final = 28
_THREE_MONTHS: Final = 92
_SIX_MONTHS: Final = 183
_CENTS: Final = 100
_MICRO: Final = 1_000_000

Text = Annotated[str, Field(min_length=1, max_length=200)]
Minor = Annotated[int, Field(ge=0, le=2**53 - 1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BankPart(_Part):
    """The bank."""

    name_en: Text
    name_zh: Text
    lei: Text
    bic: Text
    bank_code: str
    country: Text
    licence: Text
    contact: Text


class OfficerPart(_Part):
    """An officer; the same ``person`` stands for every id that one person has."""

    id: Text
    name: Text
    person: Text | None = None


class DocumentPart(_Part):
    """An identity document."""

    type: Text
    country: Text
    expires_on: date


class AccountPart(_Part):
    """An account and a closing balance for each day."""

    scheme: Literal["TW", "IBAN"]
    bank_code: str
    branch: str
    number: Text
    kind: Text
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    ownership: Ownership
    opened_on: date
    closing_minor: tuple[Minor, ...]
    hold_minor: Minor = 0
    pledged_minor: Minor = 0


class CustomerPart(_Part):
    """A customer."""

    key: Text
    person_id: Text
    name_latin: Text
    name_zh: Text
    birth_date: date
    nationality: Text
    document: DocumentPart
    assurance_level: Text
    customer_since: date
    password_hash: Text
    otp_secret: Text
    accounts: tuple[AccountPart, ...]


class BankFile(_Part):
    """The whole file."""

    version: Literal[1]
    bank: BankPart
    officers: tuple[OfficerPart, ...]
    approval_limit_usd_minor: Minor
    first_day: date
    usd_micro: dict[str, tuple[Minor, ...]]
    customers: tuple[CustomerPart, ...]


def read_bank_file(path: Path) -> BankFile:
    """The file's content.

    Raises:
        Misconfigured: it is missing, too large or of another form; the message repeats no value.
    """
    try:
        content = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
        return BankFile.model_validate_json(content)
    except OSError as error:
        raise Misconfigured(f"core banking: cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        wrong = told_of_json(error.errors(include_url=False), content)
        raise Misconfigured(f"core banking: {path}: {wrong}") from error


class FileBank:
    """Core banking out of a file; sign-in secrets, customers, statements."""

    def __init__(self, content: BankFile, clock: Clock) -> None:
        """Check what pydantic cannot.

        Raises:
            Misconfigured: a customer or officer comes twice, a day list has another length, or a currency has no rates.
        """
        self._content = content
        self._clock = clock
        self._by_key = {one.key: one for one in content.customers}
        days = {len(a.closing_minor) for c in content.customers for a in c.accounts}
        days |= {len(rates) for rates in content.usd_micro.values()}
        officers = [one.id for one in content.officers]
        if len(set(officers)) != len(officers) or not NOT_OFFICERS.isdisjoint(officers):
            raise Misconfigured(
                "core banking: expected each officer's id once, and none that means another role"
            )
        currencies = {a.currency for c in content.customers for a in c.accounts} - {"USD"}
        if len(self._by_key) != len(content.customers):
            raise Misconfigured("core banking: expected each customer's key once")
        if len(days) > 1 or days == {0}:
            raise Misconfigured("core banking: expected one closing balance and one rate for each day")
        if not currencies <= EXPONENTS.keys():
            raise Misconfigured("core banking: expected accounts in currencies of ISO 4217")
        if not currencies <= content.usd_micro.keys():
            raise Misconfigured("core banking: expected rates for every currency but USD")
        self._days = next(iter(days), 0)
        try:
            part = content.bank
            self.bank = Bank(
                part.name_en, part.name_zh, Lei(part.lei), Bic(part.bic), part.bank_code, Country(part.country),
                part.licence, part.contact,
            )  # fmt: skip
            for customer in content.customers:
                _customer(customer)
        except Malformed as error:
            raise Misconfigured(f"core banking: {error}") from error
        self.approval_limit_usd_minor = content.approval_limit_usd_minor

    def officers(self) -> tuple[Officer, ...]:
        """Every officer."""
        return tuple(Officer(one.id, one.name, one.person or one.id) for one in self._content.officers)

    def officer(self, officer_id: str) -> Officer:
        """An officer by id.

        Raises:
            Rejected: NOT_FOUND.
        """
        for one in self.officers():
            if one.id == officer_id:
                return one
        raise Rejected(Reason.NOT_FOUND, "expected an officer of this bank")

    def customer(self, key: str) -> Customer:
        """A customer by short name.

        Raises:
            Rejected: NOT_FOUND.
        """
        return _customer(self._part(key))

    def customers(self) -> tuple[Customer, ...]:
        """Everybody."""
        return tuple(_customer(one) for one in self._content.customers)

    def secrets(self, key: str) -> SignInSecrets | None:
        """What a sign-in is checked against, or None for a stranger."""
        part = self._by_key.get(key)
        return None if part is None else SignInSecrets(part.password_hash, part.otp_secret)

    def statement(self, key: str, as_of: date | None) -> Statement:
        """The figures at the close of a day, or now.

        Raises:
            Rejected: NOT_FOUND for a stranger.
            Malformed: the bank has no statement of that day; which days it has.
        """
        part = self._part(key)
        last = self._content.first_day + timedelta(days=self._days - 1)
        day = last if as_of is None else as_of
        index = (day - self._content.first_day).days
        if not 0 <= index < self._days:
            raise Malformed(
                f"expected a day of the bank's statements, from {self._content.first_day} to {last}, got {day}"
            )
        closing = datetime.combine(day, time(23, 59, 59), _TAIPEI).astimezone(UTC)
        totals = [self._usd(part, one) for one in range(max(0, index - _SIX_MONTHS + 1), index + 1)]
        days = range(max(0, index - _WINDOW + 1), index + 1)
        available = [self._usd(part, one, available=True) for one in days]
        return Statement(
            customer=key,
            # To the hour: a shown instant that is finer would name one statement among all (T52).
            as_of=min(closing, self._clock.now().replace(minute=0, second=0, microsecond=0)),
            accounts=tuple(_figures(one, index) for one in part.accounts),
            total_usd_minor=totals[-1],
            available_usd_minor=available[-1],
            min28d_usd_minor=min(available) if len(available) == _WINDOW else 0,
            average_3m_usd_minor=_average(totals, _THREE_MONTHS),
            average_6m_usd_minor=_average(totals, _SIX_MONTHS),
            usd_micro=tuple(sorted((name, rates[index]) for name, rates in self._content.usd_micro.items())),
        )

    def _part(self, key: str) -> CustomerPart:
        part = self._by_key.get(key)
        if part is None:
            raise Rejected(Reason.NOT_FOUND, "expected a customer of this bank")
        return part

    def _usd(self, part: CustomerPart, index: int, *, available: bool = False) -> int:
        """The sum in US cents, each account rounded down: a bank never states more than there is."""
        total = 0
        for one in part.accounts:
            micro = _MICRO if one.currency == "USD" else self._content.usd_micro[one.currency][index]
            amount = _available(one, index) if available else one.closing_minor[index]
            total += amount * micro * _CENTS // (10 ** EXPONENTS[one.currency] * _MICRO)
        return total


def _average(totals: list[int], days: int) -> int | None:
    """The mean of the last days' totals, rounded down; None when the books do not go back so far."""
    return sum(totals[-days:]) // days if len(totals) >= days else None


def _figures(part: AccountPart, index: int) -> AccountFigures:
    return AccountFigures(
        _account(part), part.closing_minor[index], _available(part, index), part.pledged_minor
    )


def _available(part: AccountPart, index: int) -> int:
    return max(0, part.closing_minor[index] - part.hold_minor - part.pledged_minor)


def _account(part: AccountPart) -> BankAccount:
    return BankAccount(
        part.scheme, part.bank_code, part.branch, part.number, part.kind, part.currency, part.ownership,
        part.opened_on,
    )  # fmt: skip


def _customer(part: CustomerPart) -> Customer:
    return Customer(
        key=part.key,
        person_id=part.person_id,
        name_latin=part.name_latin,
        name_zh=part.name_zh,
        birth_date=part.birth_date,
        nationality=Country(part.nationality),
        document_type=part.document.type,
        document_country=Country(part.document.country),
        document_expires_on=part.document.expires_on,
        assurance_level=part.assurance_level,
        customer_since=part.customer_since,
        accounts=tuple(_account(one) for one in part.accounts),
    )
