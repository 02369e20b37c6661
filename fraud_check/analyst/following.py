"""What an analyst asks: which files, how they say amounts and times, how money is followed, and how it is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fraud_check.analyst.amounts import MINOR_UNITS, AmountUnit
from fraud_check.engine import Direction
from passport.errors import Malformed

#: All of it, in ten-thousandths.
WHOLE = 10_000


class Counting(StrEnum):
    """How much of a later transfer is the seeds' money.

    ``POISON`` takes each transfer that tainted money can have gone into whole, so that amounts grow with every hop. The
    others follow units of money through what accounts hold, and never come to more than the seeds paid out: the last that
    came leaves first (the Fraud Act's Art. 53, by which money is returned), the first, or a part of everything.
    """

    POISON = "poison"
    HAIRCUT = "haircut"
    FIFO = "fifo"
    LIFO = "lifo"


@dataclass(frozen=True, slots=True)
class Source:
    """Where transfers and seeds come from, and the accounts that are entered but not passed through."""

    transfers: Path
    seeds: Path | None = None
    stop: Path | None = None
    #: What the amounts of the transfers are counted in.
    unit: AmountUnit = MINOR_UNITS
    #: Where times without an offset were noted, also those of a question; without it they are refused.
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """How money is followed, in an analyst's words. Every limit is inclusive."""

    max_hops: int = 3
    direction: Direction = Direction.FORWARD
    min_amount: int = 0
    #: In ten-thousandths of all that a transfer's payer paid out between start and end (backward: its receiver received).
    min_share: int = 0
    dwell_seconds: int | None = None
    start: str | None = None
    end: str | None = None
    #: An account with more payments, or more receipts, is entered but not passed through, and the answer says so.
    max_fanout: int | None = None
    #: How amounts are counted. Without one a spread says who was reached and counts transfers whole, and a picture of where
    #: money went follows it last in, first out.
    counting: Counting | None = None


def ten_thousandths(percent: str) -> int:
    """A share as the engine counts it, of a percentage such as ``5`` or ``0.25``.

    Raises:
        Malformed: it is no percentage from 0 to 100, or has more than two decimals.
    """
    whole, _, part = percent.partition(".")
    if (
        re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", percent) is None
        or (share := int(whole + f"{part:0<2}")) > WHOLE
    ):
        raise Malformed(
            f"min_share: expected a percentage from 0 to 100 with at most 2 decimals, got {percent!r}"
        )
    return share
