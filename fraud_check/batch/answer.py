"""The answer as a file: times in the words in which a seed or a transfer gave them, rows by hop and account."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from fraud_check.analyst import tables
from fraud_check.analyst.names import INTEGER
from fraud_check.batch.prepare import Prepared

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def as_given(prepared: Prepared, reached: DataFrame) -> DataFrame:
    """The reached accounts with times as the files give them: a seed's own words before a transfer's.

    Of transfers that say the same moment in several ways the first in the alphabet speaks.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - optional, and slow to import

    if prepared.backward:
        reached = reached.withColumns({name: -f.col(name) for name in ("arrival", "earliest")})
    columns = ("account", "hop", "arrival", "earliest", "amount")
    if prepared.per_second == 1:
        return reached.select(*columns)
    if all(pa.types.is_timestamp(kind) for kind in prepared.kinds):
        moments = {name: f.timestamp_micros(name) for name in ("arrival", "earliest")}
        return reached.withColumns(moments).select(*columns)
    times = f.explode(f.array_distinct(f.array("arrival", "earliest"))).alias("time")
    asked = reached.select("account", times)
    received = prepared.rows.select(f.col("dst").alias("account"), "time", f.lit(1).alias("rank"), "words")
    said = received.join(asked, ["account", "time"], "left_semi").unionByName(
        prepared.listed.withColumn("rank", f.lit(0))
    )
    said = said.groupBy("account", "time").agg(f.min(f.struct("rank", "words")).alias("said"))
    for name in ("arrival", "earliest"):
        words = said.select("account", f.col("time").alias(name), f.col("said.words").alias(f"{name} words"))
        reached = reached.join(words, ["account", name], "left")
    return reached.select(
        "account", "hop", *(f.col(f"{name} words").alias(name) for name in ("arrival", "earliest")), "amount"
    )


def write(answer: DataFrame, out: Path, *, marked: bool = False) -> int:
    """Write the rows, ordered, under their name only when all are there; returns how many they are.

    A CSV begins with the mark of UTF-8 if ``marked``.

    Raises:
        Misconfigured: the place cannot be written.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - optional, and slow to import

    # Like the draft's, a name that nobody can know before.
    parts = out.with_name(f".{uuid4().hex}.parts")
    try:
        with tables.draft_of(out) as draft:
            # Counted in 32 bits on the way; an analyst's files say it in 64, and answers are to be laid one upon another.
            answer = answer.withColumn("hop", f.col("hop").cast("long"))
            written = answer.orderBy("hop", *_in_order()).write
            written.option("compression", "zstd").parquet(str(parts.absolute()))
            files = sorted(parts.glob("part-*.parquet"))
            if out.suffix.lower() == ".csv":
                return _as_csv(files, draft, marked=marked)
            return _as_parquet(files, draft)
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _in_order() -> list[Column]:
    """As the analyst's answers are ordered: integers by their value, then other names by their text."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    account = f.col("account").cast("string")
    value = f.when(account.rlike(INTEGER), account.cast("decimal(38,0)"))
    return [value.asc_nulls_last(), f.col("account")]


def _batches(files: list[Path]) -> Iterator[pa.RecordBatch]:
    for file in files:
        with pa_parquet.ParquetFile(file) as parquet:
            yield from parquet.iter_batches()


def _as_csv(files: list[Path], draft: Path, *, marked: bool) -> int:
    rows = 0
    with draft.open("w", encoding="utf-8", newline="") as file:
        file.write(tables.MARK if marked else "")
        csv = tables.CsvRows(file)
        csv.write([pa_parquet.read_schema(files[0]).names])
        for batch in _batches(files):
            csv.write(tables.csv_rows(batch))
            rows += batch.num_rows
    return rows


def _as_parquet(files: list[Path], draft: Path) -> int:
    rows = 0
    schema = pa_parquet.read_schema(files[0]).remove_metadata()
    with pa_parquet.ParquetWriter(draft, schema) as writer:
        for batch in _batches(files):
            writer.write_batch(batch.cast(schema))
            rows += batch.num_rows
    return rows
