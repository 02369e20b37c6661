"""A frontier in NumPy over the same sorted adjacency: what a careful analyst writes without an extension."""

from __future__ import annotations

import numpy as np

from benchmarks.graph.answers import Column
from benchmarks.graph.data import Data

NEVER = np.iinfo(np.int64).max


class Frontier:
    def __init__(self, data: Data) -> None:
        order = np.lexsort((data.time, data.src))
        self.dst, self.time = data.dst[order], data.time[order]
        self.starts = np.zeros(data.accounts + 1, dtype=np.int64)
        np.cumsum(np.bincount(data.src, minlength=data.accounts), out=self.starts[1:])
        self.seeds = data.seed_accounts.astype(np.int64), data.seed_times
        self.accounts = data.accounts

    def ask(self, hops: int) -> tuple[Column, Column, Column, Column]:
        best = np.full(self.accounts, NEVER)
        first = np.full(self.accounts, NEVER)
        hop_of = np.full(self.accounts, -1)
        accounts, arrivals = self.seeds
        best[accounts], first[accounts], hop_of[accounts] = arrivals, arrivals, 0
        scanned = np.full(len(accounts), NEVER)
        for hop in range(1, hops + 1):
            counts = self.starts[accounts + 1] - self.starts[accounts]
            owner = np.repeat(np.arange(len(accounts)), counts)
            skipped = np.repeat(np.cumsum(counts) - counts, counts)
            rows = np.repeat(self.starts[accounts], counts) + np.arange(len(owner)) - skipped
            times = self.time[rows]
            kept = (times > arrivals[owner]) & (times <= scanned[owner]) & (self.dst[rows] != accounts[owner])
            targets, times = self.dst[rows[kept]].astype(np.int64), times[kept]
            before = best[targets]
            np.minimum.at(best, targets, times)
            earlier = times < before
            scanned = np.full(self.accounts, NEVER)
            scanned[targets] = before
            accounts = np.unique(targets[earlier])
            arrivals, scanned = best[accounts], scanned[accounts]
            fresh = accounts[hop_of[accounts] < 0]
            hop_of[fresh], first[fresh] = hop, best[fresh]
        reached = np.flatnonzero(hop_of >= 0)
        return reached, hop_of[reached], first[reached], best[reached]
