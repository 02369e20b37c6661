"""What all are asked about: a generated month with warning accounts, kept in a file between processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fraud_check.generate import Scale, generate

HOURS = 3_600_000
DWELL = 72 * HOURS
WINDOW = 30 * 24 * HOURS
#: NT$10,000 in minor units.
LEAST = 1_000_000


@dataclass(frozen=True, slots=True)
class Data:
    accounts: int
    src: NDArray[np.uint32]
    dst: NDArray[np.uint32]
    time: NDArray[np.int64]
    amount: NDArray[np.int64]
    seed_accounts: NDArray[np.uint32]
    seed_times: NDArray[np.int64]

    @property
    def transfers(self) -> int:
        return len(self.src)

    @property
    def end(self) -> int:
        return int(self.time[-1])

    def more_seeds(self, count: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The warning accounts, and others until there are this many, tainted from random moments on."""
        rng = np.random.default_rng(11)
        others = np.setdiff1d(rng.permutation(self.accounts)[: count * 2], self.seed_accounts)
        accounts = np.concatenate(
            [self.seed_accounts, rng.permutation(others)[: count - len(self.seed_accounts)]]
        )
        start = int(self.time[0])
        extra = rng.integers(start, start + WINDOW * 6 // 10, count - len(self.seed_accounts))
        times = np.concatenate([self.seed_times, extra])
        order = np.argsort(accounts)
        return accounts[order].astype(np.uint32), times[order]


def make(scale: Scale, path: Path, per_pair: float = 1.8) -> Data:
    """Generate a world, or take the one that a run before left."""
    if not path.exists():
        world = generate(1, accounts=scale.accounts, transfers=scale.transfers, per_pair=per_pair)
        warned = sorted(world.warnings.items())
        np.savez(
            path,
            accounts=world.accounts,
            src=world.transfers.src,
            dst=world.transfers.dst,
            time=world.transfers.time,
            amount=world.transfers.amount,
            seed_accounts=np.array([account for account, _ in warned], dtype=np.uint32),
            seed_times=np.array([time for _, time in warned], dtype=np.int64),
        )
    return load(path)


def load(path: Path) -> Data:
    with np.load(path) as columns:
        arrays = {name: columns[name] for name in Data.__slots__ if name != "accounts"}
        return Data(accounts=int(columns["accounts"]), **arrays)
