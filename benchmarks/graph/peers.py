"""The peers' measures, each beside the engine's answer: who differs stops the run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from psycopg.errors import QueryCanceled

from benchmarks.graph.answers import Measured, measure
from benchmarks.graph.data import WINDOW, Data
from benchmarks.graph.duck import Duck
from benchmarks.graph.frontier_numpy import Frontier
from benchmarks.graph.postgres import LONGEST, Rows, Server, server
from benchmarks.graph.spark import loaded

HOPS = (2, 3, 4, 5, 6)
ONE_ACCOUNT = 300
#: What a statement that was broken off is known by.
BROKEN_OFF = ""

Take = Callable[[Measured], None]


class Taken:
    """What was measured, each answer equal to the engine's."""

    def __init__(self, expected: Mapping[int, str]) -> None:
        self.expected = expected
        self.all: list[Measured] = []

    def __call__(self, one: Measured) -> None:
        over = one.digest == BROKEN_OFF
        told = "more than " if over else ""
        sys.stderr.write(
            f"  {one.name}, {one.hops} hops: {told}{one.p50 * 1e3:,.1f} ms, {one.rows:,} accounts\n"
        )
        same = over or one.digest == self.expected[one.hops]
        assert same, f"{one.name} differs from the engine at {one.hops} hops"
        self.all.append(one)

    def told(self) -> list[dict[str, object]]:
        return [
            {
                "name": one.name,
                "hops": one.hops,
                "p50": one.p50,
                "least": min(one.seconds),
                "most": max(one.seconds),
                "broken off": one.digest == BROKEN_OFF,
            }
            for one in self.all
        ]


def compare(data: Data, expected: Mapping[int, str]) -> dict[str, object]:
    """Measure every peer; the answers must be the engine's."""
    take = Taken(expected)
    versions = {"NumPy": np.__version__}
    _numpy(data, take)
    versions["DuckDB"] = _duck(data, take)
    versions["PySpark"] = _spark(data, take)
    with server() as postgres:
        walked = _postgres(postgres, data, take)
        versions["PostgreSQL"] = postgres.version
        dwell = measure("PostgreSQL dwell", 6, 3, lambda: postgres.dwell(6))
        assert dwell.digest == expected[-1], "PostgreSQL differs from the engine with a dwell limit"
        asked = np.random.default_rng(5).integers(0, data.accounts, ONE_ACCOUNT).tolist()
        seconds = [postgres.one_account(one, data.end, data.end - WINDOW)[1] for one in asked]
    return {
        "versions": versions,
        "spreads": take.told(),
        "walked": walked,
        "dwell": dwell.p50,
        "one account": {f"p{at}": float(np.percentile(seconds, at)) for at in (50, 99)},
    }


def compare_postgres(data: Data, expected: Mapping[int, str]) -> dict[str, object]:
    """Measure PostgreSQL alone, all three ways."""
    take = Taken(expected)
    with server() as postgres:
        walked = _postgres(postgres, data, take)
    return {"spreads": take.told(), "walked": walked}


def _postgres(postgres: Server, data: Data, take: Take) -> dict[str, list[int]]:
    """Three formulations, and how many rows two of them make at each hop (none where that takes too long)."""
    sys.stderr.write("  loading PostgreSQL ...\n")
    postgres.load(data)
    ways: dict[str, Callable[[int], Rows]] = {
        "PostgreSQL frontier": postgres.frontier,
        "PostgreSQL UNION": partial(postgres.recursive, union="UNION"),
        "PostgreSQL UNION ALL": partial(postgres.recursive, union="UNION ALL"),
    }
    for name, way in ways.items():
        for hops in HOPS:
            one = within_time(name, hops, partial(way, hops))
            take(one)
    walked = {}
    for union in ("UNION", "UNION ALL"):
        try:
            walked[union] = postgres.walked(max(HOPS), union)
        except QueryCanceled:
            walked[union] = []
    return walked


def within_time(name: str, hops: int, ask: Callable[[], Rows]) -> Measured:
    """Three runs, or the time after which a statement was broken off."""
    try:
        return measure(name, hops, 3, ask)
    except QueryCanceled:
        return Measured(name, hops, (float(LONGEST),), 0, BROKEN_OFF)


def _numpy(data: Data, take: Take) -> None:
    frontier = Frontier(data)
    for hops in HOPS:
        take(measure("NumPy frontier", hops, 5, partial(frontier.ask, hops)))


def _duck(data: Data, take: Take) -> str:
    duck = Duck(data)
    for hops in HOPS:
        take(measure("DuckDB recursive", hops, 3, partial(duck.recursive, hops)))
        take(measure("DuckDB frontier", hops, 3, partial(duck.frontier, hops)))
    return duck.version


def _spark(data: Data, take: Take) -> str:
    sys.stderr.write("  loading PySpark ...\n")
    with loaded(data) as spark:
        for hops in HOPS:
            take(measure("PySpark", hops, 2, partial(spark.spread, hops)))
        return spark.version
