"""Files that somebody hands to an analyst: no name in them forges a row, a link, or a file of the analyst's."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from fraud_check.analyst import (
    Following,
    Looking,
    Source,
    pattern_files,
    picture_file,
    spread_files,
    trace_account,
)
from passport.errors import Malformed, Misconfigured

GOOD = {
    "src": pa.array(["a", "b"]),
    "dst": pa.array(["b", "c"]),
    "time": pa.array([1, 2]),
    "amount": pa.array([5, 6]),
}


def source_of(tmp_path: Path, **columns: pa.Array) -> Source:
    pa_parquet.write_table(pa.table({**GOOD, **columns}), tmp_path / "t.parquet")
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    return Source(tmp_path / "t.parquet", tmp_path / "s.csv")


def no_text() -> pa.Array:
    ends = np.array([0, 2, 3], dtype=np.int32).tobytes()
    return pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(ends), pa.py_buffer(b"\xff\xfea")])


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_line_end_in_a_name_forges_no_row(tmp_path: Path, end: str) -> None:
    forged = f"b{end}victim"
    source = source_of(tmp_path, src=pa.array(["a", forged]), dst=pa.array([forged, "c"]))
    spread_files(source, Following(), tmp_path / "o.csv")
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["account", "a", forged, "c"]
    assert (tmp_path / "o.csv").read_bytes().startswith(b"account,hop,arrival,earliest,amount\na,0,0,0,0\n")


@pytest.mark.parametrize("column", ["src", "dst", "time"])
def test_text_that_is_no_text_is_refused_and_leaves_nothing(tmp_path: Path, column: str) -> None:
    source = source_of(tmp_path, **{column: no_text()})
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Malformed, match="UTF-8"):
        spread_files(source, Following(), tmp_path / "o.csv")
    with pytest.raises(Malformed, match="UTF-8"):
        picture_file(source, Following(), tmp_path / "o.html")
    with pytest.raises(Malformed, match="UTF-8"):
        pattern_files(source.transfers, Looking(window_seconds=9), tmp_path / "o.csv")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("column", "values", "refused"),
    [
        ("amount", pa.array([2**64 - 1, 1], pa.uint64()), r"amount\[0\]: expected integers below 2"),
        ("time", pa.array([1, 2], pa.timestamp("us", "Mars/Phobos")), "time: expected a time zone"),
    ],
)
def test_values_that_cannot_be_counted_with_are_refused(
    tmp_path: Path, column: str, values: pa.Array, refused: str
) -> None:
    source = source_of(tmp_path, **{column: values})
    with pytest.raises(Malformed, match=refused):
        spread_files(source, Following(), tmp_path / "o.csv")
    with pytest.raises(Malformed, match=refused):
        trace_account(source, Following(), "c")


def test_an_argument_that_is_no_text_is_refused(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    with pytest.raises(Malformed, match="account: expected text"):
        trace_account(source, Following(), "\udcff")
    with pytest.raises(Malformed, match="start: expected integer epoch seconds"):
        trace_account(source, Following(start="\udcff"), "c")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "html"])
def test_a_link_laid_beside_the_answer_is_not_followed(tmp_path: Path, suffix: str) -> None:
    source = source_of(tmp_path)
    (tmp_path / "mine").write_text("precious")
    out = tmp_path / f"o.{suffix}"
    (tmp_path / f".{out.name}.part").symlink_to(tmp_path / "mine")
    if suffix == "html":
        picture_file(source, Following(), out)
    else:
        spread_files(source, Following(), out)
    assert (tmp_path / "mine").read_text() == "precious"
    assert stat.S_ISREG(out.lstat().st_mode)
    assert sorted(one.suffix for one in tmp_path.iterdir() if one.name.startswith(".")) == [".part"]


def test_an_answer_that_cannot_be_moved_to_its_place_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(tmp_path)

    def full(_draft: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Misconfigured, match="No space left"):
        spread_files(source, Following(), tmp_path / "o.csv")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["s.csv", "t.parquet"]


def test_names_that_a_spreadsheet_would_run_are_counted_and_kept(tmp_path: Path) -> None:
    names = ["=1+cmd|' /C calc'!A0", "@SUM(A1)", "+38(044)x", "-5", "+380 44", "b=1"]
    size = len(names)
    source = source_of(
        tmp_path,
        src=pa.array(["a"] * size),
        dst=pa.array(names),
        time=pa.array(range(1, size + 1)),
        amount=pa.array([1] * size),
    )
    assert spread_files(source, Following(), tmp_path / "o.csv").formulas == 3
    assert spread_files(source, Following(), tmp_path / "o.parquet").formulas == 0
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        assert {row["account"] for row in csv.DictReader(file)} >= {names[0], names[1]}
    found = pattern_files(source.transfers, Looking(window_seconds=99), tmp_path / "p.csv")
    assert found.formulas == 3
