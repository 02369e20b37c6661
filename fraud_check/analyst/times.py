"""Times as people write them: integer epoch seconds or RFC 3339, computed with as ticks, given back as they came.

All times of one question share a tick: a second if every one is whole, else a millisecond, else a microsecond. The
engine's segments count ticks in 32 bits, so the coarsest tick that is exact is also the fastest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from passport.errors import Malformed

MICROSECONDS = 1_000_000
#: The engine holds 2^53 ticks either way; in microseconds that is until the year 2255.
MOST_TICKS = 2**53 - 1
RFC3339 = r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})$"
SECONDS = r"^[+-]?\d{1,18}$"
ZONED = "expected timestamps with a time zone, since one without may mean any"
#: The last second of the year 9999, as RFC 3339 ends there too; what lies beyond is not seconds.
MOST_SECONDS = 253_402_300_799
EXPECTED = "expected integer epoch seconds or RFC 3339 with at most 6 decimals and an offset"


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times: whole seconds or microseconds, and the texts if they came as text that is no integer."""

    values: NDArray[np.int64]
    whole_seconds: bool
    given: pa.ChunkedArray | None

    @classmethod
    def read(cls, column: pa.ChunkedArray, name: str) -> Times:
        """Parse a column.

        Raises:
            Malformed: a value is neither integer seconds nor RFC 3339.
        """
        if pa.types.is_integer(column.type):
            return cls(_integers(column, name), whole_seconds=True, given=None)
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                raise Malformed(f"{name}: {ZONED}, got {column.type}")
            _check_zone(column.type.tz, name)
            micro = _cast(column, pa.timestamp("us", column.type.tz), name)
            return cls(_integers(micro.cast(pa.int64()), name), whole_seconds=False, given=column)
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            raise Malformed(f"{name}: {EXPECTED}, got {column.type}")
        if pc.all(pc.match_substring_regex(column, SECONDS), min_count=0).as_py():
            return cls(_integers(_cast(column, pa.int64(), name), name), whole_seconds=True, given=None)
        seconds = pc.match_substring_regex(column, SECONDS)
        right = pc.or_(seconds, pc.match_substring_regex(column, RFC3339))
        if not pc.all(right, min_count=0).as_py():
            row = pc.index(right, value=False).as_py()
            raise Malformed(f"{name}[{row}]: {EXPECTED}, got {str(column[row].as_py())[:40]!r}")
        # Both forms may stand in one column; each row is read by its own.
        whole = _cast(pc.if_else(seconds, column, "0"), pa.int64(), name)
        _bounded(_integers(whole, name), MOST_TICKS // MICROSECONDS)
        dated = _cast(
            pc.if_else(seconds, "1970-01-01T00:00:00Z", pc.utf8_upper(column)),
            pa.timestamp("us", "UTC"),
            name,
        )
        micro = _integers(dated.cast(pa.int64()), name) + _integers(whole, name) * MICROSECONDS
        return cls(micro, whole_seconds=False, given=column)

    @classmethod
    def one(cls, text: str, name: str) -> Times:
        """Parse one time of the command line; raises as ``read``."""
        try:
            return cls.read(pa.chunked_array([[text]]), name)
        except UnicodeEncodeError as error:
            raise Malformed(f"{name}: {EXPECTED}") from error


def require_seconds(times: Times, name: str) -> None:
    """See that whole seconds can be seconds: milliseconds taken for them make every limit of time a thousand times too tight.

    Raises:
        Malformed: one lies beyond the year 9999.
    """
    beyond = np.abs(times.values) > MOST_SECONDS
    if times.whole_seconds and beyond.any():
        row = int(np.argmax(beyond))
        raise Malformed(
            f"{name}[{row}]: expected epoch seconds before the year 10000, got {times.values[row]}; divide milliseconds by 1000"
        )


def common_ticks(columns: Sequence[Times]) -> tuple[list[NDArray[np.int64]], int]:
    """The columns in ticks of their own finest unit, and how many of those make a second.

    Raises:
        Malformed: a time lies beyond what can be counted.
    """
    if all(column.whole_seconds for column in columns):
        return [_bounded(column.values) for column in columns], 1
    micro = []
    for column in columns:
        if column.whole_seconds:
            _bounded(column.values, MOST_TICKS // MICROSECONDS)
            micro.append(column.values * MICROSECONDS)
        else:
            micro.append(_bounded(column.values))
    divisor = next(
        step for step in (MICROSECONDS, 1_000, 1) if all(not (column % step).any() for column in micro)
    )
    return [column // divisor for column in micro], MICROSECONDS // divisor


def _check_zone(zone: str | None, name: str) -> None:
    """An answer in a time zone that nobody knows could not be written out."""
    try:
        pc.assume_timezone(pa.scalar(0, pa.timestamp("us")), zone or "UTC")
    except pa.ArrowInvalid as error:
        raise Malformed(f"{name}: expected a time zone that is known here, got {zone!r}") from error


def _bounded(values: NDArray[np.int64], most: int = MOST_TICKS) -> NDArray[np.int64]:
    if len(values) and (int(values.min()) < -most or int(values.max()) > most):
        raise Malformed(f"time: expected at most {most} either way, got {values.min()} to {values.max()}")
    return values


def _cast(column: pa.ChunkedArray, to: pa.DataType, name: str) -> pa.ChunkedArray:
    try:
        return pc.cast(column, to)
    except pa.ArrowInvalid as error:
        detail = re.sub(r"\s+", " ", str(error))[:120]
        raise Malformed(f"{name}: {EXPECTED}; {detail}") from error


def _integers(column: pa.ChunkedArray, name: str) -> NDArray[np.int64]:
    try:
        numbers = column.cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise Malformed(f"{name}: expected 64-bit integers; {error}") from error
    return np.ascontiguousarray(numbers, dtype=np.int64)
