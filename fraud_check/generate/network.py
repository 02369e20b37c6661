"""Who pays whom, and how often: heavy tails in both directions, and repeated payments between the same two.

Each account has a weight for paying and one for receiving, from power laws cut off where the largest sink gets its share.
Ordered pairs are drawn by both weights; transfers are spread over the pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Exponents of the weights; the degrees that come of them are measured in the tests.
IN_EXPONENT = 2.06
OUT_EXPONENT = 1.9
#: The share of accounts that only receive.
ONLY_RECEIVE = 0.25
#: The share of all transfers that the largest sink gets.
TOP_SINK = 0.0015
#: The largest payer's share of pairs: a payroll.
TOP_PAYER = 0.01

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Network:
    """For each transfer, who pays and who receives, in no particular order."""

    src: NDArray[np.uint32]
    dst: NDArray[np.uint32]


def draw(rng: np.random.Generator, accounts: int, transfers: int, pairs: int) -> Network:
    """Transfers between this many distinct ordered pairs of accounts."""
    paying = rng.permutation(accounts)[: round(accounts * (1 - ONLY_RECEIVE))]
    out_weights = np.zeros(accounts)
    out_weights[paying] = _power_law(rng, len(paying), OUT_EXPONENT, TOP_PAYER)
    in_weights = _power_law(rng, accounts, IN_EXPONENT, TOP_SINK)
    sink = int(np.argmax(in_weights))
    in_weights[sink] = 0
    in_weights[sink] = in_weights.sum() * TOP_SINK / (1 - TOP_SINK)
    src, dst = _pairs(rng, pairs, paying, out_weights, in_weights)
    times = np.ones(len(src), dtype=np.int64)
    extra = transfers - len(src)
    if extra > 0:
        # Habits differ: most pairs meet once, some every day.
        times += np.bincount(_weighted(rng, rng.lognormal(0.0, 1.0, len(src)), extra), minlength=len(src))
    return Network(np.repeat(src, times), np.repeat(dst, times))


def _power_law(
    rng: np.random.Generator, count: int, exponent: float, top_share: float
) -> NDArray[np.float64]:
    """Weights from 1 upwards whose density falls as ``exponent``, none much more than a share of their sum."""
    power = 1 - exponent
    most = 2.0
    for _ in range(20):  # The sum depends on the cut, and the cut on the sum; this settles quickly.
        mean = (most ** (power + 1) - 1) / (power + 1) * power / (most**power - 1)
        most = max(2.0, top_share * count * mean)
    return np.asarray((1 - rng.random(count) * (1 - most**power)) ** (1 / power))


def _pairs(
    rng: np.random.Generator,
    pairs: int,
    paying: Numbers,
    out_weights: NDArray[np.float64],
    in_weights: NDArray[np.float64],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Distinct ordered pairs; every paying account is in one at least."""
    accounts = len(in_weights)
    keys: Numbers = np.empty(0, dtype=np.int64)
    first = paying[: min(len(paying), pairs)].astype(np.int64)
    while len(keys) < pairs:
        # A few more than are missing, since some will repeat; sorting again costs more than drawing again.
        missing = (pairs - len(keys)) * 11 // 10 + 64
        src = _weighted(rng, out_weights, missing)
        if not len(keys):
            src[: len(first)] = first
        dst = rng.permutation(_weighted(rng, in_weights, missing))
        dst = np.where(src == dst, (dst + 1) % accounts, dst)
        keys = np.sort(np.concatenate([keys, src * accounts + dst]))
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    keys = rng.permutation(keys)[:pairs]
    return (keys // accounts).astype(np.uint32), (keys % accounts).astype(np.uint32)


def _weighted(rng: np.random.Generator, weights: NDArray[np.float64], count: int) -> Numbers:
    """Places drawn by weight, ascending: sorted draws find their places in one sweep of memory."""
    sums = np.cumsum(weights)
    draws = np.sort(rng.random(count)) * sums[-1]
    places = np.searchsorted(sums, draws, side="right")
    return np.asarray(np.minimum(places, len(weights) - 1), dtype=np.int64)
