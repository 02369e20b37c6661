"""Accounts as files name them, text or integers: one dense number for each name, and the order in which answers list them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fraud_check.analyst.plain_columns import first_failing, rows, shown
from passport.errors import Malformed

#: A name that is an integer, written as integers are: with a leading zero or a plus it is a text.
INTEGER = r"^(0|-?[1-9][0-9]{0,37})\z"
_MOST_DIGITS = 38
#: What programs write where a value is missing, or could not be shown. No account is called so, and as a name it would be
#: one hub through which the money of strangers is followed.
MISSING = (
    r"(?i)^\s*(null|\\n|nan|none|nat|nil|n/a|<na>|<n/a>|<null>|\(null\)|\(none\)|undefined|#+|"
    r"#(n/a|ref!|value!|name\?|div/0!|num!|null!|spill!|calc!|getting_data|field!|busy!)(\s.*)?)\s*\z"
)


def require_names(table: pa.Table, *columns: str) -> None:
    """See that columns hold names.

    Raises:
        Malformed: one has neither text nor integers, or a name is empty, or says that it is missing.
    """
    for name in columns:
        column = table[name]
        if not (is_text(column.type) or pa.types.is_integer(column.type)):
            raise Malformed(f"accounts: expected text or integers, got {column.type} in {name}")
        if is_text(column.type):
            row = pc.index(pc.binary_length(column), 0).as_py()
            if row >= 0:
                raise Malformed(f"{name}[{row}]: expected a name in every row, got an empty one")


def require_meant(names: pa.Array, table: pa.Table, *columns: str) -> None:
    """See that no name of these columns is what programs write for a missing value; ``names`` are the distinct ones.

    Raises:
        Malformed: one is; the message says in which row first, and in how many.
    """
    if not is_text(names.type):
        return
    wrong = names.filter(pc.match_substring_regex(names, MISSING))
    for name in columns if len(wrong) else ():
        column = table[name]
        found = pc.is_in(column, wrong.cast(column.type)) if is_text(column.type) else None
        if found is not None and (count := pc.sum(found).as_py()):
            row = pc.index(found, value=True).as_py()
            raise Malformed(
                f"{name}[{row}]: expected the name of an account, got {shown(column, row)}, as programs write what is "
                f"missing (in {rows(count)})"
            )


def number(*columns: pa.ChunkedArray) -> tuple[pa.Array, list[NDArray[np.uint32]]]:
    """The distinct names, and one number for each row of each column: the place of its name among them.

    Names are in the order in which the columns have them first. They are integers if every column has integers, of whatever
    width, and text otherwise.

    Raises:
        Malformed: integers of different widths are too large to be compared.
    """
    kind = _common([column.type for column in columns])
    alike = [_alike(column, kind) for column in columns]
    together = pa.chunked_array([chunk for column in alike for chunk in column.chunks], type=kind)
    encoded = pc.dictionary_encode(together.combine_chunks())
    numbers = np.ascontiguousarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.uint32)
    edges = np.cumsum([len(column) for column in columns])[:-1]
    return encoded.dictionary, [np.ascontiguousarray(part) for part in np.split(numbers, edges)]


def _alike(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return pc.cast(column, kind)
    except pa.ArrowInvalid as error:
        row = first_failing(column, lambda part: pc.cast(part, kind))
        raise Malformed(
            f"accounts: expected integers below 2^63, got {shown(column, row)} in row [{row}]"
        ) from error


def in_order(answer: pa.Table) -> pa.Table:
    """Rows by hop, then account: integers by their value, then other names by their text."""
    accounts = answer["account"]
    if pa.types.is_integer(accounts.type):
        return answer.sort_by([("hop", "ascending"), ("account", "ascending")])
    whole = pc.if_else(pc.match_substring_regex(accounts, INTEGER), accounts, pa.scalar(None, accounts.type))
    ranked = answer.append_column("value", pc.cast(whole, pa.decimal128(_MOST_DIGITS, 0)))
    keys = [("hop", "ascending"), ("value", "ascending"), ("account", "ascending")]
    return ranked.sort_by(keys).drop_columns("value")


def is_text(kind: pa.DataType) -> bool:
    """Whether a plain column of this type holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _common(kinds: Sequence[pa.DataType]) -> pa.DataType:
    if len(set(kinds)) == 1:
        return kinds[0]
    return pa.int64() if all(pa.types.is_integer(kind) for kind in kinds) else pa.string()
