"""One account as it stands in a credential (domain section 5): masked, and its figures disclosable one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from passport.claims.money import Money, require_currency
from passport.claims.parties import require_text, shown_or_decoy
from passport.claims.times import rfc3339
from passport.disclosable import ClaimTree, Disclosable
from passport.errors import Malformed

MAX_CLEAR_CHARACTERS = 4


class AccountScheme(StrEnum):
    """How an account is numbered. Taiwan has no IBAN: bank code, branch and number."""

    IBAN = "IBAN"
    TW = "TW"


class Ownership(StrEnum):
    """Whose it is."""

    SOLE = "sole"
    JOINT = "joint"


def require_masked(masked: str) -> None:
    """Refuse an account number that shows more than its last four characters.

    Raises:
        Malformed: it does.
    """
    clear = masked.lstrip("*")
    if masked == clear or not 0 < len(clear) <= MAX_CLEAR_CHARACTERS:
        raise Malformed(
            f"expected a masked account number with at most {MAX_CLEAR_CHARACTERS} characters in clear"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its balance as of the proof's instant."""

    scheme: AccountScheme
    masked_number: str
    type: str
    currency: str
    ownership: Ownership
    opened_on: date
    balance: Money
    available: Money
    average_3m: Money | None = None
    average_6m: Money | None = None
    min28d: Money | None = None
    held_until: datetime | None = None

    def __post_init__(self) -> None:
        """Masked; one currency throughout."""
        require_masked(self.masked_number)
        require_text("account type", self.type)
        require_currency(self.currency)
        amounts = (self.balance, self.available, self.average_3m, self.average_6m, self.min28d)
        if any(money is not None and money.currency != self.currency for money in amounts):
            raise Malformed("expected all figures of an account in its currency")

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The account: what it is, and each figure to be shown by itself."""
        return {
            "scheme": self.scheme.value,
            "masked_number": self.masked_number,
            "type": self.type,
            "currency": self.currency,
            "ownership": self.ownership.value,
            "opened_on": self.opened_on.isoformat(),
            "balance": Disclosable(self.balance.to_claim()),
            "available": Disclosable(self.available.to_claim()),
            "average_3m": _money(self.average_3m),
            "average_6m": _money(self.average_6m),
            "min28d": _money(self.min28d),
            "held_until": shown_or_decoy(None if self.held_until is None else rfc3339(self.held_until)),
        }


def _money(money: Money | None) -> ClaimTree:
    return shown_or_decoy(None if money is None else money.to_claim())
