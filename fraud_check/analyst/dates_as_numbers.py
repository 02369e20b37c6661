"""Dates that were written as numbers and would be taken for seconds: 20260105, 1150105 of the Republic, 46027 of a spreadsheet.

Seconds of 1970 are allowed, since a made-up file may count from zero. So a column is refused only if every value of it is
a day of the calendar, and otherwise what looks wrong is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from passport.errors import Malformed

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_REPUBLIC = 1911
#: Years of the Common Era in four digits, and of the Republic in three.
_YEARS = ((1900, 2100, 0), (100, 199, _REPUBLIC))
#: What may stand behind a date: nothing, hours, minutes, seconds; each in two digits, below so many.
_CLOCKS: tuple[tuple[int, ...], ...] = ((), (24,), (24, 60), (24, 60, 60))
_SERIAL_ZERO = date(1899, 12, 30)
#: Days of a spreadsheet from 1990 to 2049.
_SERIALS = (32_874, 54_788)
_PLAIN_YEARS = (1_990, 2_049)
#: Year, month and day in two digits each.
_SHORT_DATES = (10_101, 991_231)
_YEAR_1990 = 631_152_000
_YEAR_1973 = 100_000_000


def require_no_dates(values: NDArray[np.int64], name: str) -> None:
    """See that whole numbers are not all dates of a calendar, such as 20260105 or, of the Republic, 1150105.

    Raises:
        Malformed: they are; as seconds they would all lie within a few minutes or months of a wrong year.
    """
    if not len(values):
        return
    for clock, added in possible_dates(int(values.min()), int(values.max())):
        if _all_dates(values // 100 ** len(clock)) and _all_clocks(values, clock):
            raise Malformed(f"{name}[0]: {date_not_seconds(int(values[0]), clock, added)}")


def possible_dates(least: int, most: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """As what numbers between these could all be dates: limits of what stands behind the day, and what to add to the year."""
    for clock in _CLOCKS:
        behind = 100 ** len(clock)
        for first, last, added in _YEARS:
            if least // behind >= first * 10_000 and most // behind < (last + 1) * 10_000:
                yield clock, added


def date_not_seconds(value: int, clock: tuple[int, ...], added: int) -> str:
    """The words of a refusal."""
    year, rest = divmod(value // 100 ** len(clock), 10_000)
    day = f"{year + added:04}-{rest // 100:02}-{rest % 100:02}"
    of = " of the Republic's calendar" if added else ""
    return f"expected epoch seconds or RFC 3339, got {value}, which is the date {day}{of} and as seconds would be {_moment(value)}"


def _all_dates(values: NDArray[np.int64]) -> bool:
    month, day = values // 100 % 100, values % 100
    right = (month >= 1) & (month < len(_DAYS)) & (day >= 1)
    return bool(right.all() and (day <= _DAYS[np.minimum(month, len(_DAYS) - 1)]).all())


def _all_clocks(values: NDArray[np.int64], clock: tuple[int, ...]) -> bool:
    for limit in reversed(clock):
        if not (values % 100 < limit).all():
            return False
        values = values // 100
    return True


def suspicions(
    transfers: NDArray[np.int64], others: Mapping[str, NDArray[np.int64]], *, placed: bool = True
) -> Iterator[str]:
    """What to say of times in whole seconds: of transfers, and of what is compared with them, by its name.

    The least and the latest are enough where rows have no number (``placed`` is false).
    """
    if not len(transfers):
        return
    least, most = int(transfers.min()), int(transfers.max())
    if _SERIALS[0] <= least and most <= _SERIALS[1]:
        day = _SERIAL_ZERO + timedelta(days=least)
        yield (
            f"time: all of them lie between {least} and {most}, as the days of a spreadsheet do ({least} is {day}), and were "
            "taken for seconds, so that every limit of time is 86,400 times too wide; export them as RFC 3339"
        )
    elif _PLAIN_YEARS[0] <= least and most <= _PLAIN_YEARS[1]:
        yield f"time: all of them lie between {least} and {most}, as years do, and were taken for seconds"
    elif _is_short_date(transfers, least, most):
        yield (
            f"time: all of them are dates if read as year, month and day in two digits each ({transfers[0]:06}), and were "
            "taken for seconds; export them as RFC 3339"
        )
    if most < _YEAR_1990:
        return
    if least < _YEAR_1973:
        early = transfers < _YEAR_1973
        yield _early("time", transfers, early, most, placed=placed)
    for name, values in others.items():
        early = (values > 0) & (values < _YEAR_1973)
        if early.any():
            yield _early(name, values, early, most, placed=placed)


def _early(name: str, values: NDArray[np.int64], early: NDArray[np.bool_], most: int, *, placed: bool) -> str:
    row = int(np.argmax(early))
    place, many = (f"[{row}]", f" ({int(early.sum()):,} such)") if placed else ("", "")
    return (
        f"{name}{place}: {values[row]} was taken for seconds and is {_moment(values[row])}, while transfers go on until "
        f"{_moment(most)}{many}"
    )


def _is_short_date(values: NDArray[np.int64], least: int, most: int) -> bool:
    return (
        len(values) > 1
        and least >= _SHORT_DATES[0]
        and most <= _SHORT_DATES[1]
        and least != most
        and _all_dates(values)
    )


def _moment(seconds: int | np.int64) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds))
    except OverflowError:
        return "beyond the year 9999"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


#: A year of four digits with month, day and perhaps a clock behind it, however they are written.
_FIELDS = re.compile(r"\s*([0-9]{4}[-/.年]\s*[0-9]{1,2}[-/.月]\s*[0-9]{1,2})日?(?:[T\s]\s*(.*))?", re.DOTALL)
#: Other forms of no time, each with what to do.
_OTHER_FORMS = (
    (r'=\s*".*"\Z', ", as a spreadsheet keeps text; write what is between the quotation marks alone"),
    (
        r"\s*[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}(?![0-9])",
        (
            "; write the year first, then month and day (2026-01-05 09:00:00 with --timezone Asia/Taipei): which of day and month "
            "comes first cannot be seen"
        ),
    ),
    (
        r"\s*(民國|[01]?[0-9]{2}[-/.年])",
        "; write the year of the Common Era in four digits: to a year of the Republic add 1911",
    ),
    (r"[0-9]{5}\.[0-9]+\Z", ", as a spreadsheet counts days"),
    (r"[0-9]+([.,][0-9]*)?[eE][+]?[0-9]+\Z", ", as a spreadsheet rounds a long number"),
)
_CLOCK = re.compile(
    r"(?:(上午|下午|AM|PM)\s*)?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*(上午|下午|AM|PM)?", re.IGNORECASE
)
_NOON = 12


def _rewritten(day: str, clock: str | None) -> str:
    """What to write instead of a date whose fields can be told; one that is no date is not guessed at."""
    year, month, date_ = (int(part) for part in re.findall(r"[0-9]+", day))
    found = _CLOCK.fullmatch((clock or "0:00").strip())
    example = "2026-01-05 09:00:00"
    if found is not None:
        half = (found[1] or found[5] or "").lower()
        hour = int(found[2]) % _NOON if half else int(found[2])
        hour += _NOON if half in {"下午", "pm"} else 0
        try:
            moment = datetime(year, month, date_, hour, int(found[3]), int(found[4] or 0))  # noqa: DTZ001 - a local time
        except ValueError:
            return "" if clock else "; no calendar has such a day"
        example = moment.strftime("%Y-%m-%d %H:%M:%S")
    elif re.search(r"[Zz]|[+-][0-9]{2}:?[0-9]{2}\s*\Z", clock or ""):
        return "; write the offset as +08:00 and two digits each of month, day, hours, minutes and seconds"
    return f"; write month, day and hours in two digits and of 24 hours ({example}), and give the time zone (--timezone Asia/Taipei)"


def hint_for(text: str, *, without_offset: bool) -> str:
    """What to do about a text that is no time, where that can be told from its form."""
    if without_offset:
        return "; a time without an offset is read where a time zone is given (--timezone Asia/Taipei)"
    if (said := _FIELDS.match(text)) is not None:
        return _rewritten(said[1], said[2])
    return next((says for pattern, says in _OTHER_FORMS if re.match(pattern, text)), "")
