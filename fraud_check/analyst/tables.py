"""Files of columns: read whole and checked before anything is computed, written whole or not at all."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from passport.errors import Malformed, Misconfigured

MAX_COLUMNS = 64
MAX_HEADER = 65_536


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
            convert = pa_csv.ConvertOptions(
                column_types=dict(types), include_columns=names, strings_can_be_null=False, null_values=[""]
            )
            table = pa_csv.read_csv(path, convert_options=convert)
        else:
            table = pa_parquet.read_table(path, columns=names).select(names)
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        raise Malformed(f"{path}: expected columns {','.join(names)}; {error}") from error
    for place, name in enumerate(names):
        if pa.types.is_dictionary(kind := table.column(name).type):
            # How a column is stored is no concern of who reads it.
            table = table.set_column(place, name, table.column(name).cast(kind.value_type))
        if table.column(name).null_count:
            raise Malformed(
                f"{path}: {name}: expected a value in every row, got {table.column(name).null_count} without"
            )
    return table


def csv_names(path: Path) -> list[str]:
    """The names in a CSV's first line.

    Raises:
        Malformed: the line is longer than any header that is meant.
    """
    with path.open("rb") as file:
        line = file.readline(MAX_HEADER + 1)
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
            f"{path}: expected each of the columns {','.join(expected)} once, got {shown or 'none'}"
        )


def write(path: Path, table: pa.Table) -> None:
    """Write the table under its name only when it is complete.

    Raises:
        Misconfigured: the suffix is neither ``.csv`` nor ``.parquet``, or the place cannot be written.
    """
    check_writable(path)
    draft = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".csv":
            with draft.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(table.column_names)
                for batch in table.to_batches(max_chunksize=65_536):
                    writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        else:
            pa_parquet.write_table(table, draft)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Misconfigured(f"{path}: cannot be written: {error.strerror or error}") from error


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
