"""``docs/performance-graph.md`` from one run's measures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.graph import engine_rows as engine
from benchmarks.graph import over_http
from benchmarks.graph.beside import GROWTH, POSTGRES, Beside
from benchmarks.graph.large import RECORD, rows
from benchmarks.graph.words import ms, verdict

Tree = Mapping[str, Any]


def large() -> list[str]:
    if not RECORD.exists():
        return []
    return ["## Scale L", "", *rows(json.loads(RECORD.read_text())), ""]


def _walks(kind: Beside) -> list[str]:
    return [
        f"**Within so many hops, {kind.per_pair} transfers per pair**; x is the growth from one hop fewer:",
        "",
        *kind.hops(),
        "",
        kind.rows_for_a_read(),
        "",
    ]


def write(run: Tree) -> str:
    """The document."""
    ours, plain, peers = run["ours"], run["ours, small pages"], run["peers"]
    lines = [
        "# How fast the money-flow graph is",
        "",
        "Written by `make bench-graph`; one run, one machine, the same generated data, and every peer's answer (account,",
        "fewest hops, arrival there, earliest arrival) identical to the engine's, checked by digest.",
        "",
        "## Where and on what",
        "",
        *(f"* {line}" for line in run["where"]),
        "",
        "## Spread, forward from the warning accounts, 30 days, one thread",
        "",
        "Median milliseconds (least to most of the runs). The engine's times are through the Python call and include the tainted",
        "amount per account and per hop, which of the peers only PySpark computes too; PySpark runs on all cores, the others on one.",
        "",
    ]
    six = ours["spread 6"]["reads"]
    names = [
        *POSTGRES,
        "DuckDB recursive",
        "DuckDB frontier",
        "NumPy frontier",
        "PySpark",
    ]
    kinds = [
        Beside(ours, peers, run["per pair"]),
        *(Beside(one["ours"], one["peers"], per_pair) for per_pair, one in run["again"].items()),
    ]
    lines += kinds[0].table(names)
    for kind in kinds[1:]:
        lines += [
            "",
            f"**The same with {kind.per_pair} transfers per pair**: as many transfers between the same accounts, but fewer pairs, each of",
            "which pays again and again; the engine and PostgreSQL only.",
            "",
            *kind.table(POSTGRES),
        ]
    lines += [
        "",
        "## What was to be reached",
        "",
        "| measure | limit | here | |",
        "| --- | --- | --- | --- |",
        *engine.spreads(ours),
        *(row for kind in kinds for row in kind.ratios()),
        *(row for kind in kinds for row in kind.growth()),
        f"| transfers read at 6 hops | ≤ {run['transfers']:,} | {six:,} | {verdict(six, run['transfers'])} |",
        *engine.one_account(ours, peers),
        *engine.warned(ours),
        *engine.dwell(ours, peers["dwell"]),
        *engine.streams(ours),
        *engine.watched(ours),
        *over_http.rows(run["over http"]),
        *engine.memory(ours, run["accounts"], run["transfers"]),
        f"| labels and search disagree | 0 | {ours['labels and search disagree']} | |",
        "",
        "## From hop to hop",
        "",
        *engine.hops(ours),
        "",
        *(line for kind in kinds for line in _walks(kind)),
        *GROWTH,
        "## The same with 10,000 warning accounts",
        "",
        *engine.many(ours),
        "",
        *large(),
        "## What bounds it, and what was tried",
        "",
        "A spread is bound by memory latency, not by work: each transfer read touches one account's cell somewhere in memory. The first",
        "version waited for them one by one and took four times as long; a hop now runs in passes without branches that wait",
        "for a load, over blocks of 64 accounts, with 16 bytes an account. Page tables are the rest: with `GLIBC_TUNABLES=",
        "glibc.malloc.hugetlb=1` (as `make bench-graph` sets it, and a hub should) the allocator asks for huge pages. Without it:"
        f" 4 hops {ms(plain['spread 4']['p50'])} ms, 6 hops {ms(plain['spread 6']['p50'])} ms.",
        "",
        *engine.BOUNDS,
        "Each shape at insert by itself: [`graph.md`](graph.md). The systems that answer other questions",
        "(LadybugDB, Raphtory, rustworkx, igraph, networkit) were measured once: [`performance-graph-others.md`](performance-graph-others.md).",
        "",
    ]
    return "\n".join(lines)
