"""Shapes from a file: evidence in the file's own words."""

from __future__ import annotations

from dataclasses import replace
from hashlib import pbkdf2_hmac
from pathlib import Path
from signal import SIGINT, default_int_handler, pthread_kill, signal
from threading import Timer, main_thread

import pytest

from fraud_check.analyst import Looking, pattern_files
from fraud_check.engine import MoneyFlowGraph, Shape
from passport.errors import Malformed

ROUND = (
    "src,dst,time,amount\n"
    "a,b,2026-01-01T00:00:00Z,10\nb,c,2026-01-01T00:00:30Z,9\nc,a,2026-01-01T00:01:00Z,8\na,d,2026-01-01T00:01:00Z,1\n"
)


def test_evidence_is_one_row_a_transfer(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROUND)
    looking = Looking(window_seconds=60, size=2)
    summary = pattern_files(tmp_path / "t.csv", looking, tmp_path / "out.csv")
    assert summary.found == {
        "fan_out": 1,
        "fan_in": 0,
        "gather_scatter": 0,
        "scatter_gather": 0,
        "cycle": 1,
        "bipartite": 0,
        "stack": 0,
    }
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "finding,shape,account,size,row,src,dst,time,amount",
        "1,fan_out,a,2,0,a,b,2026-01-01T00:00:00Z,10",
        "1,fan_out,a,2,3,a,d,2026-01-01T00:01:00Z,1",
        "2,cycle,a,3,0,a,b,2026-01-01T00:00:00Z,10",
        "2,cycle,a,3,1,b,c,2026-01-01T00:00:30Z,9",
        "2,cycle,a,3,2,c,a,2026-01-01T00:01:00Z,8",
    ]


def test_window_and_bounds_are_inclusive(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROUND)
    out = tmp_path / "out.parquet"
    for seconds, end, count in (
        (60, None, 1),
        (59, None, 0),
        (60, "2026-01-01T00:01:00Z", 1),
        (60, "2026-01-01T00:00:59Z", 0),
    ):
        looking = Looking(window_seconds=seconds, shapes=[Shape.CYCLE], end=end)
        assert pattern_files(tmp_path / "t.csv", looking, out).found == {"cycle": count}


def test_a_search_that_time_cut_short_is_named_and_the_others_are_whole(tmp_path: Path) -> None:
    rows = "".join(f"a{n},b{m},{n},10\n" for n in range(200) for m in range(50))
    (tmp_path / "t.csv").write_text(f"src,dst,time,amount\n{rows}")
    looking = Looking(window_seconds=300, shapes=[Shape.BIPARTITE], size=2, max_seconds=0.0)
    summary = pattern_files(tmp_path / "t.csv", looking, tmp_path / "out.csv")
    assert summary.truncated == {"bipartite": "max_seconds"}
    whole = pattern_files(tmp_path / "t.csv", replace(looking, max_seconds=None), tmp_path / "out.csv")
    assert whole.truncated == {}
    assert whole.found["bipartite"] > summary.found["bipartite"]


def test_bad_parameters_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROUND)
    with pytest.raises(Malformed, match="size: expected 2"):
        pattern_files(tmp_path / "t.csv", Looking(window_seconds=1, size=1), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_an_interrupt_is_heard_while_the_engine_searches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search hears nothing itself: as here a hash, which runs for seconds as one instruction of Python's."""
    ended: list[bool] = []

    def searching(*_: object, **__: object) -> None:
        interrupt = Timer(0.2, lambda: pthread_kill(main_thread().ident or 0, SIGINT))
        interrupt.start()
        try:
            pbkdf2_hmac("sha256", b"", b"", 8_000_000)
        finally:
            ended.append(True)

    (tmp_path / "t.csv").write_text("src,dst,time,amount\n1,2,3,4\n")
    monkeypatch.setattr(MoneyFlowGraph, "patterns", searching)
    # Under a shell's background job an interrupt is ignored from the start.
    before = signal(SIGINT, default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            pattern_files(tmp_path / "t.csv", Looking(window_seconds=1), tmp_path / "out.csv")
    finally:
        signal(SIGINT, before)
    assert not ended
    assert not (tmp_path / "out.csv").exists()
