"""The engine's own measures, in a process of its own: ``python -m benchmarks.graph.ours DATA OUT``."""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.graph.answers import digest
from benchmarks.graph.data import DWELL, LEAST, WINDOW, Data, load
from fraud_check.engine import MoneyFlowGraph, Question, Seeds, Spread, StandingRule

RUNS = 31
BATCHES = (100_000, 1_000_000)


def resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def percentiles(seconds: list[float]) -> dict[str, float]:
    at = {"min": 0, "p50": 50, "p95": 95, "p99": 99, "max": 100}
    return {name: float(np.percentile(seconds, percent)) for name, percent in at.items()}


def timed(runs: int, ask: Callable[[], Spread]) -> dict[str, object]:
    seconds, spread = [], ask()
    for _ in range(runs):
        started = time.perf_counter()
        spread = ask()
        seconds.append(time.perf_counter() - started)
    columns = (spread.accounts, spread.hops, spread.arrivals, spread.earliest)
    same = digest(*(column.astype(np.int64) for column in columns))
    reached = len(spread.accounts)
    return {**percentiles(seconds), "rows": reached, "reads": spread.reads, "digest": same, "runs": runs}


def spreads(graph: MoneyFlowGraph, data: Data) -> dict[str, object]:
    seeds = Seeds.from_columns(data.seed_accounts, data.seed_times)
    many = Seeds.from_columns(*data.more_seeds(10_000))
    strict = {"max_hops": 6, "min_amount": LEAST, "dwell": DWELL}

    def of(chosen: Seeds, question: Question) -> dict[str, object]:
        return timed(RUNS, lambda: graph.spread(question, seeds=chosen))

    return {
        **{f"spread {hops}": of(seeds, Question(max_hops=hops)) for hops in range(1, 7)},
        **{f"spread {hops} of 10,000 seeds": of(many, Question(max_hops=hops)) for hops in (4, 6)},
        "dwell": of(seeds, Question(**strict)),  # type: ignore[arg-type]
        "dwell of 10,000 seeds": of(many, Question(**strict)),  # type: ignore[arg-type]
    }


def questions(accounts: list[int], ask: Callable[[int], object]) -> dict[str, float]:
    seconds = []
    for account in accounts:
        started = time.perf_counter()
        ask(account)
        seconds.append(time.perf_counter() - started)
    return percentiles(seconds)


def one_account(graph: MoneyFlowGraph, data: Data, rule: StandingRule) -> dict[str, object]:
    rng = np.random.default_rng(5)
    everyone = rng.integers(0, data.accounts, 50_000).tolist()
    reached = [account for account in everyone if graph.check(account, data.end).hop is not None]
    spread = graph.spread(rule.question(data.end))
    near = spread.accounts[rng.integers(0, len(spread.accounts), 5_000)].tolist()
    few = everyone[:3_000]
    question = rule.question(data.end)
    disagree = sum(
        (one.hop, one.arrival, one.amount) != (other.hop, other.arrival, other.amount)
        for account in near[:2_000]
        for one, other in [(graph.check(account, data.end), graph.account(account, question))]
    )
    return {
        "labels": questions(everyone, lambda one: graph.check(one, data.end)),
        "labels, reached accounts": questions(near, lambda one: graph.check(one, data.end)),
        "search, the rule": questions(few, lambda one: graph.account(one, question)),
        "search, 4 hops, any amount": questions(
            few[:500], lambda one: graph.account(one, Question(max_hops=4, end=data.end))
        ),
        "reached of 50,000": len(reached),
        "labels and search disagree": disagree,
    }


def warnings(graph: MoneyFlowGraph, data: Data, rule: StandingRule) -> dict[str, object]:
    """Warnings whose taint starts 30 days back arrive and are lifted, while somebody asks."""
    paying = np.bincount(data.src, minlength=data.accounts)
    rng = np.random.default_rng(6)
    chosen = rng.permutation(np.flatnonzero(paying))[:300].tolist()
    start, seconds, waits = int(data.time[0]), [], []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            started = time.perf_counter()
            graph.check(chosen[0], data.end)
            waits.append(time.perf_counter() - started)
            time.sleep(0.0005)

    reader = threading.Thread(target=ask)
    reader.start()
    for account in chosen:
        started = time.perf_counter()
        graph.warn(account, start)
        seconds.append(time.perf_counter() - started)
    done.set()
    reader.join()
    probe = rng.integers(0, data.accounts, 3_000).tolist()
    before = [graph.check(account, data.end).amount for account in probe]
    graph.set_rule(rule)
    rebuilt = [graph.check(account, data.end).amount for account in probe]
    for account in chosen:
        graph.lift(account)
    return {
        "warn": percentiles(seconds),
        "a question meanwhile": percentiles(waits),
        "equal a rebuild": before == rebuilt,
    }


def ingest(data: Data, batch: int, rule: StandingRule | None) -> float:
    graph = MoneyFlowGraph()
    for account, since in zip(data.seed_accounts.tolist(), data.seed_times.tolist(), strict=True):
        graph.warn(account, since)
    if rule is not None:
        graph.set_rule(rule)
    started = time.perf_counter()
    for first in range(0, data.transfers, batch):
        part = slice(first, first + batch)
        graph.append(data.src[part], data.dst[part], data.time[part], data.amount[part])
    return data.transfers / (time.perf_counter() - started)


def main(source: Path, out: Path) -> None:
    data = load(source)
    rule = StandingRule(window=WINDOW, min_amount=LEAST)
    before = resident()
    graph = MoneyFlowGraph()
    for account, since in zip(data.seed_accounts.tolist(), data.seed_times.tolist(), strict=True):
        graph.warn(account, since)
    started = time.perf_counter()
    graph.append(data.src, data.dst, data.time, data.amount)
    loaded = time.perf_counter() - started
    graph.compact()
    held = resident() - before
    counted = graph.memory
    with_labels = {f"ingest by {batch:,}": ingest(data, batch, rule) for batch in BATCHES}
    without = ingest(data, BATCHES[-1], None)
    graph.set_rule(rule)
    measures: dict[str, object] = {
        **with_labels,
        "ingest without labels": without,
        "load at once": data.transfers / loaded,
        "bytes counted": counted,
        "bytes resident": held,
        **spreads(graph, data),
        **one_account(graph, data, rule),
        **warnings(graph, data, rule),
    }
    out.write_text(json.dumps(measures, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
