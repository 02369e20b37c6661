"""``docs/performance-graph.md`` from one run's measures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.graph import engine_rows as engine
from benchmarks.graph.large import RECORD, rows
from benchmarks.graph.words import ms, verdict

Tree = Mapping[str, Any]


def large() -> list[str]:
    if not RECORD.exists():
        return []
    return ["## Scale L", "", *rows(json.loads(RECORD.read_text())), ""]


def write(run: Tree) -> str:
    """The document."""
    ours, plain, peers = run["ours"], run["ours, small pages"], run["peers"]
    lines = [
        "# How fast the money-flow graph is",
        "",
        "Written by `make bench-graph`; one run, one machine, one set of generated data, and every peer's answer (account,",
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
    names = [
        "PostgreSQL UNION",
        "PostgreSQL UNION ALL",
        "PostgreSQL frontier",
        "DuckDB recursive",
        "DuckDB frontier",
        "NumPy frontier",
        "PySpark",
    ]
    lines += ["| hops | accounts | transfers read | engine | " + " | ".join(names) + " |"]
    lines += ["| --- " * (4 + len(names)) + "|"]
    table = {(one["name"], one["hops"]): one for one in peers["spreads"]}
    for hops in (2, 3, 4, 5, 6):
        own = ours[f"spread {hops}"]
        cells = [
            f"{own['rows']:,}",
            f"{own['reads']:,}",
            f"{ms(own['p50'])} ({ms(own['min'])}-{ms(own['max'])})",
        ]
        for name in names:
            one = table[name, hops]
            cells.append(f"{ms(one['p50'])} ({ms(one['least'])}-{ms(one['most'])})")
        lines.append(f"| {hops} | " + " | ".join(cells) + " |")
    six = ours["spread 6"]["p50"]
    theirs = [
        table["PostgreSQL UNION", hops + 1]["p50"] / table["PostgreSQL UNION", hops]["p50"]
        for hops in range(2, 6)
    ]
    ratio = {name: table[name, 6]["p50"] / six for name in names}
    wanted = {"PostgreSQL UNION": 400, "PostgreSQL UNION ALL": 1_900, "PostgreSQL frontier": 95}
    lines += [
        "",
        "## What was to be reached",
        "",
        "| measure | limit | here | |",
        "| --- | --- | --- | --- |",
        *engine.spreads(ours),
        *(
            f"| against {name}, 6 hops | ≥ {limit:,}x | {ratio[name]:,.0f}x | {verdict(limit, ratio[name])} |"
            for name, limit in wanted.items()
        ),
        *engine.growth(ours, theirs, run["transfers"]),
        *engine.one_account(ours, peers),
        *engine.warned(ours),
        *engine.dwell(ours, peers["dwell"]),
        *engine.streams(ours),
        *engine.memory(ours, run["accounts"], run["transfers"]),
        f"| labels and search disagree | 0 | {ours['labels and search disagree']} | |",
        "",
        "## From hop to hop",
        "",
        *engine.hops(ours),
        "",
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
        "How much PostgreSQL loses depends on how many walks there are, more than on how many transfers: UNION ALL follows every walk,",
        "UNION every distinct (account, hop, arrival). On data with more walks per transfer the ratios grow.",
        "",
        "Not measured here: questions and signed verdicts over HTTP while transfers stream in (the hub's part), patterns at insert (they",
        "are looked for over a graph, not at insert), scale L. The systems that answer other questions",
        "(LadybugDB, Raphtory, rustworkx, igraph, networkit) were measured once: [`performance-graph-others.md`](performance-graph-others.md).",
        "",
    ]
    return "\n".join(lines)
