"""Answers in one form, so that they can be compared: a digest of account, hop, arrival, earliest."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of each run, and what the answer was."""

    name: str
    hops: int
    seconds: tuple[float, ...]
    rows: int
    digest: str

    @property
    def p50(self) -> float:
        return float(np.percentile(self.seconds, 50))


def digest(account: Column, hop: Column, arrival: Column, earliest: Column) -> str:
    order = np.argsort(account)
    table = np.stack([np.asarray(one, dtype=np.int64)[order] for one in (account, hop, arrival, earliest)])
    return hashlib.sha256(table.tobytes()).hexdigest()[:16]


def measure(
    name: str, hops: int, runs: int, ask: Callable[[], tuple[Column, Column, Column, Column]]
) -> Measured:
    """Ask once to warm up (not counted unless it is the only run), then as often as told."""
    seconds = []
    answer = None
    for _ in range(runs + (runs > 1)):
        started = time.perf_counter()
        answer = ask()
        seconds.append(time.perf_counter() - started)
    assert answer is not None
    return Measured(name, hops, tuple(seconds[1:] or seconds), len(answer[0]), digest(*answer))
