"""Times as people write them: integer epoch seconds or RFC 3339, computed with as ticks, given back as they came.

All times of one question share a tick: a second if every one is whole, else a millisecond, else a microsecond. The
engine's segments count ticks in 32 bits, so the coarsest tick that is exact is also the fastest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fraud_check.analyst.dates_as_numbers import hint_for, require_no_dates
from fraud_check.analyst.plain_columns import first_failing, shown
from passport.errors import Malformed

MICROSECONDS = 1_000_000
#: The engine holds 2^53 ticks either way; in microseconds that is until the year 2255.
MOST_TICKS = 2**53 - 1
RFC3339 = r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})$"
#: A time without an offset, down to the day, the year first: read only where a time zone is given for it.
LOCAL = r"^\d{4}[-/]\d{2}[-/]\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
SECONDS = r"^[+-]?\d{1,18}$"
ZONED = "expected timestamps with a time zone, since one without may mean any"
#: The last second of the year 9999, as RFC 3339 ends there too; what lies beyond is not seconds.
MOST_SECONDS = 253_402_300_799
_YEAR_1900 = -2_208_988_800
EXPECTED = "expected integer epoch seconds or RFC 3339 with at most 6 decimals and an offset"


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times: whole seconds or microseconds, and the texts if they came as text that is no integer."""

    values: NDArray[np.int64]
    whole_seconds: bool
    given: pa.ChunkedArray | None

    @classmethod
    def read(cls, column: pa.ChunkedArray, name: str, zone: str | None = None) -> Times:
        """Parse a plain column; times without an offset are local times of ``zone``, if one is given.

        Raises:
            Malformed: a value is neither integer seconds nor RFC 3339, or a local time that the zone did not have once.
        """
        kind = column.type
        if pa.types.is_integer(kind):
            return cls(_integers(column, name), whole_seconds=True, given=None)
        if zone is not None and (pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None)):
            column = placed(_cast(column, pa.timestamp("us"), name), zone, name)
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                raise Malformed(f"{name}: {ZONED}, got {column.type}; say which (--timezone Asia/Taipei)")
            check_zone(column.type.tz, name)
            micro = _cast(column, pa.timestamp("us", column.type.tz), name)
            return cls(_dated(micro, column, name), whole_seconds=False, given=column)
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise Malformed(f"{name}: {EXPECTED}, got {kind}")
        if pc.all(pc.match_substring_regex(column, SECONDS), min_count=0).as_py():
            return cls(_integers(_cast(column, pa.int64(), name), name), whole_seconds=True, given=None)
        return cls(_of_text(column, name, zone), whole_seconds=False, given=column)

    @classmethod
    def one(cls, text: str, name: str, zone: str | None = None) -> Times:
        """Parse one time of the command line; raises as ``read``."""
        try:
            return cls.read(pa.chunked_array([[text]]), name, zone)
        except UnicodeEncodeError as error:
            raise Malformed(f"{name}: {EXPECTED}") from error

    @property
    def seconds(self) -> NDArray[np.int64]:
        """Whole seconds, rounded down."""
        return self.values if self.whole_seconds else self.values // MICROSECONDS


def _of_text(column: pa.ChunkedArray, name: str, zone: str | None) -> NDArray[np.int64]:
    """Microseconds of texts; several forms may stand in one column, and each row is read by its own."""
    seconds = pc.match_substring_regex(column, SECONDS)
    zoned = pc.match_substring_regex(column, RFC3339)
    local = pc.match_substring_regex(column, LOCAL)
    right = pc.or_(seconds, pc.or_(zoned, local) if zone is not None else zoned)
    if not pc.all(right, min_count=0).as_py():
        row = pc.index(right, value=False).as_py()
        hint = hint_for(str(column[row].as_py()), without_offset=bool(local[row].as_py()))
        raise Malformed(f"{name}[{row}]: {EXPECTED}, got {shown(column, row)}{hint}")
    whole = _cast(pc.if_else(seconds, column, "0"), pa.int64(), name)
    bounded(_integers(whole, name), name, MOST_TICKS // MICROSECONDS)
    micro = _cast(
        pc.if_else(zoned, pc.utf8_upper(column), "1970-01-01T00:00:00Z"),
        pa.timestamp("us", "UTC"),
        name,
        column,
    )
    values = _dated(micro, column, name) + _integers(whole, name) * MICROSECONDS
    if zone is None or not pc.any(local, min_count=0).as_py():
        return values
    plain = pc.if_else(local, pc.replace_substring(pc.utf8_upper(column), "/", "-"), "1970-01-02")
    there = placed(_cast(plain, pa.timestamp("us"), name, column), zone, name, column)
    return np.where(local.to_numpy(), _dated(there, column, name), values)


def placed(
    column: pa.ChunkedArray, zone: str, name: str, said: pa.ChunkedArray | None = None
) -> pa.ChunkedArray:
    """Local times as moments.

    Raises:
        Malformed: the zone is not known here, or had one of the times twice, or never, since its clocks were changed.
    """
    check_zone(zone, name)
    early = pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="earliest")
    late = pc.assume_timezone(column, zone, ambiguous="latest", nonexistent="latest")
    differ = pc.not_equal(early, late)
    if pc.any(differ, min_count=0).as_py():
        row = pc.index(differ, value=True).as_py()
        raise Malformed(
            f"{name}[{row}]: expected a time that {zone} had once, got {shown(said or column, row)}, when its clocks were "
            "changed; write it with its offset"
        )
    return early


