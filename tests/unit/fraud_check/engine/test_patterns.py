"""Shapes: equal to trying every stretch of time, on random graphs, and each with evidence that is what it says."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from fraud_check.engine import Budget, Finding, Pattern, Shape
from passport.errors import Malformed
from tests.unit.fraud_check.engine.shapes import counting, expected, passes


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
