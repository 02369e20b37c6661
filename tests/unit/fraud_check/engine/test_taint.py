"""Tainted money: equal to a ledger kept unit by unit, and conserved to the last one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from fraud_check.engine import AccountSet, Budget, Direction, Method, Question, Seeds, Taint, Tie
from passport.errors import Malformed

Unit = tuple[int, int]
CLEAN: Unit = (0, 0)


class Ledger:
    """Every unit of money is a thing of its own, a number and a hop (0 is clean), in the order in which it came."""

    def __init__(self, case: Any, method: Method) -> None:
        self.case, self.method = case, method
        self.units: dict[int, list[Unit]] = {}
        #: For each account, which units have been there, and the hop at which each first came.
        self.visits: dict[int, dict[int, int]] = {}
        self.moved: Counter[tuple[int, int]] = Counter()
        self.injected = self.ended = self.repaid = self.beyond = 0

    def run(self) -> None:
        asked = self.case.question
        rows = [
            row
            for row in sorted(self.case.rows, key=lambda row: (row.time, row.seq))
            if (asked.start is None or row.time >= asked.start)
            and (asked.end is None or row.time <= asked.end)
        ]
        rows = [row for row in rows if row.src != row.dst]
        by_moment = (lambda row: row.seq) if asked.tie is Tie.SEQ else (lambda row: row.time)
        for _, moment in groupby(rows, key=by_moment):
            leaving = [(row, self.leave(row)) for row in moment]
            for row, units in leaving:
                self.units.setdefault(row.dst, []).extend(units)
                seen = self.visits.setdefault(row.dst, {})
                for number, hop in units:
                    if hop:
                        seen.setdefault(number, hop)
                self.moved.update((row.seq, hop) for _, hop in units if hop)

    @property
    def received(self) -> Counter[int]:
        return Counter({account: len(seen) for account, seen in self.visits.items()})

    @property
    def held_at(self) -> Counter[tuple[int, int]]:
        """What each account holds, by the hop at which it first came there."""
        return Counter(
            (account, self.visits[account][number])
            for account, units in self.units.items()
            for number, hop in units
            if hop
        )

    def leave(self, row: Any) -> list[Unit]:
        asked = self.case.question
        taken = self.take(self.units.setdefault(row.src, []), row.amount)
        followed = self.case.enough(row)
        if followed and row.src in self.case.seeds and row.time > self.case.seeds[row.src]:
            first = self.injected
            self.injected += row.amount
            back = sum(1 for _, hop in taken if hop)
            self.ended += back
            self.repaid += back
            return [(first + number, 1) for number in range(row.amount)]
        moved = []
        for number, hop in taken:
            lost = hop and (hop == asked.max_hops or not followed or row.src in self.case.stop)
            self.ended += bool(lost)
            self.beyond += bool(hop and hop == asked.max_hops)
            moved.append(CLEAN if lost or not hop else (number, hop + 1))
        return moved

    def take(self, units: list[Unit], amount: int) -> list[Unit]:
        clean = [CLEAN] * max(0, amount - len(units))
        part = min(amount, len(units))
        if self.method is Method.FIFO:
            taken, units[:] = units[:part], units[part:]
        elif self.method is Method.LIFO:
            taken, units[:] = self.last(units, part), units[: len(units) - part]
        else:
            kinds = Counter(hop for _, hop in units)
            tainted = len(units) - kinds[0]
            share = part * tainted // len(units) if units else 0
            shares = {hop: share * kinds[hop] // tainted for hop in sorted(kinds) if hop}
            for hop in sorted(shares):
                if sum(shares.values()) < share and shares[hop] < kinds[hop]:
                    shares[hop] += 1
            shares[0] = part - share
            taken = []
            kept: list[Unit] = []
            # Of each hop the units that came first leave.
            for unit in units:
                (taken if shares[unit[1]] else kept).append(unit)
                shares[unit[1]] -= bool(shares[unit[1]])
            taken.sort(key=lambda unit: (unit[1] == 0, unit[1]))
            units[:] = kept
        return taken + clean

    @staticmethod
    def last(units: list[Unit], part: int) -> list[Unit]:
        return units[len(units) - part :][::-1]


def conserved(taint: Taint) -> bool:
    return taint.injected == int(taint.held.sum()) + taint.ended


def moved(taint: Taint) -> dict[tuple[int, int], int]:
    keys = zip(taint.moved_seqs.tolist(), taint.moved_hops.tolist(), strict=True)
    return dict(zip(keys, taint.moved.tolist(), strict=True))


def held_at(taint: Taint) -> dict[tuple[int, int], int]:
    keys = zip(taint.held_accounts.tolist(), taint.held_hops.tolist(), strict=True)
    return dict(zip(keys, taint.held_amounts.tolist(), strict=True))


@pytest.mark.parametrize("method", list(Method))
def test_taint_equals_a_ledger_of_units_on_random_graphs(oracle: Any, method: Method) -> None:
    carried = 0
    for random in oracle.cases(salt=5)[: oracle.rounds // 2]:
        world, case = oracle.random_case(random)
        if case.question.direction is Direction.BACKWARD or case.question.dwell is not None:
            continue
        taint = world.graph.taint(method, case.question, seeds=Seeds.of(case.seeds.items()))
        ledger = Ledger(case, method)
        ledger.run()
        rows = zip(taint.accounts.tolist(), taint.received.tolist(), taint.held.tolist(), strict=True)
        found = {account: (received, held) for account, received, held in rows}
        for account in range(10):
            held = sum(1 for _, hop in ledger.units.get(account, []) if hop)
            assert found.get(account, (0, 0)) == (ledger.received[account], held), (case, account)
        assert (taint.injected, taint.ended) == (ledger.injected, ledger.ended)
        assert (taint.repaid, taint.beyond) == (ledger.repaid, ledger.beyond)
        assert max(found.values(), default=(0, 0))[0] <= taint.injected, "a unit comes to an account once"
        assert held_at(taint) == dict(ledger.held_at), case
        assert conserved(taint)
        assert moved(taint) == dict(ledger.moved), case
        by_hop = Counter[int]()
        for (_, hop), amount in moved(taint).items():
            by_hop[hop] += amount
        assert max(by_hop.values(), default=0) <= taint.injected, "at one hop a unit moves once"
        carried += taint.injected > 0
    assert carried > 20


@pytest.mark.parametrize("method", list(Method))
def test_one_accounts_taint_is_its_row(oracle: Any, method: Method) -> None:
    compared = 0
    for random in oracle.cases(salt=6):
        world, case = oracle.random_case(random)
        if case.question.direction is Direction.BACKWARD or case.question.dwell is not None:
            continue
        seeds = Seeds.of(case.seeds.items())
        taint = world.graph.taint(method, case.question, seeds=seeds)
        rows = dict(zip(taint.accounts.tolist(), taint.received.tolist(), strict=True))
        for account in range(10):
            found = world.graph.account_taint(account, method, case.question, seeds=seeds)
            assert found.received is not None
            assert found.truncated is None
            # A haircut rounds each payment, so money that cannot come here any more may move a unit.
            slack = len(case.rows) if method is Method.HAIRCUT else 0
            assert abs(found.received - rows.get(account, 0)) <= slack, (case, account)
            compared += found.received > 0
    assert compared > 20
    cut = oracle.world([(0, 1, 10, 1), (0, 1, 11, 1)]).graph
    short = cut.account_taint(1, method, seeds=Seeds.of([(0, 0)]), budget=Budget(max_reads=1))
    assert (short.received, short.truncated) == (None, "max_reads")


@pytest.mark.parametrize("method", list(Method))
def test_a_cap_on_fan_out_keeps_taint_from_passing_through_hubs(oracle: Any, method: Method) -> None:
    hit = 0
    for random in oracle.cases(salt=14)[: oracle.rounds // 4]:
        world, case = oracle.random_case(random)
        if case.question.direction is Direction.BACKWARD or case.question.dwell is not None:
            continue
        most = random.choice([0, 2, 4, 8])
        sides = Counter(row.src for row in world.rows), Counter(row.dst for row in world.rows)
        hubs = {account for side in sides for account, count in side.items() if count > most}
        seeds, budget = Seeds.of(case.seeds.items()), Budget(max_fanout=most)
        taint = world.graph.taint(method, case.question, seeds=seeds, budget=budget)
        ledger = Ledger(replace(case, stop=case.stop | hubs), method)
        ledger.run()
        rows = zip(taint.accounts.tolist(), taint.received.tolist(), taint.held.tolist(), strict=True)
        found = {account: (received, held) for account, received, held in rows}
        for account in range(10):
            held = sum(1 for _, hop in ledger.units.get(account, []) if hop)
            assert found.get(account, (0, 0)) == (ledger.received[account], held), (case, account)
            one = world.graph.account_taint(account, method, case.question, seeds=seeds, budget=budget)
            assert one.received is not None
            slack = len(case.rows) if method is Method.HAIRCUT else 0
            assert abs(one.received - ledger.received[account]) <= slack, (case, account)
            # What was left out is never left out silently.
            free = world.graph.account_taint(account, method, case.question, seeds=seeds)
            assert one.truncated or free.received == one.received, (case, account)
        assert (taint.injected, taint.ended) == (ledger.injected, ledger.ended)
        assert conserved(taint)
        whole = world.graph.taint(method, case.question, seeds=seeds)
        assert taint.truncated in {None, "max_fanout"}
        assert taint.truncated or taint.received.tolist() == whole.received.tolist()
        hit += taint.truncated is not None
    assert hit > 5


def test_last_in_first_out_differs_from_first_in_first_out(oracle: Any) -> None:
    # 1 gets 60 of its own, then 100 that are tainted, and pays 100 on.
    world = oracle.world([(9, 1, 5, 60), (0, 1, 10, 100), (1, 2, 20, 100)])
    seeds = Seeds.of([(0, 0)])
    received = {
        method: dict(zip(taint.accounts.tolist(), taint.received.tolist(), strict=True))[2]
        for method in Method
        for taint in [world.graph.taint(method, seeds=seeds)]
    }
    assert received == {Method.LIFO: 100, Method.FIFO: 40, Method.HAIRCUT: 62}
    assert world.graph.spread(seeds=seeds).amounts.tolist() == [0, 100, 100], "poison taints all"


def test_money_is_conserved_at_scale() -> None:
    from fraud_check.engine import MoneyFlowGraph  # noqa: PLC0415

    rng = np.random.default_rng(1)
    rows = 60_000
    graph = MoneyFlowGraph()
    src, dst = rng.integers(0, 2_000, rows), rng.integers(0, 2_000, rows)
    graph.append(src, dst, np.sort(rng.integers(0, 20_000, rows)), rng.integers(1, 2**40, rows))
    seeds = Seeds.of((account, 1_000) for account in range(0, 2_000, 100))
    stop = AccountSet(np.arange(1, 2_000, 50, dtype=np.uint32))
    for method in Method:
        taint = graph.taint(method, Question(max_hops=5, min_amount=2**30, stop=stop), seeds=seeds)
        assert taint.injected > 0
        assert conserved(taint)
        assert int(taint.held.min()) >= 0


def test_questions_that_make_contents_meaningless_are_refused(oracle: Any) -> None:
    world = oracle.world([(0, 1, 10, 1)])
    for question in (Question(dwell=5), Question(direction=Direction.BACKWARD)):
        with pytest.raises(Malformed, match="without a dwell limit"):
            world.graph.taint(Method.LIFO, question, seeds=Seeds.of([(0, 0)]))


def test_a_truncated_walk_says_nothing_of_accounts(oracle: Any) -> None:
    world = oracle.world([(0, 1, 10, 1), (0, 2, 11, 1)])
    taint = world.graph.taint(Method.LIFO, seeds=Seeds.of([(0, 0)]), budget=Budget(max_reads=1))
    assert (taint.truncated, len(taint.accounts)) == ("max_reads", 0)
