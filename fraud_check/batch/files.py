"""Files of columns as Spark reads them, a part at a time: what the columns are, and what is wrong with them.

CSV or Parquet by suffix, one file or a directory of files of one kind. Names and forms are checked before Spark is asked,
values in one pass over all rows, before anything is computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from fraud_check.analyst import tables
from fraud_check.analyst.plain_columns import plain_type
from passport.errors import Malformed, Misconfigured

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Where Spark puts a line of a CSV that has not as many values as the header has names.
BROKEN = "broken line"
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Input:
    """A file, or a directory of files alike; and the types of its named columns, where the files say."""

    path: Path
    files: tuple[Path, ...]
    suffix: str
    types: tuple[pa.DataType, ...]

    @classmethod
    def at(cls, path: Path, names: Sequence[str]) -> Input:
        """Look at a path, and at the names and types of its columns.

        Raises:
            Malformed: the columns are not as expected, or not alike in all files.
            Misconfigured: there is no such file, or no file of one known kind in the directory.
        """
        files = _files(path)
        suffixes = {file.suffix.lower() for file in files}
        if len(suffixes) != 1 or not suffixes <= set(SUFFIXES):
            raise Misconfigured(f"{path}: expected names ending all in .csv or all in .parquet")
        suffix = suffixes.pop()
        heads = {_head(file, suffix, names) for file in files}
        if len(heads) > 1:
            raise Malformed(f"{path}: expected the same columns in all files, got {len(heads)} kinds")
        return cls(path, files, suffix, heads.pop()[1])

    def read(self, spark: SparkSession, names: Sequence[str]) -> DataFrame:
        """The named columns, and of a CSV the lines that were none."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        places = [str(file.absolute()) for file in self.files]
        if self.suffix == ".parquet":
            return spark.read.parquet(*places).select(*names, f.lit(None).cast("string").alias(BROKEN))
        header = tables.csv_names(self.files[0])
        # Names that nobody asked for may be anything, also the same twice.
        columns = [
            f"`{name if name in names else f'column {place}'}` STRING" for place, name in enumerate(header)
        ]
        reader = spark.read.option("header", value=True).option("escape", '"')
        reader = reader.option("columnNameOfCorruptRecord", BROKEN)
        return reader.schema(", ".join([*columns, f"`{BROKEN}` STRING"])).csv(places).select(*names, BROKEN)


def _files(path: Path) -> tuple[Path, ...]:
    if path.is_dir():
        # Spark's own habit: names that begin so are not data.
        files = sorted(file for file in path.iterdir() if file.is_file() and file.name[0] not in "._")
        if files:
            return tuple(files)
    elif path.is_file():
        return (path,)
    raise Misconfigured(f"{path}: expected a file or a directory of files, found none")


def _head(file: Path, suffix: str, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[pa.DataType, ...]]:
    try:
        if suffix == ".csv":
            header = tables.csv_names(file)
            tables.check_names(file, header, names)
            return tuple(header), tuple(pa.string() for _ in names)
        schema = pa_parquet.read_schema(file)
        tables.check_names(file, schema.names, names)
        return tuple(names), tuple(_plain(schema.field(name).type) for name in names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{file}: expected columns {','.join(names)}; {error}") from error


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type without how its values are stored."""
    kind = plain_type(kind)
    return pa.string() if pa.types.is_large_string(kind) else kind
