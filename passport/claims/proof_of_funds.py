"""Proof of funds: what a bank states that a customer holds, as of an instant (domain section 5).

The shape is the same whoever the holder is: absent claims, missing accounts and thresholds that are not met are
decoys, so neither the signed payload nor any disclosure tells how many there are. Leaves out how figures are
computed, and the open claims of a copy (``passport.credential``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from passport.claims.accounts import Account, Ownership
from passport.claims.money import Money
from passport.claims.parties import HolderParty, IssuerParty, require_text, shown_or_decoy
from passport.claims.thresholds import Thresholds
from passport.claims.times import rfc3339
from passport.disclosable import DECOY, ClaimTree, Disclosable
from passport.errors import Malformed

ACCOUNT_SLOTS: Final = 8
"""How many accounts a proof has room for; empty places are decoys."""


class FundsKind(StrEnum):
    """What the bank states."""

    POINT_IN_TIME = "point_in_time"
    HELD = "held"
    """The money is on hold until a date."""
    HISTORICAL = "historical"
    """With averages over 3 and 6 months and the minimum over 28 consecutive days."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A total in one currency, and how it was computed."""

    money: Money
    rates: tuple[tuple[str, str], ...]
    """Per currency, what one major unit was worth, as decimal text."""
    source: str
    at: datetime

    def to_claim(self) -> dict[str, ClaimTree]:
        """The claim; the rate's text is kept as given, since no float decides anything."""
        return {
            "money": self.money.to_claim(),
            "rates": dict(self.rates),
            "source": self.source,
            "at": rfc3339(self.at),
        }


@dataclass(frozen=True, slots=True)
class Averages:
    """Figures over time, in the equivalent's currency."""

    months_3: Money
    months_6: Money
    min28d: Money

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """Each figure by itself."""
        return {
            "months_3": Disclosable(self.months_3.to_claim()),
            "months_6": Disclosable(self.months_6.to_claim()),
            "min28d": Disclosable(self.min28d.to_claim()),
        }


@dataclass(frozen=True, slots=True)
class ProofOfFunds:
    """All claims of a proof of funds except the open ones of a copy."""

    kind: FundsKind
    as_of: datetime
    issuer: IssuerParty
    holder: HolderParty
    accounts: tuple[Account, ...]
    totals: tuple[Money, ...]
    equivalent: Equivalent
    thresholds: Thresholds
    averages: Averages | None = None
    held_until: datetime | None = None
    encumbrance: str | None = None
    source_of_funds: str | None = None
    liabilities: Money | None = None

    def __post_init__(self) -> None:
        """What the kind needs is there; accounts fit their slots; totals are one a currency."""
        if not 0 < len(self.accounts) <= ACCOUNT_SLOTS:
            raise Malformed(
                f"proof of funds: expected 1 to {ACCOUNT_SLOTS} accounts, got {len(self.accounts)}"
            )
        currencies = [money.currency for money in self.totals]
        if sorted(currencies) != sorted({account.currency for account in self.accounts}):
            raise Malformed("proof of funds: expected one total for each currency of its accounts")
        if (self.kind is FundsKind.HELD) != (self.held_until is not None):
            raise Malformed("proof of funds: expected held_until with kind held, and only there")
        if self.held_until is not None and self.held_until <= self.as_of:
            raise Malformed("proof of funds: expected a hold that ends after the instant of the figures")
        if self.kind is FundsKind.HISTORICAL and self.averages is None:
            raise Malformed("proof of funds: expected averages with kind historical")
        require_text("encumbrance", self.encumbrance)
        require_text("source_of_funds", self.source_of_funds)

    @property
    def any_joint(self) -> bool:
        """Whether somebody else may dispose of part of the money."""
        return any(account.ownership is Ownership.JOINT for account in self.accounts)

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The claims to sign beside a copy's open ones; every one of them can be shown or hidden."""
        slots: list[ClaimTree] = [Disclosable(account.to_sd_claims()) for account in self.accounts]
        slots += [DECOY] * (ACCOUNT_SLOTS - len(slots))
        return {
            "kind": Disclosable(self.kind.value),
            "as_of": Disclosable(rfc3339(self.as_of)),
            "issuer": Disclosable(self.issuer.to_sd_claims()),
            "holder": Disclosable(self.holder.to_sd_claims()),
            "accounts": Disclosable(slots),
            "any_joint": Disclosable(self.any_joint),
            "totals": Disclosable(
                {
                    "by_currency": Disclosable([money.to_claim() for money in self.totals]),
                    "equivalent": Disclosable(self.equivalent.to_claim()),
                }
            ),
            "thresholds": Disclosable(self.thresholds.to_sd_claims()),
            "averages": shown_or_decoy(None if self.averages is None else self.averages.to_sd_claims()),
            "held_until": shown_or_decoy(None if self.held_until is None else rfc3339(self.held_until)),
            "encumbrance": shown_or_decoy(self.encumbrance),
            "source_of_funds": shown_or_decoy(self.source_of_funds),
            "liabilities": shown_or_decoy(None if self.liabilities is None else self.liabilities.to_claim()),
        }
