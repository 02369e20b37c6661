"""Questions about one account, from labels and by search, and warnings that come and go meanwhile."""

from __future__ import annotations

import threading
import time
from itertools import product

import numpy as np

from benchmarks.graph.data import DWELL, LEAST, WINDOW, Data
from benchmarks.graph.timing import each, percentiles
from fraud_check.engine import MoneyFlowGraph, Question, StandingRule


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
        "labels": each(everyone, lambda one: graph.check(one, data.end)),
        "labels, reached accounts": each(near, lambda one: graph.check(one, data.end)),
        "search, the rule": each(few, lambda one: graph.account(one, question)),
        "search, 4 hops, any amount": each(
            few[:500], lambda one: graph.account(one, Question(max_hops=4, end=data.end))
        ),
        "reached of 50,000": len(reached),
        "labels and search disagree": disagree,
    }


def any_parameters(graph: MoneyFlowGraph, data: Data) -> dict[str, object]:
    """Every mix of hops, window, least amount and dwell limit, each asked about 200 accounts; nothing is truncated."""
    rng = np.random.default_rng(9)
    asked: list[tuple[int, Question]] = []
    starts = (None, data.end - WINDOW // 4)
    for hops, start, least, dwell in product(range(1, 9), starts, (0, LEAST), (None, DWELL)):
        question = Question(max_hops=hops, start=start, end=data.end, min_amount=least, dwell=dwell)
        asked += [(account, question) for account in rng.integers(0, data.accounts, 200).tolist()]
    order = rng.permutation(len(asked))
    mixed = each((asked[at] for at in order), lambda one: graph.account(*one))
    strangers = rng.integers(0, data.accounts, 1_000).tolist()
    widest = {
        f"search, {question.max_hops} hops of everything": each(
            [(account, question) for account in strangers], lambda one: graph.account(*one)
        )
        for question in (Question(max_hops=hops, end=data.end) for hops in (5, 6, 8))
    }
    reached = graph.spread(Question(max_hops=4, end=data.end)).accounts
    near = reached[rng.integers(0, len(reached), 500)].tolist()
    within = {
        f"search, {question.max_hops} hops of everything, within reach": each(
            [(account, question) for account in near], lambda one: graph.account(*one)
        )
        for question in (Question(max_hops=hops, end=data.end) for hops in (4, 6))
    }
    return {"search, any parameters": mixed, **widest, **within}


def warnings(graph: MoneyFlowGraph, data: Data, rule: StandingRule) -> dict[str, object]:
    """Warnings whose taint starts 30 days back arrive and are lifted, while somebody asks."""
    paying = np.bincount(data.src, minlength=data.accounts)
    rng = np.random.default_rng(6)
    listed = np.fromiter(graph.warnings, dtype=np.int64)
    chosen = np.setdiff1d(rng.permutation(np.flatnonzero(paying))[:320], listed)[:300].tolist()
    start, waits = int(data.time[0]), []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            started = time.perf_counter()
            graph.check(chosen[0], data.end)
            waits.append(time.perf_counter() - started)
            time.sleep(0.0005)

    reader = threading.Thread(target=ask)
    reader.start()
    warned = each(chosen, lambda account: graph.warn(account, start))
    done.set()
    reader.join()
    probe = rng.integers(0, data.accounts, 3_000).tolist()
    before = [graph.check(account, data.end).amount for account in probe]
    graph.set_rule(rule)
    rebuilt = [graph.check(account, data.end).amount for account in probe]
    for account in chosen:
        graph.lift(account)
    return {"warn": warned, "a question meanwhile": percentiles(waits), "equal a rebuild": before == rebuilt}
