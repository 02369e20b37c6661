"""The analyst's files: given in any form, returned as given, and nothing written when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_check.analyst import Following, Source, spread_files, trace_account
from fraud_check.engine import Direction, MoneyFlowGraph, Question, Seeds
from passport.errors import Malformed, Misconfigured, PassportError

Write = Callable[[str, str], Path]

TRANSFERS = "src,dst,time,amount\na,b,10,100\nb,c,20,90\nb,007,30,5\nc,c,40,8\n"


@pytest.fixture
def source(write: Write) -> Source:
    return Source(write("transfers.csv", TRANSFERS), write("seeds.csv", "account,time\na,0\nz,3\n"))


def test_answer_has_one_row_per_account_by_hop(source: Source, tmp_path: Path) -> None:
    summary = spread_files(source, Following(max_hops=3), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == (
        "account,hop,arrival,earliest,amount\na,0,0,0,0\nz,0,3,3,0\nb,1,10,10,100\n007,2,30,30,5\nc,2,20,20,90\n"
    )
    assert (summary.accounts, summary.truncated) == (5, None)


def test_min_amount_and_dwell_are_inclusive(source: Source, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    spread_files(source, Following(max_hops=3, min_amount=90, dwell_seconds=10), out)
    assert "c,2,20,20,90" in out.read_text()
    spread_files(source, Following(max_hops=3, min_amount=91), out)
    assert "c,2" not in out.read_text()
    spread_files(source, Following(max_hops=3, dwell_seconds=9), out)
    assert "c,2" not in out.read_text()


def test_window_is_inclusive(source: Source, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    spread_files(source, Following(max_hops=3, start="10", end="1970-01-01T00:00:20Z"), out)
    assert out.read_text().splitlines()[3:] == ["b,1,10,10,100", "c,2,20,20,90"]
    spread_files(source, Following(max_hops=3, start="11"), out)
    assert len(out.read_text().splitlines()) == 3


def test_backward_names_who_paid_in(write: Write, tmp_path: Path) -> None:
    source = Source(write("t.csv", TRANSFERS), write("s.csv", "account,time\nc,25\nc,21\n"))
    out = tmp_path / "out.csv"
    spread_files(source, Following(max_hops=3, direction=Direction.BACKWARD), out)
    assert out.read_text().splitlines()[1:] == ["c,0,25,25,0", "b,1,20,20,90", "a,2,10,10,100"]


def test_rfc3339_times_come_back_as_given(write: Write, tmp_path: Path) -> None:
    rows = (
        "a,b,2026-01-01T00:00:10Z,100\nb,c,2026-01-01T08:00:20.5+08:00,90\nb,c,2026-01-01t00:00:20.500z,1\n"
    )
    source = Source(
        write("t.csv", "src,dst,time,amount\n" + rows),
        write("s.csv", "account,time\na,5\nz,2026-01-01T08:00:00+08:00\n"),
    )
    out = tmp_path / "out.csv"
    spread_files(source, Following(max_hops=3, dwell_seconds=11), out)
    assert out.read_text().splitlines()[1:] == [
        "a,0,5,5,0",
        "z,0,2026-01-01T08:00:00+08:00,2026-01-01T08:00:00+08:00,0",
        "b,1,2026-01-01T00:00:10Z,2026-01-01T00:00:10Z,100",
        "c,2,2026-01-01T08:00:20.5+08:00,2026-01-01T08:00:20.5+08:00,91",
    ]


def test_a_seed_reached_earlier_keeps_its_own_arrival(write: Write, tmp_path: Path) -> None:
    source = Source(
        write("t.csv", "src,dst,time,amount\na,b,10,7\n"), write("s.csv", "account,time\nb,50\na,0\n")
    )
    spread_files(source, Following(), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["a,0,0,0,0", "b,0,50,10,7"]


def test_parquet_in_and_out_keeps_the_types_of_accounts(tmp_path: Path) -> None:
    transfers = {"src": [1, 2], "dst": [2, 3], "time": [10, 20], "amount": [5, 4], "note": ["x", "y"]}
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    pq.write_table(pa.table({"account": [1], "time": [0]}), tmp_path / "s.parquet")
    out = tmp_path / "out.parquet"
    spread_files(Source(tmp_path / "t.parquet", tmp_path / "s.parquet"), Following(), out)
    assert pq.read_table(out).to_pydict() == {
        "account": [1, 2, 3],
        "hop": [0, 1, 2],
        "arrival": [0, 10, 20],
        "earliest": [0, 10, 20],
        "amount": [0, 5, 4],
    }


def test_categories_are_names_too(tmp_path: Path) -> None:
    names = pa.array(["a", "b"]).dictionary_encode()
    pq.write_table(
        pa.table({"src": names[:1], "dst": names[1:], "time": [1], "amount": [5]}), tmp_path / "t.parquet"
    )
    pq.write_table(pa.table({"account": ["a"], "time": [0]}), tmp_path / "s.parquet")
    spread_files(Source(tmp_path / "t.parquet", tmp_path / "s.parquet"), Following(), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["a,0,0,0,0", "b,1,1,1,5"]


@pytest.mark.parametrize("number", range(60))
def test_files_say_what_the_engine_says(tmp_path: Path, number: int) -> None:
    random = Random(number)  # noqa: S311 - seeded, to be repeated
    rows = [
        (random.randrange(8), random.randrange(8), random.randrange(30), random.randrange(20))
        for _ in range(random.randrange(40))
    ]
    seeds = {random.randrange(8): random.randrange(20) for _ in range(random.randint(1, 3))}
    backward = random.random() < 0.5
    following = Following(
        max_hops=random.randint(1, 5),
        direction=Direction.BACKWARD if backward else Direction.FORWARD,
        min_amount=random.choice([0, 5]),
        min_share=random.choice([0, 0, 1_000, 2_500, 5_000]),
        dwell_seconds=random.choice([None, 0, 4, 10]),
        start=random.choice([None, "3"]),
        end=random.choice([None, "25"]),
    )
    dated = random.random() < 0.5

    def said(time: int) -> str:
        return f"1970-01-01T08:00:{time:02}+08:00" if dated else str(time)

    body = "".join(f"N{src},N{dst},{said(time)},{amount}\n" for src, dst, time, amount in rows)
    (tmp_path / "t.csv").write_text("src,dst,time,amount\n" + body)
    listed = "".join(f"N{account},{said(time)}\n" for account, time in seeds.items())
    (tmp_path / "s.csv").write_text("account,time\n" + listed)
    spread_files(Source(tmp_path / "t.csv", tmp_path / "s.csv"), following, tmp_path / "out.csv")
    graph = MoneyFlowGraph()
    graph.append(*([row[column] for row in rows] for column in range(4)))
    question = Question(
        max_hops=following.max_hops,
        direction=following.direction,
        min_amount=following.min_amount,
        min_share=following.min_share,
        dwell=following.dwell_seconds,
        start=int(following.start) if following.start else None,
        end=int(following.end) if following.end else None,
    )
    spread = graph.spread(question, seeds=Seeds.of(seeds.items()))
    columns = (spread.accounts, spread.hops, spread.arrivals, spread.earliest, spread.amounts)
    expected = [
        f"N{account},{hop},{said(arrival)},{said(earliest)},{amount}"
        for account, hop, arrival, earliest, amount in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]
    assert sorted((tmp_path / "out.csv").read_text().splitlines()[1:]) == sorted(expected)


def test_empty_files_of_transfers_give_the_seeds(write: Write, tmp_path: Path) -> None:
    source = Source(write("t.csv", "src,dst,time,amount\n"), write("s.csv", "account,time\na,1\n"))
    spread_files(source, Following(), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["a,0,1,1,0"]


HUNDRED_THOUSAND = ",".join(f"c{number}" for number in range(100_000)) + "\n"


@pytest.mark.parametrize(
    ("transfers", "seeds", "says"),
    [
        (TRANSFERS + "a,b,1,-5\n", "account,time\na,0\n", r"t\.csv: amount\[4\]: expected 0 to"),
        (
            TRANSFERS + "a,b,1,5.5\n",
            "account,time\na,0\n",
            r"t\.csv: amount\[4\]: expected an integer, got '5\.5'",
        ),
        (TRANSFERS + "a,b\n", "account,time\na,0\n", r"row \[4\]: .*Expected 4 columns, got 2"),
        (TRANSFERS + "a,b,,5\n", "account,time\na,0\n", r"time\[4\]: expected integer epoch seconds"),
        (TRANSFERS + "a,b,1,\n", "account,time\na,0\n", r"amount\[4\]: expected a value in every row"),
        (TRANSFERS + ",b,1,5\n", "account,time\na,0\n", r"t\.csv: src\[4\]: expected a name in every row"),
        (
            TRANSFERS + "a,b,yesterday,5\n",
            "account,time\na,0\n",
            r"time\[4\]: expected integer epoch seconds",
        ),
        (TRANSFERS + "a,b,2026-01-01T00:00:00,5\n", "account,time\na,0\n", "offset"),
        (
            TRANSFERS + "a,b,2026-02-30T00:00:00Z,5\n",
            "account,time\na,0\n",
            r"time\[4\]: expected .*got '2026-02-30T",
        ),
        (TRANSFERS + "a,b,99999999999999999,5\n", "account,time\na,0\n", r"time\[4\]: .* year 10000"),
        ("src,dst,time\na,b,1\n", "account,time\na,0\n", "expected each of the columns src,dst,time,amount"),
        ("", "account,time\na,0\n", "expected each of the columns"),
        (HUNDRED_THOUSAND, "account,time\na,0\n", "header of at most"),
        (",".join(["c"] * 100) + "\n", "account,time\na,0\n", "got 100 columns"),
        (TRANSFERS, "account,when\na,0\n", "expected each of the columns account,time"),
    ],
)
def test_bad_files_are_named_and_nothing_is_written(
    write: Write, tmp_path: Path, transfers: str, seeds: str, says: str
) -> None:
    source = Source(write("t.csv", transfers), write("s.csv", seeds))
    with pytest.raises(Malformed, match=says):
        spread_files(source, Following(), tmp_path / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.csv", "t.csv"]


def test_truncated_parquet_is_named(source: Source, tmp_path: Path) -> None:
    whole = tmp_path / "t.parquet"
    pq.write_table(pa.table({"src": ["a"], "dst": ["b"], "time": [1], "amount": [1]}), whole)
    whole.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(Malformed, match="Parquet"):
        spread_files(Source(whole, source.seeds), Following(), tmp_path / "out.csv")


@pytest.mark.parametrize("name", ["out.txt", "nowhere/out.csv"])
def test_an_answer_that_cannot_be_kept_is_refused_before_work(
    source: Source, tmp_path: Path, name: str
) -> None:
    with pytest.raises(Misconfigured, match="expected"):
        spread_files(source, Following(), tmp_path / name)


def test_missing_file_is_named(source: Source, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"none\.csv"):
        spread_files(Source(tmp_path / "none.csv", source.seeds), Following(), tmp_path / "out.csv")


def test_one_account_names_its_path(source: Source) -> None:
    report = trace_account(source, Following(), "007")
    assert (report.hop, report.seed, report.amount) == (2, "a", 5)
    assert [(step.row, step.src, step.dst, step.time) for step in report.path] == [
        (0, "a", "b", 10),
        (2, "b", "007", 30),
    ]
    assert trace_account(source, Following(end="29"), "007").hop is None
    with pytest.raises(PassportError, match="nobody"):
        trace_account(source, Following(), "nobody")
