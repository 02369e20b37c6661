"""Admonitions add up: a repeat adds five years that start the day after the first period ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraud_check.tracks.calendar import last_day_of_years, local_date, start_of_day
from fraud_check.tracks.facts import AdmonitionGiven


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` until just before ``until``."""

    notice: AdmonitionGiven
    since: datetime
    until: datetime


def admonition_periods(given: Sequence[AdmonitionGiven], years: int) -> tuple[Period, ...]:
    """One period for each admonition of one person, in order, never overlapping.

    The first day of a period that begins within a day is not counted (Civil Code Art. 120 II); one that begins with the
    day is counted whole, so that periods that follow each other leave no gap and share no day.
    """
    periods: list[Period] = []
    for notice in sorted(given, key=lambda one: (one.effective, one.recorded_at, one.id)):
        since, whole_day = notice.effective, False
        if periods and notice.effective < periods[-1].until:
            since, whole_day = periods[-1].until, True
        last = last_day_of_years(local_date(since), years, first_day_counts=whole_day)
        periods.append(Period(notice, since, start_of_day(last + timedelta(days=1))))
    return tuple(periods)
