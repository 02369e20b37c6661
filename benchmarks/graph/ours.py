"""The engine's own measures, in a process of its own: ``python -m benchmarks.graph.ours DATA OUT all|spreads``."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.graph.accounts import any_parameters, one_account, warnings
from benchmarks.graph.answers import digest
from benchmarks.graph.data import DWELL, LEAST, WINDOW, Data, load
from benchmarks.graph.streams import BATCHES, asked_while_writing, ingest, one_row
from benchmarks.graph.timing import percentiles
from benchmarks.graph.watching import of_shapes, run
from fraud_check.engine import MoneyFlowGraph, Question, Seeds, Shape, Spread, StandingRule

RUNS = 31


def resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def timed(runs: int, ask: Callable[[], Spread]) -> dict[str, object]:
    seconds, work, spread = [], [], ask()
    for _ in range(runs):
        started, worked = time.perf_counter(), time.thread_time()
        spread = ask()
        work.append(time.thread_time() - worked)
        seconds.append(time.perf_counter() - started)
    columns = (spread.accounts, spread.hops, spread.arrivals, spread.earliest)
    same = digest(*(column.astype(np.int64) for column in columns))
    told = {"rows": len(spread.accounts), "reads": spread.reads, "digest": same, "runs": runs}
    return {**percentiles(seconds), "work": percentiles(work)["p50"], **told}


def spreads(graph: MoneyFlowGraph, data: Data) -> dict[str, object]:
    seeds = Seeds.from_columns(data.seed_accounts, data.seed_times)
    many = Seeds.from_columns(*data.more_seeds(10_000))
    strict = Question(max_hops=6, min_amount=LEAST, dwell=DWELL)

    def of(chosen: Seeds, question: Question) -> dict[str, object]:
        return timed(RUNS, lambda: graph.spread(question, seeds=chosen))

    return {
        **{f"spread {hops}": of(seeds, Question(max_hops=hops)) for hops in range(1, 7)},
        **{f"spread {hops} of 10,000 seeds": of(many, Question(max_hops=hops)) for hops in range(1, 7)},
        "dwell": of(seeds, strict),
        "dwell of 10,000 seeds": of(many, strict),
    }


def with_many_seeds(graph: MoneyFlowGraph, data: Data, rule: StandingRule) -> dict[str, object]:
    """What depends on the number of warnings, with 10,000 of them."""
    for account, since in zip(*(column.tolist() for column in data.more_seeds(10_000)), strict=True):
        graph.warn(account, since)
    graph.set_rule(rule)
    many = Seeds.from_columns(*data.more_seeds(10_000))
    return {
        **one_account(graph, data, rule),
        **any_parameters(graph, data),
        **warnings(graph, data, rule),
        "ingest by 1,000,000": ingest(data, BATCHES[-1], rule, many),
    }


def loaded(data: Data) -> tuple[MoneyFlowGraph, dict[str, object]]:
    """A graph of everything, with what it took and what it holds."""
    before = resident()
    graph = MoneyFlowGraph()
    for account, since in zip(data.seed_accounts.tolist(), data.seed_times.tolist(), strict=True):
        graph.warn(account, since)
    started = time.perf_counter()
    graph.append(data.src, data.dst, data.time, data.amount)
    took = time.perf_counter() - started
    graph.compact()
    held = resident() - before
    return graph, {
        "load at once": data.transfers / took,
        "bytes counted": graph.memory,
        "bytes resident": held,
    }


def main(source: Path, out: Path, what: str) -> None:
    data = load(source)
    if what == "spreads":
        graph, _ = loaded(data)
        out.write_text(json.dumps(spreads(graph, data), indent=1))
        return
    rule = StandingRule(window=WINDOW, min_amount=LEAST)
    seeds = Seeds.from_columns(data.seed_accounts, data.seed_times)
    graph, held = loaded(data)
    streams: dict[str, object] = {
        f"ingest by {batch:,}": ingest(data, batch, rule, seeds) for batch in BATCHES
    }
    streams["ingest without labels"] = ingest(data, BATCHES[-1], None, seeds)
    counted = graph.memory
    graph.set_rule(rule)
    measures: dict[str, object] = {
        **held,
        **streams,
        "bytes of labels": graph.memory - counted,
        **spreads(graph, data),
        **one_account(graph, data, rule),
        **any_parameters(graph, data),
        **warnings(graph, data, rule),
        **asked_while_writing(data, rule),
        "one row": percentiles(one_row(data, rule)),
        "every shape watched": asdict(run(data, of_shapes(tuple(Shape)))),
        "with 10,000 seeds": with_many_seeds(graph, data, rule),
    }
    out.write_text(json.dumps(measures, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
