"""Money as integer minor units of an ISO 4217 currency; no float decides anything.

The exponent (how many decimal digits a minor unit is) follows from the currency and is written beside it, so that a
reader needs no table; one that disagrees with the table is refused. Leaves out arithmetic between currencies: a
bank computes an equivalent and says by which rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from passport.errors import Malformed
from passport.strict_json import MAX_INTEGER, JsonObject, get_integer, get_text

_TWO_DIGITS: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
    "SOS SRD SSP STN SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
_NO_DIGITS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS: Final = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(_TWO_DIGITS.split(), 2)
    | dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
)
"""ISO 4217: the currencies in which an account can be held, with their exponents."""


def require_currency(currency: str) -> str:
    """The code, if it is one of ISO 4217.

    Raises:
        Malformed: it is not.
    """
    if currency not in EXPONENTS:
        raise Malformed("expected a currency: a code of ISO 4217")
    return currency


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount; negative for what is owed."""

    currency: str
    amount_minor: int

    def __post_init__(self) -> None:
        """Check the code, and that every JSON reader can hold the number."""
        require_currency(self.currency)
        if abs(self.amount_minor) > MAX_INTEGER:
            raise Malformed("expected an amount that every JSON reader can hold")

    @property
    def exponent(self) -> int:
        """How many decimal digits the minor unit is."""
        return EXPONENTS[self.currency]

    def __str__(self) -> str:
        """For people: ``TWD 1,234.50``."""
        sign = "-" if self.amount_minor < 0 else ""
        whole, part = divmod(abs(self.amount_minor), 10**self.exponent)
        fraction = f".{part:0{self.exponent}d}" if self.exponent else ""
        return f"{self.currency} {sign}{whole:,}{fraction}"

    def to_claim(self) -> dict[str, str | int]:
        """The claim that ``from_claim`` reads back."""
        return {"amount_minor": self.amount_minor, "currency": self.currency, "exponent": self.exponent}

    @classmethod
    def from_claim(cls, claim: JsonObject) -> Money:
        """Read an amount.

        Raises:
            Malformed: a part is missing, or the exponent is not that of the currency.
        """
        money = cls(get_text(claim, "currency"), get_integer(claim, "amount_minor"))
        if get_integer(claim, "exponent") != money.exponent:
            raise Malformed("expected the exponent that ISO 4217 gives the currency")
        return money
