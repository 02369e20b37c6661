"""Values as databases and spreadsheets write them: taken if they can mean one thing only, else refused with file and row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_check.analyst import Following, Source, spread_files, tables, trace_account
from passport.errors import Malformed, Misconfigured

UTC = pa.timestamp("us", "UTC")


def source(folder: Path, seed_time: pa.Array | None = None, **changed: pa.Array) -> Source:
    """Two transfers in Parquet, with some columns changed."""
    columns = {"src": ["a", "b"], "dst": ["b", "c"], "time": [10, 20], "amount": [100, 90], **changed}
    pq.write_table(pa.table(columns), folder / "t.parquet")
    pq.write_table(pa.table({"account": ["a"], "time": seed_time or pa.array([0])}), folder / "s.parquet")
    return Source(folder / "t.parquet", folder / "s.parquet")


def rows(asked: Source, out: Path) -> list[str]:
    spread_files(asked, Following(), out)
    return out.read_text().splitlines()[1:]


PLAIN = ["a,0,0,0,0", "b,1,10,10,100", "c,2,20,20,90"]


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": pa.array([Decimal(100), Decimal(90)], pa.decimal128(18, 0))},
        {"amount": pa.array([100, 90], pa.uint64())},
        {"amount": pa.array([100, 90], pa.int8())},
        {"time": pa.array([10, 20], pa.int32())},
        {"time": pa.array(["10", "20"]).dictionary_encode()},
        {"time": pa.array(["10", "20"], pa.large_string())},
        {"src": pa.array(["a", "b"]).dictionary_encode()},
        {"src": pa.array(["a", "b"], pa.large_string())},
    ],
)
def test_how_a_column_is_stored_changes_no_answer(changed: dict[str, pa.Array], tmp_path: Path) -> None:
    assert rows(source(tmp_path, **changed), tmp_path / "out.csv") == PLAIN


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"amount": pa.array([Decimal("1.50"), Decimal(2)], pa.decimal128(18, 2))},
            "amount: expected integers",
        ),
        ({"amount": pa.array([1.0, 2.0])}, "amount: expected integers in minor units, got double"),
        ({"amount": pa.array([1, 2**63], pa.uint64())}, r"amount\[1\]: expected integers below"),
        ({"amount": pa.array([1, -2])}, r"amount\[1\]: expected 0 to .* got -2"),
        ({"time": pa.array([10, 1_772_380_845_000])}, r"time\[1\]: .*divide milliseconds by 1000"),
        ({"time": pa.array([10, 20], pa.timestamp("us"))}, "time: expected timestamps with a time zone"),
        ({"time": pa.array([10, 20], pa.date32())}, "time: expected integer epoch seconds"),
        ({"dst": pa.array(["b", ""])}, r"dst\[1\]: expected a name"),
        ({"dst": pa.array([b"b", b"c"])}, "accounts: expected text or integers, got binary in dst"),
    ],
)
def test_what_may_mean_several_things_is_refused_with_its_file(
    changed: dict[str, pa.Array], says: str, tmp_path: Path
) -> None:
    with pytest.raises(Malformed, match=rf"t\.parquet: {says}"):
        rows(source(tmp_path, **changed), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_wrong_seed_and_wrong_bound_are_named_too(tmp_path: Path) -> None:
    late = pa.array([253_402_300_800])
    with pytest.raises(
        Malformed, match=r"s\.parquet: seed time\[0\]: expected epoch seconds before the year 10000"
    ):
        rows(source(tmp_path, late), tmp_path / "out.csv")
    assert rows(source(tmp_path, pa.array([253_402_300_799])), tmp_path / "out.csv")
    with pytest.raises(Malformed, match=r"start\[0\]: .*divide milliseconds"):
        spread_files(source(tmp_path), Following(start="1772380845000"), tmp_path / "out.csv")


def test_timestamps_come_back_as_rfc3339(tmp_path: Path) -> None:
    times = pa.array([10_000_000, 20_500_000], pa.timestamp("us", "Asia/Taipei"))
    given = source(tmp_path, time=times)
    assert rows(given, tmp_path / "out.csv") == [
        "a,0,0,0,0",
        "b,1,1970-01-01T00:00:10.000000Z,1970-01-01T00:00:10.000000Z,100",
        "c,2,1970-01-01T00:00:20.500000Z,1970-01-01T00:00:20.500000Z,90",
    ]
    assert [step.time for step in trace_account(given, Following(), "b").path] == [
        "1970-01-01T00:00:10.000000Z"
    ]
    both = source(tmp_path, pa.array([0], UTC), time=times.cast(UTC))
    assert (
        rows(both, tmp_path / "out.csv")[0] == "a,0,1970-01-01T00:00:00.000000Z,1970-01-01T00:00:00.000000Z,0"
    )


def test_row_of_a_spreadsheets_number_is_named(tmp_path: Path) -> None:
    body = "a,b,1,2\n" * 100_000 + 'a,b,1,"1,000"\n'
    (tmp_path / "t.csv").write_text("src,dst,time,amount\n" + body)
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    with pytest.raises(
        Malformed,
        match=r"t\.csv: amount\[100000\]: expected an integer, got '1,000'; leave out the commas between thousands \(1000\)",
    ):
        rows(Source(tmp_path / "t.csv", tmp_path / "s.csv"), tmp_path / "out.csv")


class Interrupted:
    """Stands for a table that Ctrl-C interrupts while it is written."""

    @property
    def column_names(self) -> list[str]:
        """Where the writing begins."""
        raise KeyboardInterrupt


def test_interrupted_writing_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        tables.write(tmp_path / "out.csv", Interrupted())
    assert list(tmp_path.iterdir()) == []


def test_pipe_in_the_place_of_the_answer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.csv").symlink_to("/dev/null")
    with pytest.raises(Misconfigured, match="found something else"):
        rows(source(tmp_path), tmp_path / "out.csv")
