"""A panic while labels follow: the rows are in, the call says so, and every answer is the right one (fault F44)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fraud_check.engine import MoneyFlowGraph, Pattern, Shape, StandingRule, Watching
from passport.errors import Unavailable

RULE = StandingRule(window=1_000)
FOLLOWING = ["labels.follow", "labels.repair", "labels.apply"]


def answer_of(answer: Any) -> tuple[int | None, int | None, int | None, int]:
    return answer.hop, answer.arrival, answer.earliest, answer.amount


def is_lost(graph: MoneyFlowGraph) -> bool:
    return graph.labels_lost


def warned_graph() -> MoneyFlowGraph:
    graph = MoneyFlowGraph()
    graph.append([0], [1], [10], [100])
    graph.set_rule(RULE)
    graph.warn(0, 0)
    return graph


@pytest.mark.parametrize("place", FOLLOWING)
def test_a_panic_while_labels_follow_leaves_an_append_done(place: str, panic_at: Callable[..., None]) -> None:
    graph = warned_graph()
    panic_at(place)
    # The second row is late, so that labels are repaired as well.
    assert graph.append([1, 0], [2, 3], [20, 5], [50, 7]) == 1
    assert graph.transfers == 3
    assert (graph.label_faults, graph.labels_lost) == (1, False), "they were built anew at once"
    assert [graph.check(one, 30).hop for one in range(4)] == [0, 1, 2, 1]
    assert graph.append([2], [4], [25], [50]) == 3
    # What fails here is the look-up: labels answer again.
    panic_at("labels.look_up")
    assert graph.check(4, 30).hop == 3


@pytest.mark.parametrize("place", FOLLOWING)
def test_while_labels_cannot_be_built_the_search_answers(place: str, panic_at: Callable[..., None]) -> None:
    graph = warned_graph()
    panic_at(place)
    panic_at("labels.build", 3)
    graph.append([1, 0], [2, 3], [20, 5], [50, 7])
    assert graph.labels_lost
    assert [graph.check(one, 30).hop for one in range(4)] == [0, 1, 2, 1]
    assert [transfer.seq for transfer in graph.check(2, 30).path] == [0, 1]
    assert graph.check(2**31, 30).hop is None
    assert graph.check(2, 2**62).hop is None
    # Warnings are kept beside the labels: they come and go all the same.
    graph.warn(2, 0)
    assert graph.check(2, 30).hop == 0
    graph.lift(0)
    graph.lift(2)
    assert graph.check(1, 30).hop is None
    graph.warn(0, 0)
    for change in range(8):
        graph.append([3], [5], [40 + change], [1])
    assert not is_lost(graph)
    assert [graph.check(one, 60).hop for one in (1, 2, 3, 5)] == [1, 2, 1, 2]


@pytest.mark.parametrize("place", ["labels.repair", "labels.apply"])
def test_a_panic_while_a_warning_is_listed_or_lifted_leaves_it_done(
    place: str, panic_at: Callable[..., None]
) -> None:
    graph = warned_graph()
    panic_at(place)
    graph.warn(1, 0)
    assert graph.check(1, 30).hop == 0
    panic_at(place)
    graph.lift(0)
    assert graph.check(0, 30).hop is None
    assert dict(graph.warnings) == {1: 0}
    assert (graph.label_faults, graph.labels_lost) == (2, False)


def test_a_rule_is_set_though_its_labels_cannot_be_built(panic_at: Callable[..., None]) -> None:
    graph = warned_graph()
    panic_at("labels.build")
    graph.set_rule(StandingRule(window=1_000, max_hops=1))
    assert is_lost(graph)
    assert graph.check(1, 30).hop == 1
    graph.append([1], [2], [20], [5])
    assert not is_lost(graph)
    assert graph.check(2, 30).hop is None


def test_a_look_up_that_panics_is_answered_by_search(panic_at: Callable[..., None]) -> None:
    graph = warned_graph()
    expected = answer_of(graph.check(1, 30))
    panic_at("labels.look_up")
    assert answer_of(graph.check(1, 30)) == expected
    panic_at("labels.look_up")
    panic_at("labels.search")
    with pytest.raises(Unavailable, match="had no effect"):
        graph.check(1, 30)
    assert answer_of(graph.check(1, 30)) == expected


def test_a_panic_before_the_rows_are_in_leaves_the_graph_as_it_was(panic_at: Callable[..., None]) -> None:
    graph = warned_graph()
    panic_at("append.graph")
    with pytest.raises(Unavailable, match="had no effect"):
        graph.append([1], [2], [20], [50])
    assert (graph.transfers, graph.check(2, 30).hop) == (1, None)
    assert graph.append([1], [2], [20], [50]) == 1
    assert graph.check(2, 30).hop == 2


def test_a_watch_that_panics_begins_anew_and_says_so(panic_at: Callable[..., None]) -> None:
    graph = MoneyFlowGraph()
    graph.watch(Watching((Pattern(Shape.FAN_OUT, window=100, size=2),)))
    panic_at("watch.follow")
    first, told = graph.append_and_look([0], [1], [1], [5])
    assert told is not None
    assert (first, told.lost, graph.transfers) == (0, True, 1)
    _, told = graph.append_and_look([0, 0], [2, 3], [2, 3], [5, 5])
    assert told is not None
    assert ([one.seq for one in told.seen], told.lost) == ([2], False), "what came before is forgotten"


@pytest.mark.parametrize("broken", [0, 1, 3])
def test_labels_equal_the_search_whatever_panics(
    oracle: Any, panic_at: Callable[..., None], broken: int
) -> None:
    for random in oracle.cases(salt=15)[: oracle.rounds // 40]:
        world = oracle.world([])
        rule = StandingRule(window=random.randint(0, 40), max_hops=random.choice([1, 2, 3]))
        world.graph.set_rule(rule)
        for _ in range(random.randint(1, 6)):
            account, moment = random.randrange(9), random.randrange(30)
            rows = [
                (random.randrange(9), random.randrange(9), random.randrange(30), random.choice([0, 5, 9]))
                for _ in range(random.randint(1, 20))
            ]
            lost = world.graph.labels_lost
            if not lost:
                panic_at(random.choice(["labels.follow", "labels.repair"]))
                panic_at("labels.build", broken)
            match random.choice(["warn", "lift", "transfers", "transfers"]):
                case "warn":
                    world.graph.warn(account, moment)
                case "lift":
                    world.graph.lift(account)
                case _:
                    world.append(rows)
            as_of = random.randrange(35)
            for one in range(10):
                answer = answer_of(world.graph.check(one, as_of))
                assert answer == answer_of(world.graph.account(one, rule.question(as_of)))
        for place in ("labels.follow", "labels.repair", "labels.build"):
            panic_at(place, 0)
