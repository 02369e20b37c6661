"""Stop sets, hubs and windows as an analyst gives them, the order of an answer's rows, and files that stay whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_check.analyst import (
    Following,
    Looking,
    Source,
    pattern_files,
    picture_file,
    spread_files,
    ten_thousandths,
    trace_account,
)
from fraud_check.engine import Shape
from passport.errors import Malformed, Misconfigured

Write = Callable[[str, str], Path]
CHAIN = "src,dst,time,amount\na,shop,10,100\nshop,b,20,90\na,c,30,5\nc,d,40,4\n"


@pytest.fixture
def source(write: Write) -> Source:
    return Source(
        write("t.csv", CHAIN),
        write("s.csv", "account,time\na,0\n"),
        write("stop.csv", "account\nshop\nnobody\n"),
    )


def answered(source: Source, following: Following, out: Path) -> list[str]:
    spread_files(source, following, out)
    return [row.split(",")[0] for row in out.read_text().splitlines()[1:]]


def test_stopped_account_is_entered_but_not_passed_through(source: Source, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert answered(source, Following(), out) == ["a", "c", "shop", "d"]
    assert answered(Source(source.transfers, source.seeds), Following(), out) == ["a", "c", "shop", "b", "d"]
    assert trace_account(source, Following(), "b").hop is None
    assert trace_account(source, Following(), "shop").hop == 1


def test_stopped_seed_still_starts(source: Source, write: Write, tmp_path: Path) -> None:
    stopped = Source(source.transfers, source.seeds, write("stop.csv", "account\na\n"))
    assert answered(stopped, Following(), tmp_path / "out.csv") == ["a", "c", "shop", "b", "d"]


def test_picture_draws_nothing_behind_a_stopped_account(source: Source, tmp_path: Path) -> None:
    flow = picture_file(source, Following(), tmp_path / "out.html")
    assert flow.amounts == [100, 5, 4]
    assert (
        len(picture_file(Source(source.transfers, source.seeds), Following(), tmp_path / "out.html").amounts)
        == 4
    )


def test_hub_is_not_passed_through_and_the_answer_says_truncated(write: Write, tmp_path: Path) -> None:
    rows = "".join(f"hub,n{number},20,1\n" for number in range(5))
    source = Source(
        write("t.csv", f"src,dst,time,amount\na,hub,10,9\n{rows}"), write("s.csv", "account,time\na,0\n")
    )
    summary = spread_files(source, Following(max_fanout=4), tmp_path / "out.csv")
    assert (summary.accounts, summary.truncated) == (2, "max_fanout")
    report = trace_account(source, Following(max_fanout=4), "n1")
    assert (report.hop, report.truncated) == (None, "max_fanout")
    assert spread_files(source, Following(max_fanout=5), tmp_path / "out.csv").truncated is None
    with pytest.raises(Malformed, match="max_fanout"):
        spread_files(source, Following(max_fanout=-1), tmp_path / "out.csv")


def test_window_that_ends_before_it_begins_is_refused(source: Source, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="start: expected no later than the end"):
        spread_files(source, Following(start="1970-01-01T00:00:31Z", end="30"), tmp_path / "out.csv")
    spread_files(source, Following(start="30", end="30"), tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10", "9", "100", "2"], ["2", "9", "10", "100"]),
        (["10", "-9", "0", "-10"], ["-10", "-9", "0", "10"]),
        (["10", "9", "b", "a", "010"], ["9", "10", "010", "a", "b"]),
        (
            ["12345678901234567890", "9", "9" * 38, "1" + "0" * 38],
            ["9", "12345678901234567890", "9" * 38, "1" + "0" * 38],
        ),
        (["9\n", "10"], ["10", "9\n"]),
    ],
)
def test_integers_are_ordered_by_value_before_other_names(
    names: list[str], expected: list[str], tmp_path: Path
) -> None:
    transfers = {
        "src": ["x"] * len(names),
        "dst": names,
        "time": [1] * len(names),
        "amount": [1] * len(names),
    }
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    pq.write_table(pa.table({"account": ["x"], "time": [0]}), tmp_path / "s.parquet")
    spread_files(
        Source(tmp_path / "t.parquet", tmp_path / "s.parquet"), Following(), tmp_path / "out.parquet"
    )
    assert pq.read_table(tmp_path / "out.parquet")["account"].to_pylist() == ["x", *expected]


def test_integers_of_any_width_stay_integers(tmp_path: Path) -> None:
    transfers = {
        "src": pa.array([1, 9], pa.uint32()),
        "dst": pa.array([9, 10], pa.int16()),
        "time": [1, 2],
        "amount": [5, 4],
    }
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    pq.write_table(pa.table({"account": [1], "time": [0]}), tmp_path / "s.parquet")
    spread_files(
        Source(tmp_path / "t.parquet", tmp_path / "s.parquet"), Following(), tmp_path / "out.parquet"
    )
    assert pq.read_table(tmp_path / "out.parquet")["account"].to_pylist() == [1, 9, 10]


@pytest.mark.parametrize("names", [[1.0], [True], [b"a"], [[1]]])
def test_accounts_that_are_neither_text_nor_integers_are_refused(names: list[object], tmp_path: Path) -> None:
    pq.write_table(pa.table({"src": names, "dst": ["b"], "time": [1], "amount": [1]}), tmp_path / "t.parquet")
    pq.write_table(pa.table({"account": ["a"], "time": [0]}), tmp_path / "s.parquet")
    with pytest.raises(Malformed, match="accounts: expected text or integers, got"):
        spread_files(
            Source(tmp_path / "t.parquet", tmp_path / "s.parquet"), Following(), tmp_path / "out.csv"
        )


def test_no_answer_replaces_what_it_is_made_of(source: Source, tmp_path: Path) -> None:
    (tmp_path / "again.csv").hardlink_to(source.transfers)
    for out in ("t.csv", "s.csv", "stop.csv", "again.csv"):
        with pytest.raises(Misconfigured, match="made of"):
            spread_files(source, Following(), tmp_path / out)
    with pytest.raises(Misconfigured, match="made of"):
        pattern_files(source.transfers, Looking(60, [Shape.CYCLE]), source.transfers)
    (tmp_path / "t.html").hardlink_to(source.transfers)
    with pytest.raises(Misconfigured, match="made of"):
        picture_file(source, Following(), tmp_path / "t.html")
    assert source.transfers.read_text() == CHAIN


def test_share_is_of_all_that_the_payer_paid_in_the_window(write: Write, tmp_path: Path) -> None:
    rows = "a,b,10,25\na,c,11,21\na,d,12,51\na,b,14,3\na,a,13,1000\na,e,99,1000\n"
    source = Source(write("t.csv", f"src,dst,time,amount\n{rows}"), write("s.csv", "account,time\na,0\n"))
    quarter = Following(min_share=2_500, end="50")
    assert answered(source, quarter, tmp_path / "out.csv") == ["a", "b", "d"]
    assert picture_file(source, quarter, tmp_path / "out.html").amounts == [51, 25]
    assert trace_account(source, quarter, "c").hop is None
    assert picture_file(source, Following(min_share=2_501, end="50"), tmp_path / "out.html").amounts == [51]


@pytest.mark.parametrize(
    ("percent", "share"), [("5", 500), ("0.5", 50), ("0.05", 5), ("100", 10_000), ("0", 0), ("12.34", 1_234)]
)
def test_percentages_are_read_exactly(percent: str, share: int) -> None:
    assert ten_thousandths(percent) == share


@pytest.mark.parametrize(
    "percent", ["", "-1", "100.01", "101", "0.005", "5%", "1e1", ".5", "5.", "\u0665", "5\n"]
)
def test_what_is_no_percentage_is_refused(percent: str) -> None:
    with pytest.raises(Malformed, match="min_share: expected a percentage"):
        ten_thousandths(percent)
