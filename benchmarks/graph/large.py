"""Scale L, measured now and then: ``python -m benchmarks.graph.large [--keep DIR]`` writes ``large.json`` beside this file.

10,000,000 accounts and 100,000,000 transfers take ten minutes to make and 10 GB to load, so it is no part of every run;
the document says when it was.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.graph.data import DWELL, LEAST, WINDOW, make
from benchmarks.graph.ours import resident, timed
from benchmarks.graph.streams import append
from benchmarks.graph.timing import each
from benchmarks.graph.words import ms, us, verdict
from fraud_check.engine import MoneyFlowGraph, Question, Seeds, StandingRule
from fraud_check.generate import Scale

RECORD = Path(__file__).with_name("large.json")
BATCH = 1_000_000
RUNS = 15


def measure(keep: Path) -> dict[str, Any]:
    data = make(Scale("L"), keep / "bench-graph-L.npz")
    seeds = Seeds.from_columns(data.seed_accounts, data.seed_times)
    many = Seeds.from_columns(*data.more_seeds(10_000))
    rule = StandingRule(window=WINDOW, min_amount=LEAST)
    before = resident()
    graph = MoneyFlowGraph()
    for account, since in zip(data.seed_accounts.tolist(), data.seed_times.tolist(), strict=True):
        graph.warn(account, since)
    graph.set_rule(rule)
    started, worked = time.perf_counter(), time.thread_time()
    append(graph, data, BATCH)
    loaded, work = time.perf_counter() - started, time.thread_time() - worked
    uncompacted = timed(RUNS, lambda: graph.spread(Question(max_hops=6), seeds=seeds))
    started = time.perf_counter()
    graph.compact()
    compacted = time.perf_counter() - started
    strict = Question(max_hops=6, min_amount=LEAST, dwell=DWELL)
    who = np.random.default_rng(5).integers(0, data.accounts, 3_000).tolist()
    return {
        "when": f"{datetime.now(UTC):%Y-%m-%d}",
        "load": os.getloadavg()[0],
        "accounts": data.accounts,
        "transfers": data.transfers,
        "seconds": loaded,
        "work": work,
        "compact": compacted,
        "bytes counted": graph.memory,
        "bytes resident": resident() - before,
        "most resident": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "spread 6 before compaction": uncompacted,
        **{
            f"spread {hops}": timed(RUNS, partial(graph.spread, Question(max_hops=hops), seeds=seeds))
            for hops in range(2, 7)
        },
        "spread 6 of 10,000 seeds": timed(RUNS, lambda: graph.spread(Question(max_hops=6), seeds=many)),
        "dwell": timed(RUNS, lambda: graph.spread(strict, seeds=seeds)),
        "labels": each(who, lambda one: graph.check(one, data.end)),
        "search": each(who, lambda one: graph.account(one, rule.question(data.end))),
    }


def rows(large: Mapping[str, Any]) -> list[str]:
    """The document's section about it."""
    per = large["transfers"]
    six, ten = large["spread 6"], large["spread 6 of 10,000 seeds"]
    before = large["spread 6 before compaction"]
    spreads = " / ".join(ms(large[f"spread {hops}"]["p50"]) for hops in range(2, 7))
    limit = 32 + 64 * large["accounts"] / per
    counted, held = large["bytes counted"] / per, large["bytes resident"] / per
    most = large["most resident"] / 1e9
    return [
        f"Measured once, on {large['when']}, same machine, load average {large['load']:.1f}: {large['accounts']:,} accounts,"
        f" {per:,} transfers, 402 warning accounts.",
        "",
        "| measure | limit | here | |",
        "| --- | --- | --- | --- |",
        f"| load with labels in batches of 1,000,000 | loads on 24 GB | {large['seconds']:.0f} s ({per / large['seconds'] / 1e6:.1f} M/s;"
        f" for each second on the processor {per / large['work'] / 1e6:.1f}), at most {most:.1f} GB with the generated columns"
        f" | {verdict(most, 24)} |",
        f"| spread, 6 hops, p50 | 35 ms | {ms(six['p50'])} ms ({ms(six['min'])}-{ms(six['max'])}; on the processor {ms(six['work'])});"
        f" {six['rows']:,} accounts, {six['reads']:,} transfers read | {verdict(six['p50'], 35e-3)} |",
        f"| - before compaction | | {ms(before['p50'])} ms | |",
        f"| - 2 / 3 / 4 / 5 / 6 hops | | {spreads} ms | |",
        f"| - 10,000 seeds, 6 hops | | {ms(ten['p50'])} ms ({ten['rows']:,} accounts) | |",
        f"| spread with dwell 72 h, NT$10,000 or more, 6 hops | | {ms(large['dwell']['p50'])} ms | |",
        f"| one account: labels p50 / p99, search p50 / p99 | | {us(large['labels']['p50'])} / {us(large['labels']['p99'])},"
        f" {us(large['search']['p50'])} / {us(large['search']['p99'])} | |",
        f"| memory for each transfer: counted / resident, labels included | {limit:.1f} B | {counted:.1f} / {held:.1f} B"
        f" | {verdict(counted, limit)} |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph.large", description=__doc__)
    parser.add_argument("--keep", type=Path, help="where to keep the generated data for the next run")
    with tempfile.TemporaryDirectory(prefix="bench-graph-") as directory:
        measured = measure(parser.parse_args().keep or Path(directory))
    RECORD.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
