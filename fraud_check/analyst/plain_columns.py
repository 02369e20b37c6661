"""Columns without how they are stored: views, dictionaries and runs become plain text or numbers; and the row of a fault.

Arrow computes with few of its own ways to store text (no kernel takes a ``string_view``, which polars and DataFusion
write), so that every column is made plain once, when it is read.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from passport.errors import Malformed

#: More text than this does not fit a chunk whose places are counted in 32 bits.
_MOST_TEXT = 2**31 - 1
_LARGE = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}
_STORED = (
    pa.types.is_dictionary,
    pa.types.is_run_end_encoded,
    pa.types.is_string_view,
    pa.types.is_binary_view,
)


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values, stored plainly; a column that is plain already is not copied."""
    if not any(is_stored(column.type) for is_stored in _STORED):
        return column
    kind = plain_type(column.type)
    if column.nbytes > _MOST_TEXT:
        kind = _LARGE.get(kind, kind)
    return pa.chunked_array([_plain(chunk, kind) for chunk in column.chunks], type=kind)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of a plain column of this type."""
    while pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    if pa.types.is_string_view(kind):
        return pa.string()
    return pa.binary() if pa.types.is_binary_view(kind) else kind


def _plain(chunk: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        return _plain(chunk.dictionary, kind).take(chunk.indices)
    if pa.types.is_run_end_encoded(chunk.type):
        whole = pa.RunEndEncodedArray.from_arrays(chunk.run_ends, _plain(chunk.values, kind))
        return pc.run_end_decode(whole.slice(chunk.offset, len(chunk)))
    return chunk.cast(kind)


def require_values(column: pa.ChunkedArray, name: str) -> None:
    """See that every row has a value.

    Raises:
        Malformed: one has none; the message says which comes first, and how many there are.
    """
    if column.null_count:
        row = pc.index(pc.is_null(column), value=True).as_py()
        raise Malformed(
            f"{name}[{row}]: expected a value in every row, got none (in {rows(column.null_count)})"
        )


def first_failing(column: pa.ChunkedArray, convert: Callable[[pa.ChunkedArray], object]) -> int:
    """The first row that ``convert``, which refused the column, does not take."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            convert(column.slice(low, middle - low))
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def rows(number: int) -> str:
    """How many rows, as English has it."""
    return "1 row" if number == 1 else f"{number:,} rows"


def shown(column: pa.ChunkedArray, row: int) -> str:
    """What a row says, short enough for a message."""
    return repr(str(column[row].as_py())[:40])
