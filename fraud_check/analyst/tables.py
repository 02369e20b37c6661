"""Files of columns: read whole and checked before anything is computed, written whole or not at all."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from fraud_check.analyst.names import is_text
from fraud_check.analyst.plain_columns import first_failing, plain, require_values
from passport.errors import Malformed, Misconfigured

MAX_COLUMNS = 64
MAX_HEADER = 65_536
_LINE_END = "\r\n"
#: What spreadsheet programs take for a formula: one of these first, and more after it than a number has.
_FORMULA = r"^[=+\-@\t\r][0-9., ]*[^0-9., ]"
#: By this mark at its beginning spreadsheet programs know that a CSV is UTF-8; without it they take it for the code page
#: of the machine, in Taiwan Big5.
MARK = "\ufeff"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: Digits that a spreadsheet program does not keep: zeros in front, and what is beyond 15 digits.
_SHORTENED = r"^(0[0-9]+|[0-9]{16,})$"


def read(path: Path, types: Mapping[str, pa.DataType]) -> pa.Table:
    """The named columns of a file; accounts and times of a CSV stay text.

    Raises:
        Malformed: the file cannot be read as its suffix says, or lacks a column, or a value is missing.
        Misconfigured: there is no such file, or its suffix is neither ``.csv`` nor ``.parquet``.
    """
    if not path.is_file():
        raise Misconfigured(f"{path}: expected a file, found none")
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".parquet"}:
        raise Misconfigured(f"{path}: expected a name ending in .csv or .parquet")
    names = list(types)
    try:
        check_names(path, csv_names(path) if suffix == ".csv" else pa_parquet.read_schema(path).names, names)
        if suffix == ".csv":
            table = _read_csv(path, types)
        else:
            table = pa_parquet.read_table(path, columns=names).select(names)
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        raise Malformed(f"{path}: {_wrong(error, path, names)}") from error
    with about(path):
        for place, name in enumerate(names):
            # How a column is stored is no concern of who reads it.
            column = plain(table.column(name))
            require_values(column, name)
            table = table.set_column(place, name, column)
        _require_text(table)
    return table


def _require_text(table: pa.Table) -> None:
    """See that text is text: a Parquet file's is taken as it lies."""
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        for name in table.column_names:
            column = table[name]
            if not is_text(column.type):
                continue
            octets = column.cast(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
            try:
                octets.cast(column.type)
            except pa.ArrowInvalid:
                row = first_failing(octets, lambda part, kind=column.type: part.cast(kind))  # type: ignore[misc]
                raise Malformed(f"{name}[{row}]: expected text in UTF-8, got other bytes") from error
        raise Malformed(f"expected text in UTF-8 and values of their types; {error}") from error


def _read_csv(path: Path, types: Mapping[str, pa.DataType]) -> pa.Table:
    convert = pa_csv.ConvertOptions(
        column_types=dict(types), include_columns=list(types), strings_can_be_null=False, null_values=[""]
    )
    try:
        return pa_csv.read_csv(path, convert_options=convert)
    except pa.ArrowInvalid:
        # Once more and slowly: only so does the error say in which row it is.
        return pa_csv.read_csv(
            path, convert_options=convert, read_options=pa_csv.ReadOptions(use_threads=False)
        )


def _wrong(error: Exception, path: Path, names: Sequence[str]) -> str:
    """What the reader found; a CSV's rows are counted from 0 as in all messages here, without the header."""
    said = str(error)
    if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in said:
        place = re.search(r"column #([0-9]+)(?:: Row #([0-9]+))?: ", said)
        column = "" if place is None else csv_names(path)[int(place[1])]
        row = "" if place is None or place[2] is None else f"[{int(place[2]) - 2}]"
        return f'{column}{row}{": " if column else ""}expected text in UTF-8, got other bytes; save it as "CSV UTF-8"'
    row_of = re.search(r"Row #([0-9]+): ", said)
    place_of = "" if row_of is None else f"row [{int(row_of[1]) - 2}]: "
    return f"{place_of}expected columns {','.join(names)}; {error}"


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Name the file in what is said of its values."""
    try:
        yield
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error


def csv_names(path: Path) -> list[str]:
    """The names in a CSV's first line.

    Raises:
        Malformed: the line is longer than any header that is meant.
    """
    with path.open("rb") as file:
        line = file.readline(MAX_HEADER + 1)
    if line.startswith(_UTF_16):
        raise Malformed(f'{path}: expected text in UTF-8, got UTF-16; save it as "CSV UTF-8"')
    if len(line) > MAX_HEADER:
        raise Malformed(
            f"{path}: expected a header of at most {MAX_HEADER} bytes and {MAX_COLUMNS} columns, got a longer one"
        )
    return next(csv.reader([line.decode("utf-8-sig")]), [])


def check_names(path: Path, got: Sequence[str], expected: Sequence[str]) -> None:
    """See that each expected name is there once.

    Raises:
        Malformed: one is missing or there twice, or there are too many columns.
    """
    if len(got) > MAX_COLUMNS:
        raise Malformed(f"{path}: expected columns {','.join(expected)}, got {len(got)} columns")
    missing = [name for name in expected if list(got).count(name) != 1]
    if missing:
        shown = ",".join(got)[:200]
        raise Malformed(
            f"{path}: expected each of the columns {','.join(expected)} once, got {shown or 'none'}{_header_hint(got, expected)}"
        )


#: What exports of Taiwan's banks and of spreadsheets call the columns, for those who have to rename them.
_CALLED = {
    "src": r"付款|轉出|匯出|匯款人|來源|from|payer|sender|source|debtor",
    "dst": r"收款|轉入|匯入|受款|目的|to|payee|receiver|recipient|target|creditor",
    "time": r"時間|日期|timestamp|date|datetime",
    "amount": r"金額|amt|value|sum",
    "account": r"帳號|帳戶|account.*|acct.*",
}


def _header_hint(got: Sequence[str], expected: Sequence[str]) -> str:
    """What to do about a header that is none, where that can be told from its form."""
    line = ",".join(got)
    for mark, what in ((";", "semicolons"), ("\t", "tabs"), ("|", "upright strokes")):
        if line.count(mark) >= max(len(expected) - 1, 1) and not set(expected) <= set(got):
            return f"; its columns are divided by {what}: save it as a CSV with commas"
    plainly = [name.strip().strip("'\"").lower() for name in got]
    pairs = []
    for name in expected:
        if name in got:
            continue
        same = [at for at, one in enumerate(plainly) if one == name]
        alike = same or [
            at for at, one in enumerate(plainly) if re.search(rf"^({_CALLED[name]})\b|({_wide(name)})", one)
        ]
        if len(alike) == 1:
            pairs.append(f"{got[alike[0]].strip()[:20]!r} to {name}")
    renamed = f" ({', '.join(pairs)}, if that is meant)" if pairs else ""
    if any(list(got).count(name) > 1 for name in expected):
        return "; leave one of those that are there twice"
    return f"; rename the columns in the first line to these words, in small letters{renamed}"


def _wide(name: str) -> str:
    """The words of a column that are not divided by blanks."""
    return "|".join(word for word in _CALLED[name].split("|") if not word.isascii())


@dataclass(frozen=True, slots=True)
class ForSpreadsheets:
    """What a spreadsheet program would do to rows of a CSV: to how many, for each kind.

    Names stay as they are: who reads the file with a program wants the account, and who opens it in a window should be told.
    """

    formulas: int
    shortened: int


def write(path: Path, table: pa.Table, *, marked: bool = False) -> ForSpreadsheets:
    """Write the table under its name only when it is complete; a CSV begins with the mark of UTF-8 if ``marked``.

    Returns:
        In how many rows of a CSV a spreadsheet program would take a name for a formula, or a name's digits for a number.

    Raises:
        Misconfigured: the suffix is neither ``.csv`` nor ``.parquet``, or the place cannot be written.
    """
    check_writable(path)
    with draft_of(path) as draft:
        if path.suffix.lower() == ".csv":
            with draft.open("w", encoding="utf-8", newline="") as file:
                file.write(MARK if marked else "")
                rows = CsvRows(file)
                rows.write([table.column_names])
                for batch in table.to_batches(max_chunksize=65_536):
                    rows.write(csv_rows(batch))
        else:
            pa_parquet.write_table(table, draft)
    if path.suffix.lower() != ".csv":
        return ForSpreadsheets(0, 0)
    return ForSpreadsheets(_matching(table, _FORMULA), _matching(table, _SHORTENED))


def _matching(table: pa.Table, pattern: str) -> int:
    found = [pc.match_substring_regex(column, pattern) for column in table.columns if is_text(column.type)]
    return int(pc.sum(reduce(pc.or_, found)).as_py() or 0) if found else 0


class CsvRows:
    """Rows of a CSV, each ended by a line feed.

    The standard writer quotes what could end a line only if its own lines end so. With a bare line feed it would leave the
    carriage return in an account's name unquoted, and the rest of the name would be read as a row of its own.
    """

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(_LineFeeds(file), lineterminator=_LINE_END)

    def write(self, rows: Iterable[Iterable[object]]) -> None:
        """Write rows."""
        self._writer.writerows(rows)


class _LineFeeds:
    """Takes the standard writer's rows, each in one piece, and shortens their ends."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(row.removesuffix(_LINE_END) + "\n")


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A new file beside the path, which takes its name when all is written, and is gone if not.

    Its name cannot be known before: who may write to the directory cannot lay a link there to a file of the writer's.

    Raises:
        Misconfigured: the place cannot be written.
    """
    draft = path.with_name(f".{uuid4().hex}.part")
    try:
        draft.touch(exist_ok=False)
        yield draft
        draft.replace(path)
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        # Also after Ctrl-C.
        draft.unlink(missing_ok=True)


def csv_rows(batch: pa.RecordBatch) -> Iterator[tuple[object, ...]]:
    """The values of a batch as a CSV has them."""
    columns = (rfc3339(each) if pa.types.is_timestamp(each.type) else each for each in batch.columns)
    return zip(*(column.to_pylist() for column in columns), strict=True)


def rfc3339(column: pa.Array) -> pa.Array:
    """Timestamps as text, in UTC."""
    return pc.strftime(pc.cast(column, pa.timestamp("us", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")


def check_writable(path: Path, *inputs: Path | None) -> None:
    """Find out before long work whether its result can be kept, and that it replaces nothing that is read.

    Raises:
        Misconfigured: the suffix is unknown, there is no such directory, or the place is that of an input.
    """
    if path.suffix.lower() not in {".csv", ".parquet"}:
        raise Misconfigured(f"{path}: expected a name ending in .csv or .parquet")
    check_place(path, *inputs)


def check_place(path: Path, *inputs: Path | None) -> None:
    """Find out before long work whether a file can be written there.

    Raises:
        Misconfigured: there is no such directory, something else than a file is there, or it is an input.
    """
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise Misconfigured(f"{path}: expected a directory that can be written")
    if path.exists() and not path.is_file():
        raise Misconfigured(f"{path}: expected a new file or one to replace, found something else")
    if path.exists() and any(one is not None and one.exists() and path.samefile(one) for one in inputs):
        raise Misconfigured(
            f"{path}: expected a place for the answer, found a file that the answer is made of"
        )
