"""Spread: equal to the oracle, and the three shortcuts that give wrong answers silently."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from fraud_check.engine import (
    AccountSet,
    Budget,
    Direction,
    MoneyFlowGraph,
    Question,
    Seeds,
    Spread,
    Tie,
    Transfer,
)


def table(spread: Spread) -> dict[int, tuple[int, int, int, int]]:
    columns = (spread.hops, spread.arrivals, spread.earliest, spread.amounts)
    rows = zip(spread.accounts.tolist(), *(column.tolist() for column in columns), strict=True)
    return {account: (hop, arrival, earliest, amount) for account, hop, arrival, earliest, amount in rows}


def expected(case: Any) -> dict[int, tuple[int, int, int, int]]:
    return {
        account: (found.hop, found.arrival, found.earliest, found.amount)
        for account, found in case.reached().items()
    }


def assert_witness(case: Any, account: int, hop: int, arrival: int, path: Iterable[Transfer]) -> None:
    """The path is one that the definition permits, as short as the answer says."""
    rows = [case.rows[step.seq] for step in path]
    assert [(step.src, step.dst, step.time, step.amount) for step in path] == [
        (row.src, row.dst, row.time, row.amount) for row in rows
    ]
    assert len(rows) == hop
    if not rows:
        assert account in case.seeds
        return
    walked = rows[::-1] if case.question.direction is Direction.BACKWARD else rows
    assert all(case.counts(row) for row in rows)
    assert case.starts(walked[0])
    assert all(case.may_follow(one, other) for one, other in pairwise(walked))
    assert walked[-1].time == arrival
    assert account == (walked[-1].src if case.question.direction is Direction.BACKWARD else walked[-1].dst)


def test_spread_equals_the_oracle_on_random_graphs(oracle: Any) -> None:
    for random in oracle.cases():
        world, case = oracle.random_case(random)
        spread = world.graph.spread(case.question, seeds=Seeds.of(case.seeds.items()))
        assert table(spread) == expected(case), (case, table(spread))
        assert spread.truncated is None
        # A share is measured by adding up, once, what an account paid.
        assert spread.reads <= len(case.rows) * (2 if case.question.min_share else 1)
        levels = list(case.levels().items())
        layers = list(spread.layers)
        assert layers[0] == (len(case.seeds), 0, 0)
        for hop, (accounts, transfers, amount) in enumerate(layers[1:], start=1):
            tainted = [row for row, level in levels if level == hop]
            assert transfers == len(tainted)
            assert amount == sum(row.amount for row in tainted)
            assert accounts == sum(1 for found in case.reached().values() if found.hop == hop)
        assert len(layers) - 1 == max((level for _, level in levels), default=0)
        for account, (hop, arrival, _, _) in table(spread).items():
            path = spread.path(account)
            assert path is not None
            assert_witness(case, account, hop, arrival, path)
        assert spread.path(99) is None


def test_one_account_equals_its_row_in_the_spread(oracle: Any) -> None:
    for random in oracle.cases(salt=1)[: oracle.rounds // 2]:
        world, case = oracle.random_case(random)
        if case.question.direction is Direction.BACKWARD:
            continue
        seeds = Seeds.of(case.seeds.items())
        spread = expected(case)
        for account in range(10):
            answer = world.graph.account(account, case.question, seeds=seeds)
            assert answer.truncated is None
            if account not in spread:
                assert (answer.hop, answer.source, answer.amount, list(answer.path)) == (None, None, 0, [])
                continue
            assert (answer.hop, answer.arrival, answer.earliest, answer.amount) == spread[account], case
            hop, arrival, _, _ = spread[account]
            assert_witness(case, account, hop, arrival, answer.path)
            source = answer.path[0].src if answer.path else account
            assert answer.source == source
            assert source in case.seeds


def test_an_arrival_frozen_at_the_first_hop_would_lose_accounts(oracle: Any) -> None:
    # 1 is reached first directly, late; over 2 it is reached at hop 2, early enough for the transfer to 3.
    world = oracle.world([(0, 1, 50, 10), (0, 2, 10, 10), (2, 1, 20, 10), (1, 3, 30, 10)])
    spread = world.graph.spread(Question(max_hops=3), seeds=Seeds.of([(0, 0)]))
    assert table(spread)[3] == (3, 30, 30, 10)
    assert table(spread)[1] == (1, 50, 20, 20)


def test_earliest_arrival_with_a_dwell_limit_would_lose_accounts(oracle: Any) -> None:
    # The money that came to 1 at 10 has rested too long at 100; what came at 90 has not.
    world = oracle.world([(0, 1, 10, 10), (0, 1, 90, 10), (1, 2, 100, 10)])
    spread = world.graph.spread(Question(max_hops=3, dwell=20), seeds=Seeds.of([(0, 0)]))
    assert table(spread)[2] == (2, 100, 100, 10)


def test_ignoring_time_would_find_too_many(oracle: Any) -> None:
    world = oracle.world([(1, 2, 10, 10), (0, 1, 20, 10), (1, 3, 20, 10), (1, 4, 21, 10)])
    spread = world.graph.spread(Question(max_hops=3), seeds=Seeds.of([(0, 0)]))
    assert sorted(table(spread)) == [0, 1, 4]


def test_dwell_is_inclusive_and_does_not_bind_a_seeds_own_start(oracle: Any) -> None:
    world = oracle.world([(0, 1, 1_000, 10), (1, 2, 1_020, 10), (1, 3, 1_021, 10)])
    spread = world.graph.spread(Question(dwell=20), seeds=Seeds.of([(0, 0)]))
    assert sorted(table(spread)) == [0, 1, 2]


def test_a_stop_account_is_entered_and_not_passed_through_but_may_start(oracle: Any) -> None:
    world = oracle.world([(0, 1, 10, 10), (1, 2, 20, 10), (3, 1, 5, 10)])
    from_outside = Seeds.of([(0, 0)])
    stopped = Question(stop=AccountSet(np.array([1], dtype=np.uint32)))
    assert sorted(table(world.graph.spread(stopped, seeds=from_outside))) == [0, 1]
    assert sorted(table(world.graph.spread(stopped, seeds=Seeds.of([(1, 0)])))) == [1, 2]


def test_a_share_is_of_all_that_the_payer_paid_in_the_window_and_inclusive(oracle: Any) -> None:
    # 1 pays 100 in all between 20 and 40, what it pays itself not counted; it gets 10 of the 40 that 2 gets.
    rows = [(0, 1, 10, 10), (1, 2, 20, 25), (1, 3, 30, 75), (1, 1, 30, 900), (1, 4, 41, 900), (5, 2, 25, 15)]
    world = oracle.world(rows)
    seeds = Seeds.of([(1, 15)])

    def reached(share: int, end: int | None = None) -> list[int]:
        return sorted(table(world.graph.spread(Question(min_share=share, end=end), seeds=seeds)))

    assert reached(2_500, end=40) == [1, 2, 3]
    assert reached(2_501, end=40) == [1, 3]
    assert reached(2_500) == [1, 4]
    backward = Question(direction=Direction.BACKWARD, min_share=6_250)
    assert sorted(table(world.graph.spread(backward, seeds=Seeds.of([(2, 50)])))) == [0, 1, 2]
    assert world.graph.account(3, Question(min_share=7_501, end=40), seeds=seeds).hop is None
    assert world.graph.account(3, Question(min_share=7_500, end=40), seeds=seeds).hop == 1


def test_what_a_share_is_measured_by_counts_as_read(oracle: Any) -> None:
    world = oracle.world([(0, account, 10, 1) for account in range(1, 9)])
    seeds = Seeds.of([(0, 0)])
    asked = Question(max_hops=1, min_share=1)
    assert world.graph.spread(asked, seeds=seeds).reads == 16
    cut = world.graph.spread(asked, seeds=seeds, budget=Budget(max_reads=7))
    assert (cut.reads, cut.truncated, len(cut.accounts)) == (7, "max_reads", 1)
    one = world.graph.account(8, asked, seeds=seeds, budget=Budget(max_reads=7))
    assert (one.hop, one.truncated) == (None, "max_reads")


def test_what_an_account_paid_after_its_money_was_gone_is_not_read_for_one_account(oracle: Any) -> None:
    rows = [(0, 1, 10, 1), (1, 2, 20, 1), *((1, 3, 20 + later, 1) for later in range(1, 1_000))]
    world = oracle.world(rows)
    world.graph.compact()
    answer = world.graph.account(2, Question(max_hops=8), seeds=Seeds.of([(0, 0)]))
    assert (answer.hop, answer.arrival, answer.amount, answer.reads) == (2, 20, 1, 4)


def test_same_tick_follows_only_by_sequence(oracle: Any) -> None:
    world = oracle.world([(0, 1, 10, 10), (1, 2, 10, 10)])
    seeds = Seeds.of([(0, 0)])
    assert sorted(table(world.graph.spread(Question(), seeds=seeds))) == [0, 1]
    assert sorted(table(world.graph.spread(Question(tie=Tie.SEQ), seeds=seeds))) == [0, 1, 2]
    late = oracle.world([(1, 2, 10, 10), (0, 1, 10, 10)])
    assert sorted(table(late.graph.spread(Question(tie=Tie.SEQ), seeds=seeds))) == [0, 1]


def test_equal_rows_are_two_transfers_and_self_transfers_carry_nothing(oracle: Any) -> None:
    world = oracle.world([(0, 1, 10, 7), (0, 1, 10, 7), (1, 1, 11, 7), (1, 2, 12, 0)])
    spread = world.graph.spread(Question(), seeds=Seeds.of([(0, 0)]))
    assert table(spread) == {0: (0, 0, 0, 0), 1: (1, 10, 10, 14), 2: (2, 12, 12, 0)}


def test_a_seed_without_transfers_is_a_row_with_hop_0() -> None:
    spread = MoneyFlowGraph().spread(Question(), seeds=Seeds.of([(7, 5)]))
    assert table(spread) == {7: (0, 5, 5, 0)}


def test_budget_of_reads_is_exact_and_says_so(oracle: Any) -> None:
    world = oracle.world([(0, account, 10, 1) for account in range(1, 9)])
    seeds = Seeds.of([(0, 0)])
    cut = world.graph.spread(Question(), seeds=seeds, budget=Budget(max_reads=5))
    assert (cut.reads, cut.truncated, len(cut.accounts)) == (5, "max_reads", 6)
    whole = world.graph.spread(Question(), seeds=seeds, budget=Budget(max_reads=8))
    assert (whole.reads, whole.truncated) == (8, None)


def test_what_a_truncated_answer_reports_is_true(oracle: Any) -> None:
    for random in oracle.cases(salt=2)[: oracle.rounds // 3]:
        world, case = oracle.random_case(random)
        seeds = Seeds.of(case.seeds.items())
        most = random.randint(0, 6)
        cut = world.graph.spread(case.question, seeds=seeds, budget=Budget(max_reads=most))
        whole = world.graph.spread(case.question, seeds=seeds)
        assert cut.reads <= most
        assert (cut.truncated is None) == (table(cut) == table(whole) and whole.reads <= most)
        for account, (hop, arrival, _, _) in table(cut).items():
            path = cut.path(account)
            assert path is not None
            assert_witness(case, account, hop, arrival, path)


def test_budget_of_time_is_reported(oracle: Any) -> None:
    world = oracle.world([(0, 1, 10, 1)])
    cut = world.graph.spread(Question(), seeds=Seeds.of([(0, 0)]), budget=Budget(max_seconds=0))
    assert (cut.truncated, len(cut.accounts)) == ("max_seconds", 1)
