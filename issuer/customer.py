"""What the bank knows about its customers: the values of its core banking, valid from birth.

Money is integer minor units with an ISO 4217 code. A statement is figures as of an instant; its digest is the evidence
of journey step 5. Leaves out what a credential says: ``issuer.claims_of`` turns these into that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from passport import strict_json
from passport.identifiers import Bic, Country, Lei

_SHOWN: Final = 4


def masked(number: str) -> str:
    """An account number with all but its last four characters hidden."""
    return f"{'*' * max(0, len(number) - _SHOWN)}{number[-_SHOWN:]}"


class Ownership(StrEnum):
    """Whether an account has one owner."""

    SOLE = "sole"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Bank:
    """The bank as its letters name it."""

    name_en: str
    name_zh: str
    lei: Lei
    bic: Bic
    bank_code: str
    country: Country
    licence: str
    contact: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    """One account of a customer. Taiwan has no IBAN: scheme ``TW`` is bank code, branch and number."""

    scheme: str
    bank_code: str
    branch: str
    number: str
    kind: str
    currency: str
    ownership: Ownership
    opened_on: date

    @property
    def canonical(self) -> str:
        """The text that becomes a token at the hub (design section 9)."""
        return self.number if self.scheme == "IBAN" else f"TW:{self.bank_code}:{self.branch}:{self.number}"

    @property
    def masked(self) -> str:
        """The number with all but its last four characters hidden."""
        return masked(self.number)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, and the document by which the bank identified them."""

    key: str
    person_id: str
    name_latin: str
    name_zh: str
    birth_date: date
    nationality: Country
    document_type: str
    document_country: Country
    document_expires_on: date
    assurance_level: str
    customer_since: date
    accounts: tuple[BankAccount, ...]


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """One account on a day."""

    account: BankAccount
    balance_minor: int
    available_minor: int
    """Neither held nor pledged."""
    pledged_minor: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """All accounts of a customer as of an instant, and their sum in US dollars."""

    customer: str
    as_of: datetime
    accounts: tuple[AccountFigures, ...]
    total_usd_minor: int
    min28d_usd_minor: int
    """The least that was available at the close of any of the last 28 days."""
    average_3m_usd_minor: int | None
    average_6m_usd_minor: int | None
    usd_micro: tuple[tuple[str, int], ...]
    """Per currency: millionths of a US dollar that one unit was worth."""
    available_usd_minor: int = 0
    """What of the total is neither held nor pledged; nothing in what was kept before this was known."""

    def digest(self) -> bytes:
        """SHA-256 over the canonical JSON of every figure: what the officer approved, and nothing else."""
        return hashlib.sha256(
            strict_json.canonical(
                {
                    "customer": self.customer,
                    "as_of": self.as_of.isoformat(),
                    "accounts": [
                        [one.account.canonical, one.account.currency, one.balance_minor, one.available_minor]
                        for one in self.accounts
                    ],
                    "total_usd_minor": self.total_usd_minor,
                    "available_usd_minor": self.available_usd_minor,
                    "min28d_usd_minor": self.min28d_usd_minor,
                    "average_3m_usd_minor": self.average_3m_usd_minor,
                    "average_6m_usd_minor": self.average_6m_usd_minor,
                    "usd_micro": [list(rate) for rate in self.usd_micro],
                }
            )
        ).digest()
