"""The whole: ordinary transfers, planted cases and their twins, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from fraud_check.generate import network, rhythm
from fraud_check.generate.cases import Case, plant

#: One large bank's month had 402 warning accounts; smaller worlds have fewer.
WARNINGS = 402
ACCOUNTS_PER_WARNING = 2_000
FIRST_DAY = datetime(2026, 3, 2)  # noqa: DTZ001 - a day of Taiwan's calendar


class Scale(StrEnum):
    """How large; L needs some 12 GB while it is made."""

    S = "S"
    M = "M"
    L = "L"

    @property
    def accounts(self) -> int:
        """How many accounts."""
        return {Scale.S: 100_000, Scale.M: 1_000_000, Scale.L: 10_000_000}[self]

    @property
    def transfers(self) -> int:
        """How many transfers, cases included."""
        return self.accounts * 10


class Tick(IntEnum):
    """How finely times are kept, in milliseconds."""

    MILLISECOND = 1
    SECOND = 1_000
    MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Transfers:
    """Columns, ordered by time."""

    src: NDArray[np.uint32]
    dst: NDArray[np.uint32]
    time: NDArray[np.int64]
    amount: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """Transfers, and what was planted among them."""

    accounts: int
    transfers: Transfers
    cases: tuple[Case, ...]

    @property
    def warnings(self) -> dict[int, int]:
        """Warning accounts with the time from which their money is tainted."""
        return {case.collector: case.taint_from for case in self.cases if case.guilty}


def generate(
    seed: int,
    *,
    accounts: int,
    transfers: int,
    per_pair: float = 1.8,
    days: int = 30,
    tick: Tick = Tick.MILLISECOND,
    warnings: int | None = None,
) -> World:
    """A world from a seed: the same arguments always give the same one."""
    rng = np.random.default_rng(seed)
    first = rhythm.moments(rng, 1, FIRST_DAY, 1)[0]
    start = int(first) - (int(first) + rhythm.OFFSET) % rhythm.DAY
    end = start + days * rhythm.DAY - 1
    count = min(WARNINGS, max(1, accounts // ACCOUNTS_PER_WARNING)) if warnings is None else warnings
    cases = [
        *plant(rng, accounts, count, start, end, guilty=True),
        *plant(rng, accounts, count * 5, start, end, guilty=False),
    ]
    planted = np.array([row for case in cases for row in case.transfers], dtype=np.int64).reshape(-1, 4)
    ordinary = max(0, transfers - len(planted))
    pairs = max(1, int(transfers / per_pair) - len(planted))
    drawn = network.draw(rng, accounts, ordinary, pairs)
    src = np.concatenate([drawn.src, planted[:, 0].astype(np.uint32)])
    dst = np.concatenate([drawn.dst, planted[:, 1].astype(np.uint32)])
    del drawn
    time = np.concatenate([rhythm.moments(rng, ordinary, FIRST_DAY, days), planted[:, 2]])
    amount = np.concatenate([rhythm.amounts(rng, ordinary), planted[:, 3]])
    time -= time % tick
    for case in cases:
        case.taint_from -= case.taint_from % tick + 1
    order = np.argsort(time, kind="stable")
    return World(accounts, Transfers(src[order], dst[order], time[order], amount[order]), tuple(cases))
