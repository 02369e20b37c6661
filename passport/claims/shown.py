"""Claims as a verifier gets them: whatever was shown, typed; whatever was hidden, absent.

``read`` takes the processed claims of a verified presentation and refuses values of a wrong form; members of other
claims are ignored. Leaves out what is enough: that is the verifier's policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from passport.claims.accounts import AccountScheme, Ownership
from passport.claims.identity import AssuranceLevel, DocumentType
from passport.claims.money import EXPONENTS, Money
from passport.claims.proof_of_funds import ACCOUNT_SLOTS, FundsKind
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Vct
from passport.messages import Message
from passport.strict_json import MAX_INTEGER

Rungs = dict[str, bool]


class ShownMoney(Message):
    """An amount, whole as it was disclosed."""

    amount_minor: Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]
    currency: str
    exponent: int

    @model_validator(mode="after")
    def _agree_with_iso_4217(self) -> Self:
        """The exponent is that of the currency."""
        if EXPONENTS.get(self.currency) != self.exponent:
            raise ValueError("expected an ISO 4217 currency with its exponent")
        return self

    @property
    def money(self) -> Money:
        """The value."""
        return Money(self.currency, self.amount_minor)


class ShownIssuer(Message):
    """What was shown about the bank."""

    legal_name_en: str | None = None
    legal_name_zh: str | None = None
    lei: str | None = None
    bic: str | None = None
    bank_code: str | None = None
    country: str | None = None
    licence: str | None = None
    contact: str | None = None
    officer: str | None = None


class ShownHolder(Message):
    """What was shown about the customer."""

    name_latin: str | None = None
    name_chinese: str | None = None
    birth_date: date | None = None
    nationality: str | None = None
    customer_since: date | None = None


class ShownAccount(Message):
    """What was shown about one account of a proof of funds."""

    scheme: AccountScheme
    masked_number: str
    type: str
    currency: str
    ownership: Ownership
    opened_on: date
    balance: ShownMoney | None = None
    available: ShownMoney | None = None
    average_3m: ShownMoney | None = None
    average_6m: ShownMoney | None = None
    min28d: ShownMoney | None = None
    held_until: AwareDatetime | None = None


class ShownEquivalent(Message):
    """A total in one currency, and how it was computed."""

    money: ShownMoney
    rates: dict[str, str]
    source: str
    at: AwareDatetime


class ShownTotals(Message):
    """What was shown of the totals."""

    by_currency: tuple[ShownMoney, ...] | None = None
    equivalent: ShownEquivalent | None = None


class ShownAverages(Message):
    """What was shown of the figures over time."""

    months_3: ShownMoney | None = None
    months_6: ShownMoney | None = None
    min28d: ShownMoney | None = None


class ShownThresholds(Message):
    """The rungs that were shown. Only true ones are ever issued; ``false`` is for nobody to rely on."""

    total: Rungs = Field(default_factory=dict)
    min28d: Rungs = Field(default_factory=dict)
    account_age: Rungs = Field(default_factory=dict)

    def met(self, ladder: str, rung: str) -> bool:
        """Whether a rung was shown to be met; absent and false are the same."""
        rungs: Mapping[str, bool] = {
            "total": self.total,
            "min28d": self.min28d,
            "account_age": self.account_age,
        }.get(ladder, {})
        return rungs.get(rung) is True


class ShownProofOfFunds(Message):
    """A proof of funds as presented."""

    kind: FundsKind | None = None
    as_of: AwareDatetime | None = None
    issuer: ShownIssuer = ShownIssuer()
    holder: ShownHolder = ShownHolder()
    accounts: Annotated[tuple[ShownAccount, ...], Field(max_length=ACCOUNT_SLOTS)] = ()
    any_joint: bool | None = None
    totals: ShownTotals = ShownTotals()
    thresholds: ShownThresholds = ShownThresholds()
    averages: ShownAverages = ShownAverages()
    held_until: AwareDatetime | None = None
    encumbrance: str | None = None
    source_of_funds: str | None = None
    liabilities: ShownMoney | None = None


class ShownDocument(Message):
    """What was shown about the document."""

    type: DocumentType | None = None
    issuing_country: str | None = None
    expiry: date | None = None


class ShownIdentity(Message):
    """An identity as presented."""

    issuer: ShownIssuer = ShownIssuer()
    name_latin: str | None = None
    name_chinese: str | None = None
    birth_date: date | None = None
    nationality: str | None = None
    document: ShownDocument = ShownDocument()
    assurance_level: AssuranceLevel | None = None


class ShownOwnedAccount(Message):
    """What was shown about an owned account."""

    scheme: AccountScheme | None = None
    masked_number: str | None = None
    currency: str | None = None
    ownership: Ownership | None = None
    opened_on: date | None = None


class ShownAccountOwnership(Message):
    """An account ownership as presented."""

    issuer: ShownIssuer = ShownIssuer()
    account: ShownOwnedAccount = ShownOwnedAccount()


SHOWN: Mapping[Vct, type[ShownProofOfFunds | ShownIdentity | ShownAccountOwnership]] = {
    PROOF_OF_FUNDS: ShownProofOfFunds,
    PASSPORT_IDENTITY: ShownIdentity,
    ACCOUNT_OWNERSHIP: ShownAccountOwnership,
}
"""Which form the claims of a credential type have."""
