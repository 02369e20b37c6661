"""The example of docs/graph.md, as an analyst would copy it, on a few transfers of theirs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

PAGE = Path(__file__).parents[4] / "docs" / "graph.md"


def test_the_documents_example_runs_as_it_stands() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {
        "src": np.array([17, 100, 17, 4711]),
        "dst": np.array([100, 4711, 4711, 17]),
        "time": np.array([10, 20, 15, 30]),
        "amount": np.array([2_000_000, 1_500_000, 1_200_000, 900_000]),
        "now": 100,
    }
    exec(compile(example, str(PAGE), "exec"), names)  # noqa: S102 - our own page
    spread, answer = names["spread"], names["answer"]
    assert spread.accounts.tolist() == [17, 100, 4711]
    assert spread.arrivals.tolist() == [0, 10, 15]
    assert spread.amounts.tolist() == [900_000, 2_000_000, 2_700_000]
    assert [step.seq for step in spread.path(4711)] == [2]
    assert (answer.hop, answer.source, [step.seq for step in answer.path]) == (1, 17, [2])
    assert (names["first"], names["told"].seen) == (4, [])
