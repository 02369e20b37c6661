"""Thresholds: what lets a verifier learn "at least 50k" and nothing else (domain section 5, design section 9).

They count what the holder can dispose of: what is held or pledged is in the balance, and no verifier could tell it from
the rest. Only true ones are issued, each disclosable by itself; where one is not met a decoy stands, so that the number of
digests is the same whoever the holder is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from passport.disclosable import DECOY, ClaimTree, Disclosable
from passport.errors import Malformed

_USD_CENTS: Final = 100

USD_LADDER: Final[Mapping[str, int]] = MappingProxyType(
    {
        f"usd_{dollars}": dollars * _USD_CENTS
        for dollars in (10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
    }
)
"""Rung to US cents: the fixed ladder, in dollar equivalents."""

AGE_LADDER: Final[Mapping[str, int]] = MappingProxyType({f"years_{years}": years for years in (1, 2, 5, 10)})
"""Rung to full years since the oldest account was opened."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The rungs that are met: by what is available now, by the least of it in 28 days, by the oldest account's age."""

    total: frozenset[str] = frozenset()
    min28d: frozenset[str] = frozenset()
    account_age: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Rungs of the fixed ladders, and whoever meets one meets all below it."""
        _require_rungs(self.total, USD_LADDER)
        _require_rungs(self.min28d, USD_LADDER)
        _require_rungs(self.account_age, AGE_LADDER)

    @classmethod
    def met_by(
        cls, *, total_usd_minor: int, min28d_usd_minor: int | None, oldest_opened_on: date, as_of: date
    ) -> Thresholds:
        """The rungs that these figures meet; both amounts are of what is available."""
        return cls(
            total=_reached(USD_LADDER, total_usd_minor),
            min28d=frozenset() if min28d_usd_minor is None else _reached(USD_LADDER, min28d_usd_minor),
            account_age=_reached(AGE_LADDER, _full_years(oldest_opened_on, as_of)),
        )

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """``{"total": {"usd_10000": true, …}, …}``, each rung disclosable or a decoy."""
        return {
            "total": Disclosable(_rungs(USD_LADDER, self.total)),
            "min28d": Disclosable(_rungs(USD_LADDER, self.min28d)),
            "account_age": Disclosable(_rungs(AGE_LADDER, self.account_age)),
        }


def _reached(ladder: Mapping[str, int], value: int) -> frozenset[str]:
    return frozenset(rung for rung, least in ladder.items() if value >= least)


def _require_rungs(met: frozenset[str], ladder: Mapping[str, int]) -> None:
    if met != frozenset(list(ladder)[: len(met)]):
        raise Malformed("expected rungs of the ladder, from the lowest up without a gap")


def _rungs(ladder: Mapping[str, int], met: frozenset[str]) -> dict[str, ClaimTree]:
    # A decoy needs a member name of its own to stand under; it is never written.
    return {rung: Disclosable(value=True) if rung in met else DECOY for rung in ladder}


def _full_years(since: date, until: date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))
