"""How long something takes: percentiles, beside the processor time that it had on a machine that others use too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def percentiles(seconds: Iterable[float]) -> dict[str, float]:
    at = {"min": 0, "p50": 50, "p95": 95, "p99": 99, "max": 100}
    taken = np.fromiter(seconds, dtype=np.float64)
    return {name: float(np.percentile(taken, percent)) for name, percent in at.items()}


def each(asked: Iterable[T], ask: Callable[[T], object]) -> dict[str, float]:
    """Ask about one after the other."""
    seconds, work = [], []
    for one in asked:
        started, worked = time.perf_counter(), time.thread_time()
        ask(one)
        work.append(time.thread_time() - worked)
        seconds.append(time.perf_counter() - started)
    busy = {f"work {name}": value for name, value in percentiles(work).items()}
    return {**percentiles(seconds), **busy}
