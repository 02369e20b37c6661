"""What is asked of the graph: who starts, how money is followed, and what an answer may cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fraud_check.engine._engine import AccountSet
from fraud_check.engine.columns import Integers, column
from passport.errors import Malformed


class Direction(StrEnum):
    """Where the money went, or who paid in."""

    FORWARD = "forward"
    BACKWARD = "backward"


class Tie(StrEnum):
    """What "after" means within one tick: nothing, or a later place in the order of arrival."""

    STRICT = "strict"
    SEQ = "seq"


class Method(StrEnum):
    """Which of an account's money leaves first; poison, where any taint taints all, is the spread's own amount."""

    HAIRCUT = "haircut"
    FIFO = "fifo"
    LIFO = "lifo"


@dataclass(frozen=True, slots=True)
class Question:
    """How money is followed. Times are integer ticks; every limit is inclusive.

    ``min_share``, in ten-thousandths, is the least share of all that the payer of a transfer paid out between ``start`` and
    ``end`` (backward: of all that its receiver received), self-transfers not counted; 0 for any.
    """

    max_hops: int = 3
    direction: Direction = Direction.FORWARD
    tie: Tie = Tie.STRICT
    start: int | None = None
    end: int | None = None
    min_amount: int = 0
    min_share: int = 0
    dwell: int | None = None
    stop: AccountSet | None = None


@dataclass(frozen=True, slots=True)
class StandingRule:
    """What is asked about accounts all the time: at most 3 hops within a window that ends at the moment asked about."""

    window: int
    max_hops: int = 3
    min_amount: int = 0
    dwell: int | None = None
    stop: AccountSet | None = None

    def question(self, as_of: int) -> Question:
        """The same rule as a question about one moment."""
        return Question(
            max_hops=self.max_hops,
            start=as_of - self.window,
            end=as_of,
            min_amount=self.min_amount,
            dwell=self.dwell,
            stop=self.stop,
        )


class Shape(StrEnum):
    """Shapes of money flow that are worth a look; each one has innocent twins."""

    FAN_OUT = "fan_out"
    FAN_IN = "fan_in"
    GATHER_SCATTER = "gather_scatter"
    SCATTER_GATHER = "scatter_gather"
    CYCLE = "cycle"
    BIPARTITE = "bipartite"
    STACK = "stack"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape between at least ``size`` counterparties, all of it within ``window``.

    Where a stretch of time holds more than ``max_degree`` transfers of an account, they are passed over, and counted.
    """

    shape: Shape
    window: int
    size: int = 5
    min_amount: int = 0
    start: int | None = None
    end: int | None = None
    max_hops: int = 6
    max_degree: int = 10_000


@dataclass(frozen=True, slots=True)
class Watching:
    """What is looked for in every batch, and what that may cost.

    ``late`` is how much earlier than the newest transfer one may be and still be looked at; ``max_rows`` the most transfers
    remembered, ``max_reads`` the most that one search for one transfer reads. What hits a limit is counted.
    """

    patterns: tuple[Pattern, ...]
    late: int = 0
    max_rows: int = 20_000_000
    max_reads: int | None = 10_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What an answer may cost; one that hits a limit says so.

    An account with more payments, or more receipts, than ``max_fanout`` is entered but not passed through, like one of the
    stop set; a seed among them still starts. Patterns have a limit of their own, and take none here.
    """

    max_reads: int | None = None
    max_seconds: float | None = None
    max_fanout: int | None = None


@dataclass(frozen=True, slots=True)
class Seeds:
    """Accounts with the time from which their money is tainted, strictly ascending by account."""

    accounts: NDArray[np.uint32]
    times: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Seeds:
        """Seeds in any order; of an account that is named twice the earliest time counts."""
        earliest: dict[int, int] = {}
        for account, time in pairs:
            earliest[account] = min(time, earliest.get(account, time))
        accounts = sorted(earliest)
        return cls.from_columns(accounts, [earliest[account] for account in accounts])

    @classmethod
    def from_columns(cls, accounts: Integers, times: Integers) -> Seeds:
        """Seeds as columns.

        Raises:
            Malformed: the columns differ in length, or the accounts are not strictly ascending.
        """
        seeds = cls(column(accounts, np.uint32, "seed accounts"), column(times, np.int64, "seed times"))
        if len(seeds.accounts) != len(seeds.times):
            raise Malformed(f"seed times: expected {len(seeds.accounts)} rows, got {len(seeds.times)}")
        if not bool(np.all(seeds.accounts[:-1] < seeds.accounts[1:])):
            raise Malformed(
                "seed accounts: expected strictly ascending accounts, got unsorted or repeated ones"
            )
        return seeds
