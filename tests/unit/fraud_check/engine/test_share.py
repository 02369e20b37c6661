"""The share rule beside the same rule in SQL: DuckDB, on generated transfers (scale S in the long run)."""

from __future__ import annotations

import os
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from fraud_check.engine import Direction, MoneyFlowGraph, Question, Seeds
from fraud_check.generate import Scale, World, generate

FORWARD, BACKWARD = ("src", "dst", "min", ">"), ("dst", "src", "max", "<")

#: Measured against what the payer paid in the window; then distinct walks, as many hops as asked.
WALK = """
WITH RECURSIVE inside AS (
  SELECT src, dst, time, amount FROM transfers WHERE src <> dst AND time BETWEEN {start} AND {end}
), followed AS (
  SELECT src, dst, time FROM inside JOIN (SELECT {near} AS payer, sum(amount::HUGEINT) AS whole FROM inside GROUP BY {near})
    ON payer = {near} WHERE amount::HUGEINT * 10000 >= whole * {share} AND amount >= {least}
), walk(account, hop, moment) AS (
  SELECT account, 0, time FROM seeds
  UNION
  SELECT t.{far}, w.hop + 1, t.time FROM walk w JOIN followed t ON t.{near} = w.account AND t.time {later} w.moment
  WHERE w.hop < {hops}
), best AS (SELECT account, hop, {first}(moment) AS moment FROM walk GROUP BY account, hop)
SELECT account, min(hop) AS hop, arg_min(moment, hop) AS arrival, {first}(moment) AS earliest FROM best GROUP BY account ORDER BY account
"""


@pytest.fixture(scope="module")
def world() -> World:
    scale = Scale("S")
    small = 1 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 50
    return generate(3, accounts=scale.accounts // small, transfers=scale.transfers // small, warnings=20)


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("share", [300, 1_000, 3_000])
def test_a_share_is_the_same_in_sql(world: World, direction: Direction, share: int) -> None:
    moved = world.transfers
    graph = MoneyFlowGraph()
    graph.append(moved.src, moved.dst, moved.time, moved.amount)
    seeds = Seeds.of(world.warnings.items())
    start, end = int(moved.time[len(moved.time) // 10]), int(moved.time[-1]) - 86_400_000
    asked = Question(
        max_hops=4, direction=direction, start=start, end=end, min_share=share, min_amount=50_000
    )
    if direction is Direction.BACKWARD:
        seeds = Seeds.from_columns(seeds.accounts, np.full(len(seeds.accounts), end + 1))
    spread = graph.spread(asked, seeds=seeds)
    near, far, first, later = BACKWARD if direction is Direction.BACKWARD else FORWARD
    with duckdb.connect() as sql:
        sql.register(
            "transfers",
            pa.table({name: getattr(moved, name) for name in ("src", "dst", "time", "amount")}),
        )
        sql.register("seeds", pa.table({"account": seeds.accounts, "time": seeds.times}))
        query = WALK.format(
            start=start,
            end=end,
            near=near,
            far=far,
            first=first,
            later=later,
            share=share,
            least=asked.min_amount,
            hops=4,
        )
        rows = sql.execute(query).fetchnumpy()
    order = np.argsort(spread.accounts)
    ours = (
        spread.accounts.astype(np.int64),
        spread.hops.astype(np.int64),
        spread.arrivals,
        spread.earliest,
    )
    for column, theirs in zip(ours, rows.values(), strict=True):
        assert np.array_equal(column[order], np.asarray(theirs, dtype=np.int64))
    assert len(spread.accounts) > len(seeds.accounts)
    assert len(spread.accounts) < len(graph.spread(replace(asked, min_share=0), seeds=seeds).accounts)
    if direction is Direction.FORWARD:
        step = max(1, len(spread.accounts) // 50)
        for row in range(0, len(spread.accounts), step):
            one = graph.account(int(spread.accounts[row]), asked, seeds=seeds)
            told = (spread.hops[row], spread.arrivals[row], spread.amounts[row])
            assert (one.hop, one.arrival, one.amount) == told
