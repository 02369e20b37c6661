"""What the use cases need from outside, owned here and answered by ``remote/``, ``storage/`` and other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from issuer.customer import Bank, Customer, Officer, Statement
from passport.registry import AnchorRecord, Grant, StatusRecord


@dataclass(frozen=True, slots=True)
class SignInSecrets:
    """What a customer's sign-in is checked against: an argon2id hash and a one-time-code secret (base32)."""

    password_hash: str
    otp_secret: str


class Customers(Protocol):
    """Who the customers are, and how they sign in."""

    bank: Bank

    def customer(self, key: str) -> Customer:
        """A customer by short name, or ``Rejected`` (NOT_FOUND)."""
        ...

    def customers(self) -> tuple[Customer, ...]:
        """Everybody."""
        ...

    def secrets(self, key: str) -> SignInSecrets | None:
        """What a sign-in is checked against, or None for a stranger."""
        ...


class Accounts(Protocol):
    """The bank's books, and who may approve what is drawn from them."""

    approval_limit_usd_minor: int

    def statement(self, key: str, as_of: date | None) -> Statement:
        """The figures at the close of a day or now, or ``Rejected`` (NOT_FOUND)."""
        ...

    def officer(self, officer_id: str) -> Officer:
        """An officer by id, or ``Rejected`` (NOT_FOUND)."""
        ...


class CoreBanking(Customers, Accounts, Protocol):
    """The bank's core system."""


class IssuerLedger(Protocol):
    """The ledger as one issuer uses it; every method may raise ``Unavailable`` (LEDGER_UNAVAILABLE)."""

    def grant(self, schema: bytes, at: datetime) -> Grant | None:
        """The grant under which this issuer may issue the schema at that time, if any."""
        ...

    def anchor(self, schema: bytes, grant_number: int, root: bytes, size: int) -> AnchorRecord:
        """Anchor a batch and wait until it is recorded; a root that is there already is that record."""
        ...

    def status_record(self, list_id: bytes) -> StatusRecord | None:
        """The newest published version of one of this issuer's lists."""
        ...

    def publish_status(self, list_id: bytes, commitment: bytes, version: int, fresh_until: datetime) -> None:
        """Publish a version and wait until it is recorded."""
        ...
