"""Columns as Arrow has them, taken as they lie."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from fraud_check.engine import MoneyFlowGraph, Question, Seeds
from fraud_check.engine.columns import column
from passport.errors import Malformed


def test_a_table_is_taken_column_by_column() -> None:
    table = pa.table(
        {
            "src": pa.array([0, 1], pa.uint32()),
            "dst": pa.array([1, 2], pa.uint32()),
            "time": [10, 20],
            "amount": [100, 90],
        }
    )
    graph = MoneyFlowGraph()
    graph.append(*pa.concat_tables([table, table]).columns)
    spread = graph.spread(Question(max_hops=2), seeds=Seeds.of([(0, 0)]))
    assert spread.accounts.tolist() == [0, 1, 2]
    assert spread.amounts.tolist() == [0, 200, 180]


def test_an_array_of_the_exact_type_is_not_copied() -> None:
    given = pa.array([7, 8, 9], pa.int64())
    assert column(given, np.int64, "time").ctypes.data == given.buffers()[1].address


def test_a_missing_value_is_named_and_nothing_is_taken() -> None:
    graph = MoneyFlowGraph()
    with pytest.raises(Malformed, match="amount: expected a value in every row, got 1 without one"):
        graph.append([0, 1], [1, 2], [1, 2], pa.array([5, None], pa.int64()))
    assert graph.transfers == 0
