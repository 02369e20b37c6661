"""Accounts with very many transfers: entered and not passed through, said so, and no search hangs on them (T37)."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fraud_check.engine import AccountSet, Budget, MoneyFlowGraph, Question, Seeds
from passport.errors import Malformed

MILLION = 1_000_000


@pytest.fixture(scope="module")
def payroll() -> MoneyFlowGraph:
    """Account 0 is paid by a million accounts, and pays each of them a thousand ticks later."""
    graph = MoneyFlowGraph()
    hub = np.zeros(MILLION, dtype=np.uint32)
    others = np.arange(1, MILLION + 1, dtype=np.uint32)
    times = np.arange(MILLION, dtype=np.int64)
    graph.append(others, hub, times, np.full(MILLION, 5))
    graph.append(hub, others, times + 1_000, np.full(MILLION, 5))
    return graph


def test_a_cap_on_fan_out_is_a_stop_set_that_says_so(oracle: Any) -> None:
    hit = 0
    for random in oracle.cases(salt=13)[: oracle.rounds // 4]:
        world, case = oracle.random_case(random)
        most = random.choice([0, 2, 4, 8])
        sides = Counter(row.src for row in world.rows), Counter(row.dst for row in world.rows)
        hubs = {account for side in sides for account, count in side.items() if count > most}
        stop = AccountSet(Seeds.of((account, 0) for account in case.stop | hubs).accounts)
        asked = case.question
        seeds = Seeds.of(case.seeds.items())
        capped = world.graph.spread(asked, seeds=seeds, budget=Budget(max_fanout=most))
        stopped = world.graph.spread(replace(asked, stop=stop), seeds=seeds)
        for name in ("accounts", "hops", "arrivals", "earliest", "amounts"):
            assert getattr(capped, name).tolist() == getattr(stopped, name).tolist()
        for account in capped.accounts.tolist():
            assert capped.path(account) == stopped.path(account)
        free = world.graph.spread(asked, seeds=seeds)
        assert capped.truncated in {None, "max_fanout"}
        # What was left out is never left out silently.
        assert capped.truncated or capped.accounts.tolist() == free.accounts.tolist()
        assert not capped.truncated or hubs & set(capped.accounts.tolist())
        hit += capped.truncated is not None
        if asked.direction == "forward":
            for account in range(10):
                one = world.graph.account(account, asked, seeds=seeds, budget=Budget(max_fanout=most))
                same = world.graph.account(account, replace(asked, stop=stop), seeds=seeds)
                assert (one.hop, one.arrival, one.earliest, one.amount) == (
                    same.hop,
                    same.arrival,
                    same.earliest,
                    same.amount,
                )
    assert hit > 5


def test_supernode_of_a_million_transfers_is_not_passed_through(payroll: MoneyFlowGraph) -> None:
    seeds = Seeds.of([(7, -1)])
    spread = payroll.spread(Question(max_hops=8), seeds=seeds, budget=Budget(max_fanout=10_000))
    assert (spread.accounts.tolist(), spread.truncated, spread.reads) == ([7, 0], "max_fanout", 1)
    found = payroll.account(0, Question(max_hops=3), seeds=seeds, budget=Budget(max_fanout=10_000))
    assert (found.hop, found.source) == (1, 7)
    behind = payroll.account(9, Question(max_hops=3), seeds=seeds, budget=Budget(max_fanout=10_000))
    assert (behind.hop, behind.truncated) == (None, "max_fanout")
    assert behind.reads < 10


@pytest.mark.parametrize("dwell", [None, 10_000_000])
def test_supernode_of_a_million_transfers_meets_the_deadline(
    payroll: MoneyFlowGraph, dwell: int | None
) -> None:
    """Without a cap too: 200 ms, on a loaded machine as well, or the answer says that time ran out."""
    question = Question(max_hops=8, dwell=dwell)
    for budget in (Budget(max_seconds=0.2), Budget(max_seconds=0.0)):
        began = time.process_time()
        spread = payroll.spread(question, seeds=Seeds.of([(7, -1)]), budget=budget)
        # Processor time, since others may hold the machine: what the search itself can answer for.
        assert time.process_time() - began < 1.0
        assert spread.truncated == "max_seconds" or len(spread.accounts) == MILLION + 1
    assert (spread.truncated, spread.reads) == ("max_seconds", 0)
    one = payroll.account(MILLION, question, seeds=Seeds.of([(7, -1)]), budget=Budget(max_seconds=0.2))
    assert one.truncated == "max_seconds" or one.hop == 2


def test_cycles_end(oracle: Any) -> None:
    world = oracle.world([(at % 2, 1 - at % 2, at, 1) for at in range(10_000)])
    spread = world.graph.spread(Question(max_hops=8), seeds=Seeds.of([(0, -1)]))
    assert spread.reads <= 10_000
    assert spread.truncated is None


@pytest.mark.parametrize("most", [-1, 2**64])
def test_a_bad_cap_is_refused(payroll: MoneyFlowGraph, most: int) -> None:
    with pytest.raises(Malformed):
        payroll.spread(seeds=Seeds.of([(7, -1)]), budget=Budget(max_fanout=most))
