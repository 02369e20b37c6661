"""The hops: who is reached by at most so many transfers, by joins of a frontier with transfers that stay where they are.

Everything here is forward; backward is the same walk over transfers turned round, with times negated. A transfer is read
when its payer is reached, or reached earlier than before, and then only the stretch of time that this adds: so each
counts once, and the sums need no list of what was seen. With a dwell limit taint lives on transfers, so the frontier is
every tainted arrival of the last hop, and a payer's transfers are walked in order of time beside its arrivals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: A frontier up to this size is sent to every core; a larger one goes where its payers' transfers are.
SENT_TO_ALL = 500_000

Told = Callable[[int, int, int, int], None]


@dataclass(frozen=True, slots=True)
class Walk:
    """Who was reached: ``account, hop, arrival, earliest, amount``; and per hop new accounts, transfers, their amounts."""

    reached: DataFrame
    layers: tuple[tuple[int, int, int], ...]


def walk(
    transfers: DataFrame,
    seeds: DataFrame,
    stop: DataFrame | None,
    *,
    max_hops: int,
    dwell: int | None,
    told: Told,
    sent_to_all: int = SENT_TO_ALL,
) -> Walk:
    """Follow the seeds' money.

    Args:
        transfers: ``src, dst, time, amount``, partitioned by ``src``; none to itself.
        seeds: ``account, time``, one row an account.
        stop: ``account``: entered, not passed through, unless it is a seed that starts.
        max_hops: the most transfers in a row.
        dwell: the most ticks that money rests, inclusive; it does not bind a seed's own start.
        sent_to_all: the largest frontier that is not sent to where its payers' transfers are, but everywhere.
        told: hears after each hop its number, new accounts, transfers and amount.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - optional, and slow to import

    reached = seeds.select(
        "account",
        f.lit(0).alias("hop"),
        f.col("time").alias("arrival"),
        f.col("time").alias("earliest"),
        f.lit(0).cast("long").alias("amount"),
    )
    reached = kept(reached)
    layers = [(reached.count(), 0, 0)]
    told(0, *layers[0])
    step = (
        _Earliest(transfers, seeds, stop, sent_to_all)
        if dwell is None
        else _Resting(transfers, seeds, stop, dwell)
    )
    for hop in range(1, max_hops + 1):
        known = reached.select("account", "earliest")
        gained = kept(
            step.tainted()
            .groupBy(f.col("dst").alias("account"))
            .agg(
                f.min("time").alias("first"),
                f.sum("amount").alias("amount"),
                f.count("*").alias("transfers"),
            )
            .join(known, "account", "left")
        )
        found = gained.agg(
            f.count_if(f.isnull("earliest")).alias("accounts"),
            f.coalesce(f.sum("transfers"), f.lit(0)).alias("transfers"),
            f.coalesce(f.sum("amount"), f.lit(0)).alias("amount"),
            f.count_if(f.isnull("earliest") | (f.col("first") < f.col("earliest"))).alias("earlier"),
        ).first()
        if not found["transfers"]:
            break
        layers.append((found["accounts"], found["transfers"], found["amount"]))
        told(hop, *layers[-1])
        fresh = gained.select(
            "account",
            f.lit(hop).alias("hop"),
            f.col("first").alias("arrival"),
            f.col("first").alias("earliest"),
            "amount",
        )
        # The hop of an account never changes, nor its arrival there; what it is given grows.
        reached = kept(
            reached.unionByName(fresh)
            .groupBy("account")
            .agg(
                f.min("hop").alias("hop"),
                f.min_by("arrival", "hop").alias("arrival"),
                f.min("earliest").alias("earliest"),
                f.sum("amount").alias("amount"),
            )
        )
        if hop == max_hops or not step.advance(gained, found["earlier"]):
            break
    return Walk(reached, tuple(layers))


def kept(rows: DataFrame) -> DataFrame:
    """The rows, computed now and without the history of how: a plan that grew by each hop would soon cost more than the hop.

    Where the cluster has a directory for it (``spark.checkpoint.dir``) they outlive the machine that computed them.
    """
    if rows.sparkSession.sparkContext.getCheckpointDir() is not None:
        return rows.checkpoint()
    return rows.localCheckpoint()


