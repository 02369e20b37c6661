"""When people pay: by day and night, less at the weekend, more on paydays; and how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

HOUR = 3_600_000
DAY = 24 * HOUR
#: Taiwan's clock, since the rhythm is one of people.
OFFSET = 8 * HOUR
_HOURS = (2, 1, 1, 1, 1, 2, 5, 12, 22, 34, 38, 36, 40, 36, 34, 36, 38, 36, 34, 32, 30, 24, 14, 6)
_SATURDAY, _SUNDAY, _PAYDAY = 0.6, 0.45, 1.7
_PAYDAYS = frozenset({5, 10, 25})
_MIDDLE, _WIDTH = 8.3, 1.6
#: From which amount on people round to what, in dollars; and how many do not round.
_STEPS = ((10_000, 1_000), (1_000, 100), (0, 10))
_EXACT = 0.3


def day_weight(day: datetime) -> float:
    """How busy a day is, beside an ordinary weekday."""
    weekend = {5: _SATURDAY, 6: _SUNDAY}.get(day.weekday(), 1.0)
    return weekend * (_PAYDAY if day.day in _PAYDAYS else 1.0)


def moments(rng: np.random.Generator, count: int, first_day: datetime, days: int) -> NDArray[np.int64]:
    """Milliseconds since the epoch, within ``days`` days of Taiwan's calendar from ``first_day``."""
    weights = np.array([day_weight(first_day + timedelta(days=day)) for day in range(days)])
    hours = np.array(_HOURS, dtype=np.float64)
    slots = np.outer(weights, hours).ravel()
    chosen = rng.choice(len(slots), size=count, p=slots / slots.sum())
    start = int(first_day.replace(tzinfo=UTC).timestamp()) * 1_000 - OFFSET
    return np.asarray(start + chosen * HOUR + rng.integers(0, HOUR, count))


def amounts(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Minor units of TWD: many small, few large, most of them round as people round."""
    dollars = np.maximum(1, np.exp(rng.normal(_MIDDLE, _WIDTH, count)))
    step = np.select([dollars >= least for least, _ in _STEPS], [step for _, step in _STEPS])
    rounded = np.maximum(1, np.round(dollars / step)) * step
    exact = rng.random(count) < _EXACT
    return np.asarray((np.where(exact, np.round(dollars), rounded) * 100).astype(np.int64))
