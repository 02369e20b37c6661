"""The standing rule: labels that follow every change equal the search and the oracle."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from fraud_check.engine import AccountSet, MoneyFlowGraph, Seeds, StandingRule
from passport.errors import Malformed, Misconfigured


def answer_of(answer: Any) -> tuple[int | None, int | None, int | None, int]:
    return answer.hop, answer.arrival, answer.earliest, answer.amount


def test_labels_equal_the_oracle_while_transfers_come_and_warnings_change(oracle: Any) -> None:
    for random in oracle.cases(salt=3)[: oracle.rounds // 4]:
        world = oracle.world([])
        stop = frozenset(random.sample(range(9), random.choice([0, 0, 2])))
        rule = StandingRule(
            window=random.randint(0, 40),
            max_hops=random.choice([1, 2, 3, 3]),
            min_amount=random.choice([0, 5]),
            dwell=random.choice([None, None, 3, 10]),
            stop=AccountSet(np.array(sorted(stop), dtype=np.uint32)),
        )
        world.graph.set_rule(rule)
        for _ in range(random.randint(1, 6)):
            account, moment = random.randrange(9), random.randrange(30)
            match random.choice(["warn", "warn", "lift", "transfers", "transfers", "compact"]):
                case "warn":
                    world.graph.warn(account, moment)
                case "lift":
                    world.graph.lift(account)
                case "compact":
                    world.graph.compact()
                case _:
                    rows = [
                        (
                            random.randrange(9),
                            random.randrange(9),
                            random.randrange(30),
                            random.choice([0, 5, 9]),
                        )
                        for _ in range(random.randint(0, 20))
                    ]
                    world.append(sorted(rows, key=lambda row: row[2]) if random.random() < 0.5 else rows)
            as_of = random.randrange(35)
            case = world.case(dict(world.graph.warnings), stop, rule.question(as_of))
            reached = case.reached()
            for one in range(10):
                answer = world.graph.check(one, as_of)
                assert answer_of(answer) == answer_of(world.graph.account(one, rule.question(as_of)))
                expected = reached.get(one)
                if expected is None:
                    assert (answer.hop, list(answer.path)) == (None, [])
                    continue
                assert answer_of(answer) == (
                    expected.hop,
                    expected.arrival,
                    expected.earliest,
                    expected.amount,
                )
                path = [case.rows[step.seq] for step in answer.path]
                assert len(path) == expected.hop
                assert all(case.counts(row) for row in path)
                assert not path or (case.starts(path[0]) and path[-1].dst == one)


def test_the_window_slides_without_anything_being_done() -> None:
    graph = MoneyFlowGraph()
    graph.set_rule(StandingRule(window=30))
    graph.warn(0, 0)
    graph.append([0, 1], [1, 2], [10, 20], [5, 5])
    assert graph.check(2, 20).hop == 2
    assert graph.check(2, 40).hop == 2
    assert graph.check(2, 41).hop is None, "the walk's first transfer has left the window"
    assert graph.check(2, 19).hop is None


def test_a_rule_may_be_set_and_changed_on_a_full_graph() -> None:
    graph = MoneyFlowGraph()
    graph.append([0, 1], [1, 2], [10, 20], [5, 5])
    graph.warn(0, 0)
    with pytest.raises(Misconfigured, match="standing rule"):
        graph.check(2, 20)
    graph.set_rule(StandingRule(window=30))
    assert graph.check(2, 20).hop == 2
    graph.set_rule(StandingRule(window=30, dwell=9))
    assert graph.check(2, 20).hop is None
    graph.append([1], [2], [19], [5])
    assert [step.seq for step in graph.check(2, 20).path] == [0, 2]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (StandingRule(window=1, max_hops=4), "1 to 3 for the standing rule"),
        (StandingRule(window=1, max_hops=0), "max_hops"),
        (StandingRule(window=-1), "window: expected"),
        (StandingRule(window=1, min_amount=-1), "min_amount"),
    ],
)
def test_bad_rule_is_refused_and_the_old_one_stays(rule: StandingRule, says: str) -> None:
    graph = MoneyFlowGraph()
    graph.set_rule(StandingRule(window=30))
    graph.warn(0, 0)
    graph.append([0], [1], [10], [5])
    with pytest.raises(Malformed, match=says):
        graph.set_rule(rule)
    assert graph.check(1, 10).hop == 1


def test_a_bad_warning_is_refused_and_changes_nothing() -> None:
    graph = MoneyFlowGraph()
    graph.set_rule(StandingRule(window=30))
    for account, time in ((2**28, 0), (1, 2**60), (-1, 0)):
        with pytest.raises(Malformed):
            graph.warn(account, time)
    assert dict(graph.warnings) == {}


def test_questions_go_on_while_transfers_stream_in() -> None:
    rng = np.random.default_rng(3)
    graph = MoneyFlowGraph()
    graph.set_rule(StandingRule(window=10_000, min_amount=50, dwell=500))
    for account in range(5):
        graph.warn(account, 0)
    done = threading.Event()
    seen: list[int] = []

    def ask() -> None:
        while not done.is_set():
            answer = graph.check(int(rng.integers(0, 300)), 10_000)
            seen.append(len(answer.path))

    reader = threading.Thread(target=ask)
    reader.start()
    feed = np.random.default_rng(4)
    for tick in range(0, 8_000, 20):
        times = np.sort(feed.integers(tick, tick + 20, 30))
        times[0] = max(0, tick - 300)  # One of each batch is late.
        graph.append(feed.integers(0, 300, 30), feed.integers(0, 300, 30), times, feed.integers(1, 100, 30))
        if tick % 1_000 == 0:
            graph.lift(tick // 1_000 % 5)
            graph.warn(tick // 1_000 % 5, tick // 2)
    done.set()
    reader.join()
    assert max(seen) > 0
    rule = StandingRule(window=10_000, min_amount=50, dwell=500)
    seeds = Seeds.of(graph.warnings.items())
    spread = graph.spread(rule.question(10_000), seeds=seeds)
    rows = dict(zip(spread.accounts.tolist(), spread.amounts.tolist(), strict=True))
    for account in range(300):
        answer = graph.check(account, 10_000)
        assert (answer.hop is None) == (account not in rows)
        assert answer.amount == rows.get(account, 0)
