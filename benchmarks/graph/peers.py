"""The peers' measures, each beside the engine's answer: who differs stops the run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from benchmarks.graph.answers import Measured, measure
from benchmarks.graph.data import WINDOW, Data
from benchmarks.graph.duck import Duck
from benchmarks.graph.frontier_numpy import Frontier
from benchmarks.graph.postgres import server
from benchmarks.graph.spark import loaded

HOPS = (2, 3, 4, 5, 6)
ONE_ACCOUNT = 300


def compare(data: Data, expected: Mapping[int, str]) -> dict[str, object]:
    """Measure every peer; the answers must be the engine's."""
    taken: list[Measured] = []

    def take(one: Measured) -> None:
        sys.stderr.write(f"  {one.name}, {one.hops} hops: {one.p50 * 1e3:,.1f} ms, {one.rows:,} accounts\n")
        assert one.digest == expected[one.hops], f"{one.name} differs from the engine at {one.hops} hops"
        taken.append(one)

    versions = {"NumPy": np.__version__}
    _numpy(data, take)
    versions["DuckDB"] = _duck(data, take)
    versions["PySpark"] = _spark(data, take)
    with server() as postgres:
        sys.stderr.write("  loading PostgreSQL ...\n")
        postgres.load(data)
        versions["PostgreSQL"] = postgres.version
        for hops in HOPS:
            take(measure("PostgreSQL frontier", hops, 3, partial(postgres.frontier, hops)))
            for union in ("UNION", "UNION ALL"):
                take(measure(f"PostgreSQL {union}", hops, 3, partial(postgres.recursive, hops, union)))
        dwell = measure("PostgreSQL dwell", 6, 3, lambda: postgres.dwell(6))
        assert dwell.digest == expected[-1], "PostgreSQL differs from the engine with a dwell limit"
        asked = np.random.default_rng(5).integers(0, data.accounts, ONE_ACCOUNT).tolist()
        seconds = [postgres.one_account(one, data.end, data.end - WINDOW)[1] for one in asked]
    return {
        "versions": versions,
        "spreads": [
            {
                "name": one.name,
                "hops": one.hops,
                "p50": one.p50,
                "least": min(one.seconds),
                "most": max(one.seconds),
            }
            for one in taken
        ],
        "dwell": dwell.p50,
        "one account": {f"p{at}": float(np.percentile(seconds, at)) for at in (50, 99)},
    }


def _numpy(data: Data, take: Callable[[Measured], None]) -> None:
    frontier = Frontier(data)
    for hops in HOPS:
        take(measure("NumPy frontier", hops, 5, partial(frontier.ask, hops)))


def _duck(data: Data, take: Callable[[Measured], None]) -> str:
    duck = Duck(data)
    for hops in HOPS:
        take(measure("DuckDB recursive", hops, 3, partial(duck.recursive, hops)))
        take(measure("DuckDB frontier", hops, 3, partial(duck.frontier, hops)))
    return duck.version


def _spark(data: Data, take: Callable[[Measured], None]) -> str:
    sys.stderr.write("  loading PySpark ...\n")
    with loaded(data) as spark:
        for hops in HOPS:
            take(measure("PySpark", hops, 2, partial(spark.spread, hops)))
        return spark.version