def _dated(moments: pa.ChunkedArray, said: pa.ChunkedArray, name: str) -> NDArray[np.int64]:
    """Microseconds, of years of the Common Era."""
    micro = _integers(moments.cast(pa.int64()), name)
    if len(micro) and int(micro.min()) < _YEAR_1900 * MICROSECONDS:
        row = int(np.argmax(micro < _YEAR_1900 * MICROSECONDS))
        raise Malformed(
            f"{name}[{row}]: expected a time since the year 1900, got {shown(said, row)}; to a year of the Republic add 1911"
        )
    return micro


def require_seconds(times: Times, name: str) -> None:
    """See that whole seconds can be seconds: milliseconds taken for them make every limit of time a thousand times too tight.

    Raises:
        Malformed: one lies beyond the year 9999, or all of them are dates written as numbers.
    """
    if not times.whole_seconds:
        return
    require_no_dates(times.values, name)
    beyond = np.abs(times.values) > MOST_SECONDS
    if beyond.any():
        row = int(np.argmax(beyond))
        raise Malformed(
            f"{name}[{row}]: expected epoch seconds before the year 10000, got {times.values[row]}; divide milliseconds by 1000"
        )


def common_ticks(columns: Mapping[str, Times]) -> tuple[list[NDArray[np.int64]], int]:
    """The columns, by what they are called, in ticks of their own finest unit, and how many of those make a second.

    Raises:
        Malformed: a time lies beyond what can be counted.
    """
    if all(column.whole_seconds for column in columns.values()):
        return [bounded(column.values, name) for name, column in columns.items()], 1
    micro = []
    for name, column in columns.items():
        if column.whole_seconds:
            bounded(column.values, name, MOST_TICKS // MICROSECONDS)
            micro.append(column.values * MICROSECONDS)
        else:
            micro.append(bounded(column.values, name))
    divisor = next(
        step for step in (MICROSECONDS, 1_000, 1) if all(not (column % step).any() for column in micro)
    )
    return [column // divisor for column in micro], MICROSECONDS // divisor


def check_zone(zone: str | None, name: str) -> None:
    """See that a time zone is known here.

    Raises:
        Malformed: it is not; an answer in it could not be written out.
    """
    try:
        pc.assume_timezone(pa.scalar(0, pa.timestamp("us")), zone or "UTC")
    except pa.ArrowInvalid as error:
        raise Malformed(f"{name}: expected a time zone that is known here, got {zone!r}") from error


def bounded(values: NDArray[np.int64], name: str, most: int = MOST_TICKS) -> NDArray[np.int64]:
    """The values, none of them too far from 1970 to be counted.

    Raises:
        Malformed: one is.
    """
    if len(values) and (int(values.min()) < -most or int(values.max()) > most):
        row = int(np.argmax((values < -most) | (values > most)))
        raise Malformed(f"{name}[{row}]: expected at most {most} either way, got {values[row]}")
    return values


def _cast(
    column: pa.ChunkedArray, to: pa.DataType, name: str, said: pa.ChunkedArray | None = None
) -> pa.ChunkedArray:
    try:
        return pc.cast(column, to)
    except pa.ArrowInvalid as error:
        row = first_failing(column, lambda part: pc.cast(part, to))
        raise Malformed(f"{name}[{row}]: {EXPECTED}, got {shown(said or column, row)}") from error


def _integers(column: pa.ChunkedArray, name: str) -> NDArray[np.int64]:
    try:
        numbers = column.cast(pa.int64())
    except pa.ArrowInvalid as error:
        row = first_failing(column, lambda part: part.cast(pa.int64()))
        raise Malformed(f"{name}[{row}]: expected 64-bit integers, got {shown(column, row)}") from error
    return np.ascontiguousarray(numbers.combine_chunks().to_numpy(zero_copy_only=False), dtype=np.int64)