class _Earliest:
    """Without a dwell limit: an account's earliest arrival says all, and an earlier one reads on from there."""

    def __init__(
        self, transfers: DataFrame, seeds: DataFrame, stop: DataFrame | None, sent_to_all: int
    ) -> None:
        from pyspark.sql import functions as f  # noqa: PLC0415

        self._f, self._transfers, self._stop = f, transfers, stop
        self._frontier = seeds.select(
            "account", f.col("time").alias("arrival"), f.lit(None).cast("long").alias("scanned")
        )
        self._size, self._sent_to_all = 1, sent_to_all

    def tainted(self) -> DataFrame:
        f = self._f
        frontier = self._frontier.hint("broadcast" if self._size <= self._sent_to_all else "shuffle_hash")
        after = (f.col("time") > f.col("arrival")) & (
            f.isnull("scanned") | (f.col("time") <= f.col("scanned"))
        )
        return self._transfers.join(frontier, self._transfers["src"] == frontier["account"]).where(after)

    def advance(self, gained: DataFrame, earlier: int) -> bool:
        f = self._f
        frontier = gained.where(f.isnull("earliest") | (f.col("first") < f.col("earliest"))).select(
            "account", f.col("first").alias("arrival"), f.col("earliest").alias("scanned")
        )
        self._frontier, self._size = _passing(frontier, self._stop), earlier
        return earlier > 0


class _Resting:
    """With a dwell limit: a transfer is tainted by the last tainted arrival before it, if that is recent enough."""

    def __init__(self, transfers: DataFrame, seeds: DataFrame, stop: DataFrame | None, dwell: int) -> None:
        from pyspark.sql import functions as f  # noqa: PLC0415
        from pyspark.sql.window import Window  # noqa: PLC0415

        self._f, self._transfers, self._stop, self._dwell = f, transfers, stop, dwell
        self._seeds = seeds.select("account", f.col("time").alias("start"))
        self._before = Window.partitionBy("src").orderBy("time").rangeBetween(Window.unboundedPreceding, -1)
        self._tainted = transfers.limit(0).select("dst", "time", "amount")
        self._fresh: DataFrame | None = None
        self._old: DataFrame | None = None

    def tainted(self) -> DataFrame:
        f = self._f
        if self._fresh is None:
            seeds = self._seeds.hint("broadcast")
            started = self._transfers.join(seeds, self._transfers["src"] == seeds["account"])
            found = started.where(f.col("time") > f.col("start"))
        else:
            found = self._follow(self._fresh)
        self._tainted = kept(found.select("dst", "time", "amount"))
        return self._tainted

    def _follow(self, fresh: DataFrame) -> DataFrame:
        """Transfers that the fresh arrivals taint and none before did."""
        f = self._f
        payers = fresh.select("account").distinct()
        mine = self._transfers["src"] == payers["account"]
        rows = self._transfers.join(payers, mine, "left_semi").withColumn("kind", f.lit(0))
        arrivals = fresh.withColumn("kind", f.lit(1))
        if self._old is not None:
            old = self._old.join(payers, "account", "left_semi").withColumn("kind", f.lit(2))
            arrivals = arrivals.unionByName(old)
        events = rows.unionByName(arrivals.withColumnRenamed("account", "src"), allowMissingColumns=True)
        last = {
            name: f.max(f.when(f.col("kind") == kind, f.col("time"))).over(self._before)
            for kind, name in ((1, "newest"), (2, "older"))
        }
        seeds = self._seeds.hint("broadcast")
        beside = events.withColumns(last).where(f.col("kind") == 0)
        recent = f.col("time") - f.col("newest") <= self._dwell
        known = f.col("time") - f.col("older") <= self._dwell
        started = f.col("time") > f.col("start")
        return beside.join(seeds, beside["src"] == seeds["account"], "left").where(
            recent & ~f.coalesce(known, f.lit(False)) & ~f.coalesce(started, f.lit(False))
        )

    def advance(self, gained: DataFrame, earlier: int) -> bool:  # noqa: ARG002 - arrivals say more than who is earlier
        f = self._f
        if self._fresh is not None:
            self._old = self._fresh if self._old is None else self._old.unionByName(self._fresh)
        arrivals = self._tainted.select(f.col("dst").alias("account"), "time").distinct()
        self._fresh = kept(_passing(arrivals, self._stop))
        return True


def _passing(frontier: DataFrame, stop: DataFrame | None) -> DataFrame:
    return frontier if stop is None else frontier.join(stop, "account", "left_anti")
