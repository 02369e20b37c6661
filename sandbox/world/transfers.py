"""A hundred thousand transfers between ten thousand accounts, with planted mule chains.

Shape only: hubs that many pay into, quiet nights, lognormal amounts. The generator with the measured statistics of
inter-bank transfers belongs to ``fraud_check``; this one serves a journey that starts in seconds.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sandbox.world.model import PlantedChain, Transfers

DAYS = 180
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000
_TWD_MINOR = 100
_HOURS = np.array(
    [1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 15, 13, 13, 13, 12, 12, 11, 10, 9, 7, 4, 2], dtype=float
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which account indexes play which part."""

    accounts: int
    quiet: NDArray[np.int64]
    payers: NDArray[np.int64]
    chain_ends: tuple[int, ...]
    bank_of: NDArray[np.int64]


def background(count: int, layout: Layout, end_ms: int, random: np.random.Generator) -> Transfers:
    """``count`` everyday transfers that end before ``end_ms``; quiet accounts are paid only by payers."""
    source = random.integers(0, layout.accounts, count)
    target = (layout.accounts * random.power(0.35, count)).astype(np.int64)
    target = layout.accounts - 1 - np.minimum(target, layout.accounts - 1)
    is_quiet = np.zeros(layout.accounts, dtype=bool)
    is_quiet[layout.quiet] = True
    is_payer = np.zeros(layout.accounts, dtype=bool)
    is_payer[layout.payers] = True
    # A payer is paid by nobody, so nothing tainted ever reaches a quiet account except by a planted chain.
    target = np.where(is_payer[target], (target + 4001) % layout.accounts, target)
    target = np.where(is_payer[target], layout.accounts - 1, target)
    source = np.where(is_quiet[target], random.choice(layout.payers, count), source)
    source = np.where(source == target, (source + 1) % layout.accounts, source)
    source = np.where(is_quiet[target] & ~is_payer[source], layout.payers[0], source)
    hours = random.choice(24, count, p=_HOURS / _HOURS.sum())
    days = random.integers(1, DAYS, count)
    time_ms = end_ms - days * _DAY_MS + hours * _HOUR_MS + random.integers(0, _HOUR_MS, count)
    amount = np.maximum(1, random.lognormal(8.0, 1.4, count)).astype(np.int64) * _TWD_MINOR
    return Transfers(source, target, time_ms, amount)


def plant(
    layout: Layout, end_ms: int, random: np.random.Generator
) -> tuple[Transfers, list[list[int]], list[int]]:
    """Mule chains: victim to warned account to two mules to the end, hours apart, each at another bank.

    Returns the transfers in order of planting, the accounts of each chain, and when each warning's taint starts.
    """
    rows: list[tuple[int, int, int, int]] = []
    chains: list[list[int]] = []
    starts: list[int] = []
    # A mule is a stranger: were it a customer's own account elsewhere, that customer would be derived from the start.
    strangers = layout.quiet[layout.quiet > layout.payers.max()]
    free = [int(a) for a in strangers if int(a) not in layout.chain_ends]
    for end in layout.chain_ends:
        picks: list[int] = []
        for bank in (1, 2, 1):
            mule = next(a for a in free if layout.bank_of[a] == bank)
            free.remove(mule)
            picks.append(mule)
        victim = int(random.choice(layout.payers))
        when = end_ms - int(random.integers(4, 20)) * _DAY_MS + 10 * _HOUR_MS
        amount = int(random.integers(300_000, 900_000)) * _TWD_MINOR
        path = [victim, *picks, end]
        starts.append(when)
        for source, target in itertools.pairwise(path):
            rows.append((source, target, when, amount))
            when += int(random.integers(20, 300)) * 60_000
            amount = amount * 95 // 100
        chains.append(path)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Transfers(columns[0], columns[1], columns[2], columns[3]), chains, starts


def merge(everyday: Transfers, planted: Transfers) -> tuple[Transfers, NDArray[np.int64]]:
    """All transfers ordered by time, and where each planted one went."""
    time_ms = np.concatenate([everyday.time_ms, planted.time_ms])
    order = np.argsort(time_ms, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    both = Transfers(
        np.concatenate([everyday.source, planted.source])[order],
        np.concatenate([everyday.target, planted.target])[order],
        time_ms[order],
        np.concatenate([everyday.amount_minor, planted.amount_minor])[order],
    )
    return both, place[len(everyday) :]


def describe(
    chains: list[list[int]], starts: list[int], place: NDArray[np.int64]
) -> tuple[PlantedChain, ...]:
    """The planted chains by the row numbers of the merged transfers (victim's transfer left out)."""
    found = []
    row = 0
    for number, path in enumerate(chains, start=1):
        hops = tuple(int(place[row + step]) for step in range(1, len(path) - 1))
        found.append(PlantedChain(f"SANDBOX-{number:03d}", path[1], path[-1], hops, starts[number - 1]))
        row += len(path) - 1
    return tuple(found)
