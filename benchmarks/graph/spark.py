"""PySpark on this machine: the batch job's own walk, transfers laid out by payer in memory, all cores, warm."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from benchmarks.graph.answers import Column
from benchmarks.graph.data import Data
from fraud_check.analyst import Following
from fraud_check.batch import Resources, Work, open_spark
from fraud_check.batch.prepare import Prepared, prepare
from fraud_check.batch.walk import walk

Rows = tuple[Column, Column, Column, Column]
MEMORY_MB = 6_144


@dataclass(frozen=True, slots=True)
class Spark:
    prepared: Prepared
    version: str
    answer: Path

    def spread(self, hops: int) -> Rows:
        """From partitioned transfers to columns of the answer; the tainted amount is computed with it."""
        one = self.prepared
        reached = walk(
            one.moved, one.starts, one.stop, max_hops=hops, dwell=None, told=lambda *_: None
        ).reached
        reached.write.mode("overwrite").parquet(str(self.answer))
        table = pa_parquet.read_table(self.answer)
        account, hop, arrival, earliest = (
            np.asarray(table[name].to_numpy(), dtype=np.int64)
            for name in ("account", "hop", "arrival", "earliest")
        )
        return account, hop, arrival, earliest


@contextmanager
def loaded(data: Data) -> Iterator[Spark]:
    with tempfile.TemporaryDirectory(prefix="bench-spark-") as directory:
        place = Path(directory)
        transfers = {"src": data.src, "dst": data.dst, "time": data.time, "amount": data.amount}
        pa_parquet.write_table(pa.table(transfers), place / "transfers.parquet")
        seeds = {"account": data.seed_accounts, "time": data.seed_times}
        pa_parquet.write_table(pa.table(seeds), place / "seeds.parquet")
        work = Work(place / "transfers.parquet", place / "seeds.parquet", Following(max_hops=8))
        with open_spark(Resources(memory_mb=MEMORY_MB, scratch=place)) as session:
            yield Spark(prepare(session, work, lambda _: None), session.version, place / "answer.parquet")
