"""The oracle: walks by their definition, on plain lists, with no cleverness at all.

A transfer's level is the least number of transfers in a permitted walk that ends with it. It is found by asking, again
and again, of every transfer whether any transfer of a lower level may come before it. Nothing here knows an earliest
arrival, an adjacency, or a pointer: that is the point.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from fraud_check.engine import AccountSet, Direction, MoneyFlowGraph, Question, Seeds, Tie


@dataclass(frozen=True)
class Row:
    seq: int
    src: int
    dst: int
    time: int
    amount: int


@dataclass(frozen=True)
class Reached:
    hop: int
    arrival: int
    earliest: int
    amount: int


@dataclass(frozen=True)
class Case:
    rows: tuple[Row, ...]
    seeds: Mapping[int, int]
    stop: frozenset[int]
    question: Question

    def after(self, later: Row, earlier: Row) -> bool:
        if self.question.tie is Tie.SEQ:
            return (later.time, later.seq) > (earlier.time, earlier.seq)
        return later.time > earlier.time

    def moves(self, row: Row) -> bool:
        asked = self.question
        in_window = (asked.start is None or row.time >= asked.start) and (
            asked.end is None or row.time <= asked.end
        )
        return in_window and row.src != row.dst

    def enough(self, row: Row) -> bool:
        backward = self.question.direction is Direction.BACKWARD
        side: Callable[[Row], int] = (lambda one: one.dst) if backward else (lambda one: one.src)
        whole = sum(one.amount for one in self.rows if self.moves(one) and side(one) == side(row))
        share = row.amount * 10_000 >= self.question.min_share * whole
        return row.amount >= self.question.min_amount and share

    def counts(self, row: Row) -> bool:
        return self.moves(row) and self.enough(row)

    def starts(self, row: Row) -> bool:
        if self.question.direction is Direction.BACKWARD:
            return row.dst in self.seeds and row.time < self.seeds[row.dst]
        return row.src in self.seeds and row.time > self.seeds[row.src]

    def may_follow(self, walked: Row, row: Row) -> bool:
        earlier, later = (row, walked) if self.question.direction is Direction.BACKWARD else (walked, row)
        rested = later.time - earlier.time
        return (
            earlier.dst == later.src
            and later.src not in self.stop
            and self.after(later, earlier)
            and (self.question.dwell is None or rested <= self.question.dwell)
        )

    def levels(self) -> dict[Row, int]:
        rows = [row for row in self.rows if self.counts(row)]
        levels = {row: 1 for row in rows if self.starts(row)}
        for level in range(2, self.question.max_hops + 1):
            fresh = [
                row
                for row in rows
                if row not in levels and any(self.may_follow(walked, row) for walked in levels)
            ]
            levels.update(dict.fromkeys(fresh, level))
        return levels

    def reached(self) -> dict[int, Reached]:
        backward = self.question.direction is Direction.BACKWARD
        best: Callable[[list[int]], int] = max if backward else min
        into: dict[int, list[tuple[int, Row]]] = {seed: [] for seed in self.seeds}
        for row, level in self.levels().items():
            into.setdefault(row.src if backward else row.dst, []).append((level, row))
        answer = {}
        for account, tainted in into.items():
            times = [row.time for _, row in tainted]
            amount = sum(row.amount for _, row in tainted)
            if account in self.seeds:
                own = self.seeds[account]
                answer[account] = Reached(0, own, best([own, *times]), amount)
            else:
                hop = min(level for level, _ in tainted)
                first = best([row.time for level, row in tainted if level == hop])
                answer[account] = Reached(hop, first, best(times), amount)
        return answer


@dataclass
class World:
    """A random small graph, in the engine and as rows."""

    graph: MoneyFlowGraph = field(default_factory=MoneyFlowGraph)
    rows: list[Row] = field(default_factory=list)

    def append(self, rows: list[tuple[int, int, int, int]]) -> None:
        first = len(self.rows)
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
        assert self.graph.append(*columns) == first
        self.rows.extend(Row(first + at, *row) for at, row in enumerate(rows))

    def case(self, seeds: Mapping[int, int], stop: frozenset[int], question: Question) -> Case:
        return Case(tuple(self.rows), seeds, stop, question)


def random_world(random_: random.Random) -> World:
    """Ties, self-loops, multi-edges, cycles, zeros, late rows, sealed and unsealed parts."""
    world = World()
    accounts = random_.randint(2, 9)
    ticks = random_.choice([3, 12, 40])
    # Some worlds span more ticks than one segment can count.
    scale = random_.choice([1, 1, 1, 2**29])
    for _ in range(random_.randint(1, 4)):
        rows = [
            (
                random_.randrange(accounts),
                random_.randrange(accounts),
                random_.randrange(ticks) * scale,
                random_.choice([0, 1, 5, 10, 10, 20]),
            )
            for _ in range(random_.randint(0, 14))
        ]
        if random_.random() < 0.5:
            rows.sort(key=lambda row: row[2])
        world.append(rows)
        if random_.random() < 0.4:
            world.graph.compact()
    return world


def random_case(random_: random.Random) -> tuple[World, Case]:
    """A world, and a question with any mix of parameters."""
    world = random_world(random_)
    times = sorted({row.time for row in world.rows}) or [0]
    span = times[-1] - times[0] or 1
    accounts = range(10)

    def maybe(value: int) -> int | None:
        return value if random_.random() < 0.3 else None

    def moment() -> int:
        return random_.choice(times) + random_.choice([-1, 0, 0, 1])

    stop = frozenset(random_.sample(accounts, random_.choice([0, 0, 1, 3])))
    seeds = {account: moment() for account in random_.sample(accounts, random_.randint(1, 3))}
    backward = random_.random() < 0.4
    question = Question(
        max_hops=random_.choice([1, 2, 3, 3, 4, 8]),
        direction=Direction.BACKWARD if backward else Direction.FORWARD,
        tie=random_.choice(list(Tie)),
        start=maybe(moment()),
        end=maybe(moment()),
        min_amount=random_.choice([0, 0, 5, 10]),
        min_share=random_.choice([0, 0, 0, 2_500, 3_334, 5_000, 10_000]),
        dwell=random_.choice([None, None, 0, 1, span // 8, span // 3, span]),
        stop=AccountSet(Seeds.of((account, 0) for account in stop).accounts) if stop else None,
    )
    return world, world.case(seeds, stop, question)


@dataclass(frozen=True)
class Oracle:
    """What tests ask for: random cases, and worlds of their own."""

    rounds: int

    def cases(self, salt: int = 0) -> list[random.Random]:
        numbers = range(salt * 1_000_003, salt * 1_000_003 + self.rounds)
        return [random.Random(number) for number in numbers]  # noqa: S311 - seeded, to be repeated

    def random_case(self, random_: random.Random) -> tuple[World, Case]:
        return random_case(random_)

    def random_world(self, random_: random.Random) -> World:
        return random_world(random_)

    def world(self, rows: list[tuple[int, int, int, int]]) -> World:
        world = World()
        world.append(rows)
        return world


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return Oracle(rounds=30_000 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 1_200)
