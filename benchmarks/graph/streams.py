"""Transfers that come in batches: how many a second, and what a question waits for meanwhile."""

from __future__ import annotations

import threading
import time

from benchmarks.graph.data import Data
from benchmarks.graph.timing import percentiles
from fraud_check.engine import MoneyFlowGraph, Question, Seeds, StandingRule

ROUNDS = 3
BATCHES = (100_000, 1_000_000)


def ingest(data: Data, batch: int, rule: StandingRule | None, seeds: Seeds) -> dict[str, float]:
    """Transfers a second: the best and the median round, and what the median would be on a processor of its own."""
    rates, work = [], []
    for _ in range(ROUNDS):
        graph = MoneyFlowGraph()
        for account, since in zip(seeds.accounts.tolist(), seeds.times.tolist(), strict=True):
            graph.warn(account, since)
        if rule is not None:
            graph.set_rule(rule)
        started, worked = time.perf_counter(), time.thread_time()
        append(graph, data, batch)
        work.append(data.transfers / (time.thread_time() - worked))
        rates.append(data.transfers / (time.perf_counter() - started))
        del graph
    return {"best": max(rates), "median": sorted(rates)[ROUNDS // 2], "work": sorted(work)[ROUNDS // 2]}


def append(graph: MoneyFlowGraph, data: Data, batch: int) -> None:
    for first in range(0, data.transfers, batch):
        part = slice(first, first + batch)
        graph.append(data.src[part], data.dst[part], data.time[part], data.amount[part])


def asked_while_writing(data: Data, rule: StandingRule) -> dict[str, object]:
    """One thread appends everything in batches of a million, another asks: from labels, and by search."""
    graph = MoneyFlowGraph()
    for account, since in zip(data.seed_accounts.tolist(), data.seed_times.tolist(), strict=True):
        graph.warn(account, since)
    graph.set_rule(rule)
    append(graph, data, data.transfers // 2)
    longest: list[float] = []
    done = threading.Event()

    def write() -> None:
        for first in range(0, data.transfers, 1_000_000):
            part = slice(first, first + 1_000_000)
            started = time.perf_counter()
            late = data.time[part] + (data.end - int(data.time[0]) + 1)
            graph.append(data.src[part], data.dst[part], late, data.amount[part])
            longest.append(time.perf_counter() - started)
        done.set()

    labels, searches = [], []
    question = Question(max_hops=3, end=data.end)
    writer = threading.Thread(target=write)
    writer.start()
    at = 0
    while not done.is_set():
        at = (at + 7_919) % data.accounts
        started = time.perf_counter()
        graph.check(at, data.end)
        between = time.perf_counter()
        graph.account(at, question)
        searches.append(time.perf_counter() - between)
        labels.append(between - started)
        time.sleep(0.0005)
    writer.join()
    return {
        "labels while a writer appends": percentiles(labels),
        "search while a writer appends": percentiles(searches),
        "longest append": max(longest),
    }


def one_row(data: Data, rule: StandingRule) -> list[float]:
    """Seconds of each of 20,000 appends of one row, as a stream without batches would make them."""
    graph = MoneyFlowGraph()
    graph.set_rule(rule)
    seconds = []
    for row in range(20_000):
        part = slice(row, row + 1)
        started = time.perf_counter()
        graph.append(data.src[part], data.dst[part], data.time[part], data.amount[part])
        seconds.append(time.perf_counter() - started)
    return seconds
