"""Earmarks: how much is held, capped per case over all banks, and when it is released by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fraud_check.tracks.rules import TrackRules
from passport.errors import Malformed


@dataclass(frozen=True, slots=True)
class EarmarkRequest:
    """One bank's account in a case: the inflow that the notice names, and what is there (the bank knows it)."""

    inflow_minor: int
    balance_minor: int

    def __post_init__(self) -> None:
        """Amounts are integers of minor units, never below zero."""
        if self.inflow_minor < 0 or self.balance_minor < 0:
            raise Malformed("expected amounts of zero or more")


def allocate_earmarks(defrauded_minor: int, requests: Sequence[EarmarkRequest]) -> tuple[int, ...]:
    """What each account is earmarked for, in the order of the notices.

    Each gets min(inflow, balance); together never more than was defrauded, over all banks of the case.

    Raises:
        Malformed: a negative amount.
    """
    if defrauded_minor < 0:
        raise Malformed("expected a defrauded amount of zero or more")
    left = defrauded_minor
    held: list[int] = []
    for request in requests:
        amount = min(request.inflow_minor, request.balance_minor, left)
        held.append(amount)
        left -= amount
    return tuple(held)


def earmark_released_at(placed: datetime, rules: TrackRules) -> datetime:
    """The instant from which the earmark holds no longer, unless a warning confirmed it before."""
    return placed + rules.earmark_lasts
