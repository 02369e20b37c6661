"""Shapes: equal to trying every stretch of time, on random graphs, and each with evidence that is what it says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from fraud_check.engine import Budget, Finding, Pattern, Shape
from passport.errors import Malformed


def counting(case_rows: Any, pattern: Pattern) -> list[Any]:
    return sorted(
        (
            row
            for row in case_rows
            if row.src != row.dst
            and row.amount >= pattern.min_amount
            and (pattern.start is None or row.time >= pattern.start)
            and (pattern.end is None or row.time <= pattern.end)
        ),
        key=lambda row: (row.time, row.seq),
    )


def fans(rows: list[Any], pattern: Pattern, side: str, other: str) -> dict[tuple[int, int | None], int]:
    best: dict[tuple[int, int | None], int] = {}
    for first in rows:
        account = getattr(first, side)
        inside = {
            getattr(row, other)
            for row in rows
            if getattr(row, side) == account and first.time <= row.time <= first.time + pattern.window
        }
        if len(inside) >= max(pattern.size, best.get((account, None), 0)):
            best[account, None] = len(inside)
    return best


def gather_scatters(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        for turn in rows:
            account, until = first.dst, first.time + pattern.window
            payers = {row.src for row in rows if row.dst == account and first.time <= row.time <= turn.time}
            paid = {row.dst for row in rows if row.src == account and turn.time < row.time <= until}
            if turn.time <= until and min(len(payers), len(paid)) >= pattern.size:
                found[account, None] = pattern.size
    return found


def scatter_gathers(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        source, until = first.src, first.time + pattern.window
        between: dict[int, set[int]] = {}
        for out in rows:
            if out.src != source or out.time < first.time:
                continue
            for onward in rows:
                if onward.src == out.dst and out.time < onward.time <= until and onward.dst != source:
                    between.setdefault(onward.dst, set()).add(out.dst)
        for target, middle in between.items():
            if len(middle) >= max(pattern.size, found.get((source, target), 0)):
                found[source, target] = len(middle)
    return found


def cycles(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}

    def walk(path: list[Any]) -> None:
        if path[-1].dst == path[0].src:
            key = (path[0].src, None)
            found[key] = min(len(path), found.get(key, 99))
            return
        if len(path) == pattern.max_hops:
            return
        for row in rows:
            if row.src == path[-1].dst and path[-1].time < row.time <= path[0].time + pattern.window:
                walk([*path, row])

    for row in rows:
        walk([row])
    return found


def bipartites(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        account = first.src
        near = [row for row in rows if first.time <= row.time <= first.time + pattern.window]
        paid = {row.dst for row in near if row.src == account}
        payers = {
            payer
            for payer in {row.src for row in near}
            if len({row.dst for row in near if row.src == payer} & paid) >= pattern.size
        }
        if account in payers and len(payers) >= pattern.size:
            found.setdefault((account, None), len(payers))
    return found


def stacks(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        account = first.dst
        near = [row for row in rows if first.time <= row.time <= first.time + pattern.window]
        above = {row.src for row in near if row.dst == account}
        below = {row.dst for row in near if row.src == account}
        mules = {mule for mule in {row.dst for row in near} if passes(near, pattern.size, mule, above, below)}
        if account in mules and len(mules) >= pattern.size:
            found.setdefault((account, None), len(mules))
    return found


def passes(near: list[Any], size: int, mule: int, above: set[int], below: set[int]) -> bool:
    return any(
        len({row.src for row in near if row.dst == mule and row.time <= turn.time} & above) >= size
        and len({row.dst for row in near if row.src == mule and row.time > turn.time} & below) >= size
        for turn in near
    )


BY_DEFINITION: dict[Shape, Callable[[list[Any], Pattern], dict[tuple[int, int | None], int]]] = {
    Shape.FAN_OUT: lambda rows, pattern: fans(rows, pattern, "src", "dst"),
    Shape.FAN_IN: lambda rows, pattern: fans(rows, pattern, "dst", "src"),
    Shape.GATHER_SCATTER: gather_scatters,
    Shape.SCATTER_GATHER: scatter_gathers,
    Shape.CYCLE: cycles,
    Shape.BIPARTITE: bipartites,
    Shape.STACK: stacks,
}


def expected(case_rows: Any, pattern: Pattern) -> dict[tuple[int, int | None], int]:
    return BY_DEFINITION[pattern.shape](counting(case_rows, pattern), pattern)


def assert_evidence(world: Any, pattern: Pattern, finding: Finding) -> None:
    rows = [world.rows[step.seq] for step in finding.evidence]
    assert counting(rows, pattern) == sorted(rows, key=lambda row: (row.time, row.seq))
    assert max(row.time for row in rows) - min(row.time for row in rows) <= pattern.window
    account, size = finding.account, finding.size
    accounts = {row.src for row in rows} | {row.dst for row in rows}
    into = {row.src for row in rows if row.dst == account}
    out = {row.dst for row in rows if row.src == account}
    match pattern.shape:
        case Shape.FAN_OUT:
            assert (len(out), len(rows)) == (size, size)
        case Shape.FAN_IN:
            assert (len(into), len(rows)) == (size, size)
        case Shape.GATHER_SCATTER:
            gathered = max(row.time for row in rows if row.dst == account)
            assert gathered < min(row.time for row in rows if row.src == account)
            assert min(len(into), len(out)) >= size
        case Shape.SCATTER_GATHER:
            assert out == {row.src for row in rows if row.dst == finding.gathered_at}
            assert len(out) == size == len(rows) / 2
        case Shape.CYCLE:
            assert len(rows) == size
            assert all(one.dst == two.src and one.time < two.time for one, two in pairwise(rows))
            assert rows[0].src == rows[-1].dst == account
        case Shape.BIPARTITE:
            assert account in {row.src for row in rows}
            assert len(rows) == len({(row.src, row.dst) for row in rows})
            assert (
                sum(
                    len({row.dst for row in rows if row.src == one} & out) >= pattern.size for one in accounts
                )
                == size
            )
        case Shape.STACK:
            assert sum(passes(rows, pattern.size, one, into, out) for one in accounts) >= size


def layered(random: Any, world: Any) -> None:
    """Rows from some accounts to others, and on to others again: among random rows a stack hardly ever is."""
    times = sorted({row.time for row in world.rows}) or [0]
    turn = random.choice(times)
    early, late = [one for one in times if one <= turn], [one for one in times if one >= turn]
    accounts = random.sample(range(10), 7)
    rows = [(a, b, random.choice(early), 10) for a in accounts[:2] for b in accounts[2:5]]
    rows += [(a, b, random.choice(late), 10) for a in accounts[2:5] for b in accounts[5:]]
    world.append([row for row in rows if random.random() < 0.8])


@pytest.mark.parametrize("shape", list(Shape))
def test_shapes_equal_a_try_of_everything(oracle: Any, shape: Shape) -> None:
    found_any = 0
    for random in oracle.cases(salt=7)[: oracle.rounds // 8]:
        world = oracle.random_world(random)
        if shape is Shape.STACK:
            layered(random, world)
        times = sorted(row.time for row in world.rows) or [0]
        span = times[-1] - times[0]
        pattern = Pattern(
            shape,
            window=random.choice([0, span // 6, span // 2, span]),
            size=random.choice([2, 2, 3]),
            min_amount=random.choice([0, 5]),
            start=random.choice([None, times[len(times) // 4]]),
            end=random.choice([None, times[-1 - len(times) // 4]]),
            max_hops=random.choice([2, 3, 4]),
        )
        findings = world.graph.patterns(pattern)
        table = {(one.account, one.gathered_at): one.size for one in findings.found}
        assert len(table) == len(findings.found)
        assert table == expected(world.rows, pattern), (pattern, world.rows)
        assert (findings.truncated, findings.skipped) == (None, 0)
        for finding in findings.found:
            assert_evidence(world, pattern, finding)
        found_any += bool(findings.found)
    assert found_any > 5


def test_accounts_with_too_many_transfers_are_passed_over_and_counted(oracle: Any) -> None:
    world = oracle.world([(0, account, 10, 1) for account in range(1, 9)])
    assert [one.size for one in world.graph.patterns(Pattern(Shape.FAN_OUT, window=1)).found] == [8]
    limited = world.graph.patterns(Pattern(Shape.FAN_OUT, window=1, max_degree=7))
    assert (list(limited.found), limited.skipped) == ([], 1)


def test_budget_is_reported(oracle: Any) -> None:
    world = oracle.world([(0, account, 10, 1) for account in range(1, 9)])
    cut = world.graph.patterns(Pattern(Shape.FAN_OUT, window=1), budget=Budget(max_reads=3))
    assert (cut.reads, cut.truncated) == (3, "max_reads")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (Pattern(Shape.FAN_IN, window=1, size=1), "size: expected 2 or more"),
        (Pattern(Shape.FAN_IN, window=-1), "window: expected"),
        (Pattern(Shape.CYCLE, window=1, max_hops=9), "max_hops: expected 2 to 8"),
        (Pattern(Shape.CYCLE, window=1, min_amount=-1), "min_amount"),
    ],
)
def test_bad_patterns_are_refused(oracle: Any, pattern: Pattern, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        oracle.world([]).graph.patterns(pattern)
