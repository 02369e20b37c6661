"""From files to what a walk needs: transfers by payer, seeds and stop set, all in the same names and ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fraud_check.analyst import Following, dates_as_numbers
from fraud_check.analyst.following import WHOLE, Counting
from fraud_check.analyst.times import MICROSECONDS, Times, require_seconds
from fraud_check.batch.columns import Checked, check
from fraud_check.batch.coverage import Looked
from fraud_check.batch.files import Input
from fraud_check.batch.walk import SENT_TO_ALL, kept
from fraud_check.engine import Direction
from passport.errors import Malformed

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

TRANSFERS = ("src", "dst", "time", "amount")
SEEDS = ("account", "time")
STOP = ("account",)
#: So many transfers make a partition that one core keeps in some 100 MB.
ROWS_OF_A_PARTITION = 4_000_000
MOST_HOPS = 8
MOST_DWELL = 2**33

Naming = Callable[[str], "Column"]


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked: files, how money is followed, and which accounts are entered but not passed through."""

    transfers: Path
    seeds: Path
    following: Following
    stop: Path | None = None
    partitions: int | None = None
    sent_to_all: int = SENT_TO_ALL
    #: Whether a CSV begins with the mark by which spreadsheet programs know UTF-8.
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is walked over, forward in any case: backward it is turned round.

    ``rows`` and ``listed`` are the transfers and seeds as given, in ticks, unturned, with ``words`` for their times if
    those are not plain seconds; ``moved`` and ``starts`` are what the walk takes.
    """

    rows: DataFrame
    listed: DataFrame
    moved: DataFrame
    starts: DataFrame
    stop: DataFrame | None
    kinds: tuple[pa.DataType, pa.DataType]
    per_second: int
    backward: bool
    count: int
    looked: Looked
    #: What the values of the files look like.
    notes: tuple[str, ...]


def prepare(spark: SparkSession, work: Work, progress: Callable[[str], None]) -> Prepared:
    """Check files and parameters, and lay the transfers out by payer.

    Raises:
        Malformed: a file or a parameter is not what is expected.
        Misconfigured: a file is not there.
    """
    bounds = _check(work.following)
    places = [
        Input.at(path, names)
        for path, names in ((work.transfers, TRANSFERS), (work.seeds, SEEDS), (work.stop, STOP))
        if path is not None
    ]
    progress("checking every row")
    transfers, seeds, *stops = (
        check(spark, place, names) for place, names in zip(places, (TRANSFERS, SEEDS, STOP), strict=False)
    )
    if not seeds.count:
        raise Malformed(f"{work.seeds}: expected at least one account, got a header and no row")
    whole = (
        transfers.whole_seconds and seeds.whole_seconds and all(one.whole_seconds for one in bounds.values())
    )
    per_second = 1 if whole else MICROSECONDS
    limits = {
        name: int(one.values[0]) * (per_second if one.whole_seconds else 1) for name, one in bounds.items()
    }
    if {"start", "end"} <= limits.keys() and limits["start"] > limits["end"]:
        raise Malformed(
            f"start: expected no later than the end, {work.following.end}, got {work.following.start}"
        )
    named = _naming([*places[0].types[:2], *(place.types[0] for place in places[1:])])
    backward = work.following.direction is Direction.BACKWARD
    rows = _rows(transfers, named, per_second, backward=backward)
    listed = seeds.rows.select(
        named("account").alias("account"),
        seeds.ticks(per_second).alias("time"),
        seeds.words().alias("words"),
    )
    cores = spark.sparkContext.defaultParallelism
    partitions = work.partitions or max(cores, -(-transfers.count // ROWS_OF_A_PARTITION))
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    progress(f"laying {transfers.count:,} transfers out by payer, in {partitions:,} partitions")
    from pyspark.sql import functions as f  # noqa: PLC0415 - optional, and slow to import

    turned = -f.col("time") if backward else f.col("time")
    inside = f.lit(True)
    for name, limit in limits.items():
        inside &= f.col("time") >= limit if name == "start" else f.col("time") <= limit
    large = _of_the_least_share(rows.where(inside & (f.col("src") != f.col("dst"))), work.following.min_share)
    large = large.where(f.col("amount") >= work.following.min_amount)
    moved = large.select("src", "dst", turned.alias("time"), "amount")
    moved = moved.repartition(partitions, "src").persist()
    moved.count()
    starts = kept(
        listed.select("account", turned.alias("time")).groupBy("account").agg(f.min("time").alias("time"))
    )
    stop = kept(stops[0].rows.select(named("account").alias("account")).distinct()) if stops else None
    return Prepared(
        rows=rows,
        listed=listed,
        moved=moved,
        starts=starts,
        stop=stop,
        kinds=(places[0].types[2], places[1].types[1]),
        per_second=per_second,
        backward=backward,
        count=transfers.count,
        looked=Looked(rows, starts, stop, inside, work.following.min_amount, backward, per_second),
        notes=(*_of_times(transfers, seeds, bounds), *transfers.notes, *seeds.notes),
    )


def _of_times(transfers: Checked, seeds: Checked, bounds: Mapping[str, Times]) -> Iterator[str]:
    """What times in whole seconds look like."""
    if transfers.seconds is None:
        return
    others = {name: one.seconds for name, one in bounds.items()}
    if seeds.seconds is not None:
        others["seed time"] = np.array(seeds.seconds)
    yield from dates_as_numbers.suspicions(np.array(transfers.seconds), others, placed=False)


def _of_the_least_share(rows: DataFrame, share: int) -> DataFrame:
    """The rows that are at least so many ten-thousandths of all that their payer paid."""
    from pyspark.sql import Window  # noqa: PLC0415
    from pyspark.sql import functions as f  # noqa: PLC0415

    if not share:
        return rows
    paid = f.sum(f.col("amount").cast("decimal(19,0)")).over(Window.partitionBy("src"))
    return rows.withColumn("paid", paid).where(
        f.col("amount").cast("decimal(19,0)") * f.lit(WHOLE) >= f.col("paid") * f.lit(share)
    )


def _rows(transfers: Checked, named: Naming, per_second: int, *, backward: bool) -> DataFrame:
    from pyspark.sql import functions as f  # noqa: PLC0415

    payer, receiver = ("dst", "src") if backward else ("src", "dst")
    return transfers.rows.select(
        named(payer).alias("src"),
        named(receiver).alias("dst"),
        transfers.ticks(per_second).alias("time"),
        f.col("amount").cast("long").alias("amount"),
        transfers.words().alias("words"),
    )


def _check(following: Following) -> dict[str, Times]:
    """The parameters in their ranges, and the window's bounds."""
    if not 1 <= following.max_hops <= MOST_HOPS:
        raise Malformed(f"max_hops: expected 1 to {MOST_HOPS}, got {following.max_hops}")
    if following.min_amount < 0:
        raise Malformed(f"min_amount: expected 0 or more, got {following.min_amount}")
    if not 0 <= following.min_share <= WHOLE:
        raise Malformed(f"min_share: expected 0 to {WHOLE} ten-thousandths, got {following.min_share}")
    if following.dwell_seconds is not None and not 0 <= following.dwell_seconds <= MOST_DWELL:
        raise Malformed(f"dwell: expected 0 to {MOST_DWELL} seconds, got {following.dwell_seconds}")
    if following.max_fanout is not None:
        raise Malformed("max_fanout: expected none; name the accounts in the stop set instead")
    if following.counting not in {None, Counting.POISON}:
        raise Malformed(
            f"method: expected {Counting.POISON}, got {following.counting}; the engine follows money by the unit "
            "(passport graph spread)"
        )
    given = {"start": following.start, "end": following.end}
    bounds = {name: Times.one(text, name) for name, text in given.items() if text is not None}
    for name, bound in bounds.items():
        require_seconds(bound, name)
    return bounds


def _naming(kinds: list[pa.DataType]) -> Naming:
    """How accounts are compared: as numbers if all files have numbers, else as text."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    if all(pa.types.is_integer(kind) for kind in kinds):
        return lambda name: f.col(name).cast("long")
    return lambda name: f.col(name).cast("string")
