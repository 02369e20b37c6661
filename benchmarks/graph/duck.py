"""DuckDB in process, one thread: the same recursive CTE with UNION, and the same frontier, as SQL over columns."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.graph.answers import Column
from benchmarks.graph.data import Data

Rows = tuple[Column, Column, Column, Column]

WALK = """
WITH RECURSIVE walk(account, hop, arrival) AS (
  SELECT account, 0, time FROM seeds
  UNION
  SELECT t.dst, w.hop + 1, t.time FROM walk w JOIN transfers t ON t.src = w.account AND t.time > w.arrival
  WHERE w.hop < {hops} AND t.dst <> t.src
), best AS (SELECT account, hop, min(arrival) AS arrival FROM walk GROUP BY account, hop)
SELECT account, min(hop) AS hop, arg_min(arrival, hop) AS arrival, min(arrival) AS earliest FROM best GROUP BY account
"""

HOP = """
CREATE OR REPLACE TEMP TABLE fresh AS
  SELECT t.dst AS account, min(t.time) AS arrival
  FROM frontier f JOIN transfers t ON t.src = f.account AND t.time > f.arrival AND t.time <= f.scanned
  WHERE t.dst <> t.src GROUP BY t.dst;
CREATE OR REPLACE TEMP TABLE frontier AS
  SELECT n.account, n.arrival, coalesce(r.earliest, 9223372036854775807) AS scanned
  FROM fresh n LEFT JOIN reached r USING (account) WHERE r.account IS NULL OR n.arrival < r.earliest;
UPDATE reached SET earliest = f.arrival FROM frontier f WHERE reached.account = f.account;
INSERT INTO reached SELECT account, {hop}, arrival, arrival FROM frontier WHERE scanned = 9223372036854775807;
"""


class Duck:
    def __init__(self, data: Data) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        transfers = pa.table({"src": data.src, "dst": data.dst, "time": data.time, "amount": data.amount})
        seeds = pa.table({"account": data.seed_accounts, "time": data.seed_times})
        self.connection.register("given", transfers)
        self.connection.register("listed", seeds)
        # Sorted by payer and time: what an index is to a store of columns.
        self.connection.execute(
            "CREATE TABLE transfers AS SELECT src::INT AS src, dst::INT AS dst, time, amount FROM given ORDER BY src, time"
        )
        self.connection.execute("CREATE TABLE seeds AS SELECT account::INT AS account, time FROM listed")

    @property
    def version(self) -> str:
        return str(duckdb.__version__)

    def recursive(self, hops: int) -> Rows:
        return self._columns(WALK.format(hops=hops))

    def frontier(self, hops: int) -> Rows:
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE reached AS SELECT account, 0 AS hop, time AS arrival, time AS earliest FROM seeds;"
            "CREATE OR REPLACE TEMP TABLE frontier AS"
            " SELECT account, time AS arrival, 9223372036854775807 AS scanned FROM seeds"
        )
        for hop in range(1, hops + 1):
            self.connection.execute(HOP.format(hop=hop))
        return self._columns("SELECT account, hop, arrival, earliest FROM reached")

    def _columns(self, query: str) -> Rows:
        answer = self.connection.execute(query).fetchnumpy()
        account, hop, arrival, earliest = (np.asarray(column, dtype=np.int64) for column in answer.values())
        return account, hop, arrival, earliest
