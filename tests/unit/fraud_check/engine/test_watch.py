"""Shape at insert: equal to what a try of everything finds newly with each transfer, late ones too."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from fraud_check.engine import MoneyFlowGraph, Pattern, Shape, Sightings, Watching
from passport.errors import Malformed
from tests.unit.fraud_check.engine.shapes import expected

Row = tuple[int, int, int, int]
Told = set[tuple[int, int, int, int | None, int]]


def look(graph: MoneyFlowGraph, rows: list[Row]) -> Sightings:
    _, told = graph.append_and_look(*[list(column) for column in zip(*rows, strict=True)] or [[]] * 4)
    assert told is not None
    return told


def newly(oracle: Any, patterns: tuple[Pattern, ...], before: list[Row], rows: list[Row]) -> Told:
    """Row by row: what there is among the transfers of one window around, with the row and not without it."""
    told: Told = set()
    known = list(before)
    for row in rows:
        seq = len(known)
        for number, pattern in enumerate(patterns):
            near = replace(pattern, start=row[2] - pattern.window, end=row[2] + pattern.window)
            old = expected(oracle.world(known).rows, near)
            new = expected(oracle.world([*known, row]).rows, near)
            told |= {(number, seq, *key, size) for key, size in new.items() if key not in old}
        known.append(row)
    return told


def random_batches(random_: random.Random) -> list[list[Row]]:
    """Batches in order of time, some of them late; half the time in layers, which make stacks."""
    layers = random_.random() < 0.5
    batches = []
    for _ in range(random_.randint(1, 4)):
        begin = random_.randrange(12)
        rows = []
        for _ in range(random_.randint(0, 18)):
            layer = random_.randrange(2)
            ends = (3 * layer, 3 * layer + 3) if layers else (0, 0)
            src, dst = (end + random_.randrange(3 if layers else 7) for end in ends)
            rows.append(
                (src, dst, begin + random_.randrange(12) + 6 * layer * layers, random_.choice([0, 5, 9]))
            )
        batches.append(sorted(rows, key=lambda row: row[2]))
    return batches


@pytest.mark.parametrize("shape", list(Shape))
def test_a_watch_tells_what_a_try_of_everything_finds_newly(oracle: Any, shape: Shape) -> None:
    told_any = 0
    for random_ in oracle.cases(salt=11)[: oracle.rounds // 24]:
        patterns = tuple(
            Pattern(
                one,
                window=random_.choice([9, 30] if one is Shape.STACK else [0, 4, 9, 30]),
                size=random_.choice([2, 2, 3]),
                min_amount=random_.choice([0, 5]),
                max_hops=random_.choice([2, 3, 5]),
            )
            for one in (shape, random_.choice(list(Shape)))
        )
        graph = MoneyFlowGraph()
        graph.watch(Watching(patterns, late=1_000))
        before: list[Row] = []
        for rows in random_batches(random_):
            told = look(graph, rows)
            found = {
                (one.pattern, one.seq, one.finding.account, one.finding.gathered_at, one.finding.size)
                for one in told.seen
            }
            assert len(found) == len(told.seen)
            assert found == newly(oracle, patterns, before, rows), (patterns, before, rows)
            assert (told.skipped, told.late, told.forgotten, told.lost) == (0, 0, 0, False)
            told_any += any(one.pattern == 0 for one in told.seen)
            before += rows
    assert told_any > 2


def test_evidence_is_the_transfers_with_their_channel() -> None:
    graph = MoneyFlowGraph()
    graph.watch(Watching((Pattern(Shape.CYCLE, window=10),)))
    graph.append([1, 5], [2, 6], [0, 1], [7, 7], [3, 3])
    _, told = graph.append_and_look([2], [1], [4], [6], [9])
    assert told is not None
    (sighting,) = told.seen
    steps = [
        (one.seq, one.src, one.dst, one.time, one.amount, one.channel) for one in sighting.finding.evidence
    ]
    assert (sighting.seq, steps) == (2, [(0, 1, 2, 0, 7, 3), (2, 2, 1, 4, 6, 9)])


def test_rows_of_a_batch_count_in_order_of_time() -> None:
    rows = [(2, 1, 4, 6), (1, 2, 0, 7)]
    graph = MoneyFlowGraph()
    graph.watch(Watching((Pattern(Shape.CYCLE, window=10),)))
    (sighting,) = look(graph, rows).seen
    assert (sighting.seq, sighting.finding.account) == (0, 1)


def test_limits_are_counted() -> None:
    graph = MoneyFlowGraph()
    patterns = (
        Pattern(Shape.FAN_OUT, window=1_000, size=3, max_degree=2),
        Pattern(Shape.CYCLE, window=1_000),
    )
    graph.watch(Watching(patterns, max_rows=50))
    assert look(graph, [(0, account, 10, 1) for account in (1, 1, 1, 2)]).skipped > 0
    assert look(graph, [(0, 9, 9, 1)]).late == 1
    many = [(at % 100, 100 + at % 99, 11 + at // 1_000, 1) for at in range(100_000)]
    assert look(graph, many).forgotten > 0
    assert 0 < graph.watch_bytes < 10_000_000


def test_without_a_watch_nothing_is_told() -> None:
    graph = MoneyFlowGraph()
    assert graph.append_and_look([1], [2], [3], [4]) == (0, None)
    assert graph.watch_bytes == 0


@pytest.mark.parametrize(
    ("watching", "says"),
    [
        (Watching((Pattern(Shape.STACK, window=1, size=1),)), "size: expected 2 or more"),
        (Watching((Pattern(Shape.STACK, window=1, end=5),)), "expected none for a pattern"),
        (Watching((Pattern(Shape.STACK, window=1),), late=-1), "late: expected 0"),
        (Watching((Pattern(Shape.STACK, window=1),), max_rows=0), "max_rows: expected 1"),
    ],
)
def test_a_bad_watch_is_refused_and_the_one_before_stays(watching: Watching, says: str) -> None:
    graph = MoneyFlowGraph()
    graph.watch(Watching((Pattern(Shape.FAN_IN, window=5, size=2),)))
    with pytest.raises(Malformed, match=says):
        graph.watch(watching)
    assert len(look(graph, [(1, 3, 0, 1), (2, 3, 1, 1)]).seen) == 1


def test_a_refused_batch_is_not_watched() -> None:
    graph = MoneyFlowGraph()
    graph.watch(Watching((Pattern(Shape.FAN_IN, window=5, size=2),)))
    with pytest.raises(Malformed, match="amount"):
        look(graph, [(1, 3, 0, 1), (2, 3, 1, -1)])
    assert not look(graph, [(1, 3, 0, 1)]).seen
