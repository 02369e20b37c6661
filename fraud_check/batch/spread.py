"""Where the seeds' money went, or who paid in, over files of any size: the job from files to a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fraud_check.analyst import Counting, LookedAt, Money, tables
from fraud_check.batch.answer import as_given, write
from fraud_check.batch.prepare import Prepared, Work, prepare
from fraud_check.batch.walk import walk
from passport.errors import Reason, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What was found: accounts, and for each hop new accounts, transfers, their amounts."""

    accounts: int
    layers: tuple[tuple[int, int, int], ...]
    transfers: int
    #: What the amounts are: transfers counted whole.
    money: Money
    looked_at: LookedAt
    notes: tuple[str, ...]


def spread_histories(
    spark: SparkSession, work: Work, out: Path, progress: Progress = lambda _: None
) -> BatchSummary:
    """Follow money, and write ``account,hop,arrival,earliest,amount`` ordered by hop, then account.

    Nothing is written unless all of it is.

    Raises:
        Malformed: a file or a parameter is not what is expected.
        Misconfigured: a file is not there, or the answer cannot be written.
        Unavailable: Spark failed, for want of memory or of space.
    """
    tables.check_writable(out, work.transfers, work.seeds, work.stop)
    with wall():
        prepared = prepare(spark, work, progress)
        try:
            return _spread(prepared, work, out, progress)
        finally:
            spark.catalog.clearCache()


def _spread(prepared: Prepared, work: Work, out: Path, progress: Progress) -> BatchSummary:
    def told(hop: int, accounts: int, transfers: int, amount: int) -> None:
        progress(f"hop {hop}: {accounts:,} accounts, {transfers:,} transfers, {amount:,}")

    progress("counting what the question meets")
    met = prepared.looked.met()
    following = work.following
    notes = (
        *prepared.notes,
        *prepared.looked.coarse_times(),
        *met.notes(following.start, following.end, f"{following.min_amount:,}"),
    )
    dwell = following.dwell_seconds
    found = walk(
        prepared.moved,
        prepared.starts,
        prepared.stop,
        max_hops=following.max_hops,
        dwell=None if dwell is None else dwell * prepared.per_second,
        told=told,
        sent_to_all=work.sent_to_all,
    )
    progress("writing the answer")
    accounts = write(as_given(prepared, found.reached), out, marked=work.marked)
    paid_out = found.layers[1][2] if len(found.layers) > 1 else 0
    money = Money(Counting.POISON, prepared.backward, paid_out)
    return BatchSummary(accounts, found.layers, prepared.count, money, met.counts, notes)


@contextmanager
def wall() -> Iterator[None]:
    """Translate what Spark raises, once: Java's own words go to its log and to nobody's terminal."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - optional
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JError) as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0][:200]
        raise Unavailable(Reason.CHECK_FAILED, f"Spark: expected the job to end well; {first}") from error
