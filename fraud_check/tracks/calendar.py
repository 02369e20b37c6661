"""Periods of law in Taiwan's time: years that meet 29 February, and business days with their holidays.

Civil Code Art. 121: where the last month has no corresponding day, the period ends with that month's last day. Holidays
are the government's published days off that fall on weekdays, bridged days included; a make-up Saturday is not counted
as a business day, since banks keep closed on most. Beyond the table only weekends are known, which makes a deadline
earlier: it opens a task to ask, and never a lift.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

TAIPEI: Final = ZoneInfo("Asia/Taipei")
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def _days(year: int, *days: tuple[int, int]) -> frozenset[date]:
    return frozenset(date(year, month, day) for month, day in days)


HOLIDAYS: Final[frozenset[date]] = (
    # Lunar New Year 2025: 27 to 31 January.
    _days(2025, (1, 1), (1, 27), (1, 28), (1, 29), (1, 30), (1, 31), (2, 28), (4, 3), (4, 4), (5, 1), (5, 30))
    | _days(2025, (9, 29), (10, 6), (10, 10), (10, 24), (12, 25))
    # Lunar New Year 2026: 16 to 20 February.
    | _days(
        2026, (1, 1), (2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (2, 27), (4, 3), (4, 6), (5, 1), (6, 19)
    )
    | _days(2026, (9, 25), (9, 28), (10, 9), (10, 26), (12, 25))
    # Lunar New Year 2027: 4 to 10 February.
    | _days(2027, (1, 1), (2, 4), (2, 5), (2, 8), (2, 9), (2, 10), (3, 1), (4, 5), (4, 6), (4, 30), (6, 9))
    | _days(2027, (9, 15), (9, 28), (10, 11), (10, 25), (12, 24))
)


def start_of_day(day: date) -> datetime:
    """Midnight in Taipei at the beginning of ``day``."""
    return datetime.combine(day, time(), tzinfo=TAIPEI)


def local_date(moment: datetime) -> date:
    """The day that it is in Taipei at ``moment``."""
    return moment.astimezone(TAIPEI).date()


def years_after(moment: datetime, years: int) -> datetime:
    """The instant that many years later: the same wall time in Taipei.

    From 29 February to a year without one: the end of 28 February.
    """
    local = moment.astimezone(TAIPEI)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return start_of_day(date(local.year + years, 3, 1))


def last_day_of_years(first: date, years: int, *, first_day_counts: bool) -> date:
    """The last day of a period of whole years (Civil Code Art. 120, 121)."""
    try:
        same = first.replace(year=first.year + years)
    except ValueError:
        return date(first.year + years, 2, 28)
    return same - _DAY if first_day_counts else same


def is_business_day(day: date, holidays: frozenset[date] = HOLIDAYS) -> bool:
    """Whether banks in Taiwan do business that day."""
    return day.weekday() < _SATURDAY and day not in holidays


def end_of_business_days(moment: datetime, count: int, holidays: frozenset[date] = HOLIDAYS) -> datetime:
    """The end of the ``count``-th business day after the day of ``moment``, which itself is not counted."""
    day = local_date(moment)
    left = count
    while left:
        day += _DAY
        if is_business_day(day, holidays):
            left -= 1
    return start_of_day(day + _DAY)
