"""The front door: what it takes, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fraud_check.engine import (
    AccountSet,
    Budget,
    Direction,
    MoneyFlowGraph,
    Names,
    Question,
    Seeds,
    StandingRule,
)
from fraud_check.engine._engine import MAX_ACCOUNTS, MAX_TIME, Asked, Graph, GraphRefused
from passport.errors import Malformed


@pytest.fixture
def graph() -> MoneyFlowGraph:
    graph = MoneyFlowGraph()
    graph.append([0, 1], [1, 2], [10, 20], [100, 90])
    graph.warn(0, 0)
    return graph


def state(graph: MoneyFlowGraph) -> tuple[object, ...]:
    spread = graph.spread()
    return graph.transfers, graph.accounts, graph.newest, spread.accounts.tolist(), spread.amounts.tolist()


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (([3], [4, 5], [1], [1]), "dst: expected 1 rows"),
        (([3], [4], [1], [-1]), r"amount\[0\]: expected 0 to"),
        (([3], [4], [MAX_TIME + 1], [1]), r"time\[0\]: expected"),
        (([3, 3], [4, MAX_ACCOUNTS], [1, 1], [1, 1]), r"dst\[1\]: expected 0 to"),
        (([3], [-4], [1], [1]), "dst: expected 0 to"),
        (([3], [4], [1], [1.5]), "amount: expected integers"),
        (([3], [4], [1], [2**63 - 1]), "below 2\\^63"),
        (([3], [4], [2**64], [1]), "time: expected integers"),
        (([[3]], [4], [1], [1]), "src: expected one dimension"),
        (([3], [4], [1], [1], [300]), "channel: expected 0 to 255"),
    ],
)
def test_bad_batch_is_refused_whole(graph: MoneyFlowGraph, columns: tuple[Any, ...], says: str) -> None:
    before = state(graph)
    with pytest.raises(Malformed, match=says):
        graph.append(*columns)
    assert state(graph) == before


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda graph: graph.spread(Question(max_hops=0)), "max_hops: expected 1 to 8, got 0"),
        (lambda graph: graph.spread(Question(max_hops=9)), "max_hops: expected 1 to 8, got 9"),
        (lambda graph: graph.spread(Question(max_hops=300)), "out of range"),
        (lambda graph: graph.spread(Question(min_amount=-1)), "min_amount: expected 0 or more"),
        (lambda graph: graph.spread(Question(min_share=10_001)), "min_share: expected 0 to 10000, got 10001"),
        (lambda graph: graph.spread(Question(min_share=-1)), "out of range"),
        (lambda graph: graph.spread(Question(dwell=-1)), "dwell: expected"),
        (lambda graph: graph.spread(Question(end=2**60)), "end: expected"),
        (lambda graph: graph.spread(budget=Budget(max_seconds=-1.0)), "max_seconds: expected"),
        (lambda graph: graph.spread(budget=Budget(max_seconds=float("nan"))), "max_seconds: expected"),
        (lambda graph: graph.account(1, Question(direction=Direction.BACKWARD)), "direction: expected"),
        (lambda graph: graph.account(MAX_ACCOUNTS), "account"),
        (lambda graph: graph.account(-1), "out of range"),
        (lambda _: Seeds.from_columns([2, 1], [0, 0]), "strictly ascending"),
        (lambda _: Seeds.from_columns([1, 1], [0, 0]), "strictly ascending"),
        (lambda _: Seeds.from_columns([1], [0, 0]), "expected 1 rows, got 2"),
    ],
)
def test_bad_question_is_refused(
    graph: MoneyFlowGraph, ask: Callable[[MoneyFlowGraph], object], says: str
) -> None:
    before = state(graph)
    with pytest.raises(Malformed, match=says):
        ask(graph)
    assert state(graph) == before


def test_unsorted_seeds_are_refused_by_the_engine_too() -> None:
    with pytest.raises(GraphRefused, match="position 1"):
        Graph().spread(np.array([2, 1], dtype=np.uint32), np.array([0, 0]), Asked.of())


def test_strided_columns_are_copied_and_strided_ones_never_reach_the_engine() -> None:
    graph = MoneyFlowGraph()
    both = np.array([[0, 1], [1, 2]], dtype=np.uint32)
    graph.append(both[:, 0], both[:, 1], [1, 2], [5, 5])
    assert graph.transfers == 2
    with pytest.raises(TypeError, match="contiguous"):
        Graph().append(both[:, 0], both[:, 1], np.array([1, 2]), np.array([5, 5]))


def test_sequence_numbers_are_consecutive_over_batches() -> None:
    graph = MoneyFlowGraph()
    assert graph.append([0], [1], [5], [1]) == 0
    assert graph.append([], [], [], []) == 1
    assert graph.append([0, 0], [1, 1], [3, 4], [1, 1]) == 1
    assert graph.append([0], [1], [1], [1]) == 3


def test_channel_is_kept_as_evidence() -> None:
    graph = MoneyFlowGraph()
    graph.append([0], [1], [5], [1], [7])
    path = graph.spread(seeds=Seeds.of([(0, 0)])).path(1)
    assert path is not None
    assert [(step.seq, step.channel) for step in path] == [(0, 7)]


def test_warnings_are_set_moved_and_lifted(graph: MoneyFlowGraph) -> None:
    assert graph.account(2).hop == 2
    graph.warn(1, 0)
    assert (graph.account(2).hop, graph.account(2).source) == (1, 1)
    graph.warn(1, 20)
    assert graph.account(2).hop == 2
    graph.lift(0)
    graph.lift(0)
    assert graph.account(2).hop is None
    assert dict(graph.warnings) == {1: 20}


def test_sets_of_accounts() -> None:
    accounts = AccountSet(np.array([3, 64, 1_000], dtype=np.uint32))
    assert [account in accounts for account in (3, 4, 64, 1_000, 5_000)] == [True, False, True, True, False]


def test_a_large_graph_answers_alike_however_it_was_loaded() -> None:
    rng = np.random.default_rng(7)
    rows = 60_000
    src, dst = (rng.integers(0, 3_000, rows, dtype=np.uint32) for _ in range(2))
    time = np.sort(rng.integers(0, 5_000, rows))
    time[::97] = rng.integers(0, 5_000, len(time[::97]))  # some come late
    amount = rng.integers(0, 100, rows)
    seeds = Seeds.of((account, 1_000) for account in range(0, 3_000, 500))
    question = Question(max_hops=6, min_amount=40, end=4_000)
    answers = []
    for step in (rows, 25_000, 9_999, 1_234):
        graph = MoneyFlowGraph()
        for first in range(0, rows, step):
            part = slice(first, first + step)
            graph.append(src[part], dst[part], time[part], amount[part])
        for _ in range(2):
            spread = graph.spread(question, seeds=seeds)
            columns = (spread.accounts, spread.hops, spread.arrivals, spread.earliest, spread.amounts)
            answers.append([column.tolist() for column in columns])
            graph.compact()
        assert graph.memory < 33 * rows + 64 * 3_000
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0][0]) > 1_000


def test_readers_work_on_whole_batches_while_a_writer_appends() -> None:
    graph = MoneyFlowGraph()
    seeds = Seeds.of([(0, 0)])
    odd: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            amount = int(graph.spread(seeds=seeds).amounts.sum())
            if amount % 2:
                odd.append(amount)

    reader = threading.Thread(target=read)
    reader.start()
    for tick in range(1, 2_000):
        graph.append([0, 0], [1, 2], [tick, tick], [1, 1])
    done.set()
    reader.join()
    assert odd == []
    assert int(graph.spread(seeds=seeds).amounts.sum()) == 2 * 1_999


def test_a_question_does_not_wait_for_a_long_append() -> None:
    """One that waited for the writer would take as long as the append that it met."""
    rng = np.random.default_rng(8)
    rows, accounts = 3_000_000, 200_000
    src, dst = rng.integers(0, accounts, (2, rows), dtype=np.uint32)
    amount = rng.integers(1, 1_000, rows)
    graph = MoneyFlowGraph()
    graph.warn(0, 0)
    graph.set_rule(StandingRule(window=rows, max_hops=2))
    graph.append(src[:1_000], dst[:1_000], np.arange(1_000), amount[:1_000])
    question, done = Question(max_hops=2), threading.Event()
    waits: list[float] = []
    started = time.perf_counter()

    def write() -> None:
        graph.append(src, dst, np.arange(1_000, 1_000 + rows), amount)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        asked = time.perf_counter()
        graph.check(1, rows)
        graph.account(1, question)
        waits.append(time.perf_counter() - asked)
    writer.join()
    took = time.perf_counter() - started
    assert len(waits) >= 20, "the append was over too soon to say anything"
    assert max(waits) < took / 3


def test_names_number_tokens_in_the_order_of_first_sight() -> None:
    names = Names()
    first, second = b"a" * 32, b"b" * 32
    assert names.intern(first + second + first).tolist() == [0, 1, 0]
    assert (names.find(second), names.find(b"c" * 32), names.token(1), names.token(2)) == (
        1,
        None,
        second,
        None,
    )
    assert len(names) == 2
    with pytest.raises(GraphRefused, match="expected 32 bytes each, got 33"):
        names.intern(b"a" * 33)
    with pytest.raises(GraphRefused, match="expected 32 bytes each, got 31"):
        names.find(b"a" * 31)
