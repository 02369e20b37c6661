"""A panic with a directory open: what was acknowledged is there when it is opened again, and nothing is said wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fraud_check.engine import MoneyFlowGraph, StandingRule
from passport.errors import Unavailable


def kept(directory: Path, *, seal_rows: int = 1_000) -> MoneyFlowGraph:
    graph = MoneyFlowGraph.open(directory, seal_rows=seal_rows)
    graph.set_rule(StandingRule(window=1_000))
    graph.warn(0, 0)
    return graph


def test_labels_that_cannot_follow_do_not_touch_what_is_kept(
    tmp_path: Path, panic_at: Callable[..., None]
) -> None:
    graph = kept(tmp_path)
    panic_at("labels.follow")
    assert graph.append([0], [1], [10], [100]) == 0
    assert graph.append([1], [2], [20], [100]) == 1
    assert graph.check(2, 30).hop == 2
    graph.close()
    assert kept(tmp_path).transfers == 2


def test_a_panic_before_anything_is_written_leaves_graph_and_directory_as_they_were(
    tmp_path: Path, panic_at: Callable[..., None]
) -> None:
    graph = kept(tmp_path)
    panic_at("append.graph")
    with pytest.raises(Unavailable, match="had no effect"):
        graph.append([0], [1], [10], [100])
    assert graph.append([0], [1], [10], [100]) == 0
    graph.close()
    assert kept(tmp_path).transfers == 1


@pytest.mark.parametrize(("place", "there"), [("store.append", 1), ("store.appended", 2)])
def test_a_panic_while_a_batch_is_written_says_that_it_may_be_there(
    tmp_path: Path, panic_at: Callable[..., None], place: str, there: int
) -> None:
    graph = kept(tmp_path)
    graph.append([0], [1], [10], [100])
    panic_at(place)
    with pytest.raises(Unavailable, match="may be there or not"):
        graph.append([1], [2], [20], [100])
    assert (graph.transfers, graph.check(1, 30).hop) == (1, 1), "questions go on"
    for change in (
        lambda: graph.append([1], [2], [20], [100]),
        graph.seal,
        lambda: graph.number([bytes(32)]),
    ):
        with pytest.raises(Unavailable, match="all that was acknowledged is there"):
            change()
    with pytest.raises(Unavailable, match="let go in an earlier fault"):
        _ = graph.kept
    # The directory was let go: the same process opens it again.
    assert kept(tmp_path).transfers == there


def test_a_panic_while_the_log_is_put_into_segments_leaves_an_append_done(
    tmp_path: Path, panic_at: Callable[..., None]
) -> None:
    graph = kept(tmp_path, seal_rows=2)
    panic_at("store.seal")
    assert graph.append([0, 1], [1, 2], [10, 20], [5, 5]) == 0
    assert graph.check(2, 30).hop == 2
    with pytest.raises(Unavailable, match="all that was acknowledged is there"):
        graph.append([1], [2], [20], [100])
    assert kept(tmp_path, seal_rows=2).transfers == 2


@pytest.mark.parametrize("where", ["memory", "directory"])
def test_a_panic_while_names_are_given_leaves_no_two_accounts_of_opinion(
    tmp_path: Path, panic_at: Callable[..., None], where: str
) -> None:
    in_memory = where == "memory"
    graph = MoneyFlowGraph() if in_memory else kept(tmp_path)
    first, second, third = (bytes([number]) * 32 for number in range(3))
    assert graph.number([first]).tolist() == [0]
    panic_at("names.intern")
    with pytest.raises(Unavailable, match="had no effect" if in_memory else "may be there or not"):
        graph.number([second, third])
    assert (len(graph.names), graph.names.find(second)) == (1, None)
    if not in_memory:
        graph = kept(tmp_path)
        assert graph.names.find(second) == 1
    assert graph.number([third, first]).tolist() == [1 if in_memory else 2, 0]
