"""The Spark job says what the engine says: on many random graphs at once, on files of every form, at S and at M.

One Spark serves the whole file, since starting it takes seconds. Random graphs are laid side by side with accounts of
their own, so that one run answers hundreds of them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_check.analyst import Counting, Following, Source, spread_files
from fraud_check.batch import Resources, Work, open_spark, spread_histories
from fraud_check.batch.java import find_java
from fraud_check.engine import AccountSet, Direction, MoneyFlowGraph, Question, Seeds
from fraud_check.generate import Scale, generate
from passport.errors import Malformed, Misconfigured, PassportError

LONG = os.environ.get("PASSPORT_TEST_COUNTS") == "long"
GRAPHS = 4_000 if LONG else 400
ACCOUNTS = 9
BACKWARD = Following(direction=Direction.BACKWARD)

Write = Callable[[str, str], Path]
Rows = list[tuple[int, int, int, int]]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    # Java's second compiler pays after a minute; most of this is over before.
    options = {} if LONG else {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in options.items():
            patch.setenv(name, value)
        with open_spark(Resources(cores=2, memory_mb=4096 if LONG else 1024)) as session:
            yield session


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def random_graphs(random: Random) -> tuple[Rows, dict[int, int], list[int]]:
    """Ties, self-loops, multi-edges, cycles, zeros; some accounts in the stop set, some of them seeds."""
    rows: Rows = []
    seeds: dict[int, int] = {}
    stop: list[int] = []
    for graph in range(GRAPHS):
        first, ticks = graph * ACCOUNTS, random.choice([3, 12, 40])
        members = range(first, first + random.randint(2, ACCOUNTS))
        rows += [
            (
                random.choice(members),
                random.choice(members),
                random.randrange(ticks),
                random.choice([0, 1, 5, 10, 10, 20]),
            )
            for _ in range(random.randint(0, 40))
        ]
        seeds |= {
            random.choice(members): random.randrange(-1, ticks + 1) for _ in range(random.randint(1, 3))
        }
        stop += random.sample(members, random.choice([0, 0, 1, 2]))
    return rows, seeds, stop


QUESTIONS = [
    (Following(max_hops=4, start="2", end="30", min_share=2_500), True),
    (Following(max_hops=4, dwell_seconds=3, min_amount=1), True),
    (Following(max_hops=3, direction=Direction.BACKWARD, dwell_seconds=5, end="25"), True),
    (Following(max_hops=3, direction=Direction.BACKWARD, min_share=1_000, min_amount=5), False),
    (Following(max_hops=8, min_amount=5), False),
    (Following(max_hops=8, dwell_seconds=1), False),
    (Following(max_hops=6, direction=Direction.BACKWARD, dwell_seconds=0, start="3"), True),
]


@pytest.mark.parametrize("number", range(len(QUESTIONS) if LONG else 4))
def test_job_says_what_the_engine_says_on_random_graphs(spark: Any, tmp_path: Path, number: int) -> None:
    following, stopped = QUESTIONS[number]
    rows, seeds, stop = random_graphs(Random(number))  # noqa: S311 - seeded, to be repeated
    columns = [list(column) for column in zip(*rows, strict=True)]
    pq.write_table(
        pa.table(dict(zip(("src", "dst", "time", "amount"), columns, strict=True))), tmp_path / "t.parquet"
    )
    pq.write_table(pa.table({"account": list(seeds), "time": list(seeds.values())}), tmp_path / "s.parquet")
    pq.write_table(pa.table({"account": pa.array(stop, pa.int64())}), tmp_path / "stop.parquet")
    work = Work(
        tmp_path / "t.parquet",
        tmp_path / "s.parquet",
        following,
        stop=tmp_path / "stop.parquet" if stopped else None,
        partitions=2,
        sent_to_all=number % 2,
    )
    summary = spread_histories(spark, work, tmp_path / "out.parquet")
    graph = MoneyFlowGraph()
    graph.append(*columns)
    question = Question(
        max_hops=following.max_hops,
        direction=following.direction,
        min_amount=following.min_amount,
        min_share=following.min_share,
        dwell=following.dwell_seconds,
        start=int(following.start) if following.start else None,
        end=int(following.end) if following.end else None,
        stop=AccountSet(np.array(sorted(set(stop)), dtype=np.uint32)) if stopped else None,
    )
    spread = graph.spread(question, seeds=Seeds.of(seeds.items()))
    expected = zip(
        *(
            column.tolist()
            for column in (spread.accounts, spread.hops, spread.arrivals, spread.earliest, spread.amounts)
        ),
        strict=True,
    )
    answer = pq.read_table(tmp_path / "out.parquet")
    assert answer.schema.types == [pa.int64()] * 5
    got = list(zip(*(answer[name].to_pylist() for name in answer.column_names), strict=True))
    assert sorted(got) == sorted(expected)
    assert got == sorted(got, key=lambda row: (row[1], row[0]))
    assert len(got) > GRAPHS
    assert (summary.layers, summary.accounts) == (tuple(spread.layers), len(got))


HEADER = "src,dst,time,amount\n"
TRANSFERS = "src,dst,time,amount\na,b,10,100\nb,c,20,90\nb,007,30,5\nc,c,40,8\n"
DATED = (
    "src,note,dst,time,amount\n"
    'a,"said ""hi"", left",b,2026-01-01T00:00:10Z,100\n'
    "b,,c,2026-01-01T08:00:20.5+08:00,90\n"
    "b,,c,2026-01-01t00:00:20.500z,1\n"
    '"c, d",,e,30,1\n'
)


@pytest.mark.parametrize(
    ("files", "following"),
    [
        ((TRANSFERS, "account,time\na,0\nz,3\n"), Following(max_hops=3)),
        ((TRANSFERS, "account,time\nc,25\nc,21\n"), BACKWARD),
        (
            (DATED, "account,time\na,5\nz,2026-01-01T08:00:00+08:00\n"),
            Following(dwell_seconds=11, end="2026-01-01T00:00:21Z"),
        ),
        (("src,dst,time,amount\n", "account,time\na,1\n"), Following()),
        (
            (
                "src,dst,time,amount\n1,10,5,1\n1,9,5,1\n1,007,5,1\n1,b,5,1\n1,-10,5,1\n1,-9,5,1\n1,12345678901234567890,5,1\n",
                "account,time\n1,0\n",
            ),
            Following(),
        ),
    ],
)
def test_files_come_back_in_the_words_in_which_they_were_given(
    spark: Any, write: Write, tmp_path: Path, files: tuple[str, str], following: Following
) -> None:
    source = Source(write("t.csv", files[0]), write("s.csv", files[1]))
    spread_files(source, following, tmp_path / "engine.csv")
    assert source.seeds is not None
    spread_histories(
        spark, Work(source.transfers, source.seeds, following, partitions=2), tmp_path / "spark.csv"
    )
    said = (tmp_path / "spark.csv").read_text()
    # The same moment in two words: the engine gives the first in the file, the job the first in the alphabet.
    assert said.replace("2026-01-01T08:00:20.5+08:00", "2026-01-01t00:00:20.500z") == (
        tmp_path / "engine.csv"
    ).read_text().replace("2026-01-01T08:00:20.5+08:00", "2026-01-01t00:00:20.500z")


def test_a_directory_of_files_is_one_history(spark: Any, write: Write, tmp_path: Path) -> None:
    write("t/1.csv", "src,dst,time,amount\nb,c,20,90\n")
    write("t/2.csv", "src,dst,time,amount\na,b,10,100\n")
    write("t/_SUCCESS", "")
    seeds = write("s.csv", "account,time\na,0\n")
    spread_histories(spark, Work(tmp_path / "t", seeds, Following()), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == (
        "account,hop,arrival,earliest,amount\na,0,0,0,0\nb,1,10,10,100\nc,2,20,20,90\n"
    )
    write("t/3.csv", "dst,src,time,amount\n")
    with pytest.raises(Malformed, match="the same columns in all files"):
        spread_histories(spark, Work(tmp_path / "t", seeds, Following()), tmp_path / "out.csv")


def test_parquet_timestamps_come_back_as_timestamps(spark: Any, tmp_path: Path) -> None:
    moments = pa.array([10_500_000, 20_000_000], pa.timestamp("us", "UTC"))
    amounts = pa.array([5, 4], pa.decimal128(18, 0))
    transfers = {"src": pa.array([1, 2], pa.uint32()), "dst": [2, 3], "time": moments, "amount": amounts}
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    pq.write_table(
        pa.table({"account": [1], "time": pa.array([0], pa.timestamp("us", "UTC"))}), tmp_path / "s.parquet"
    )
    work = Work(tmp_path / "t.parquet", tmp_path / "s.parquet", Following(end="20"))
    spread_histories(spark, work, tmp_path / "out.parquet")
    answer = pq.read_table(tmp_path / "out.parquet")
    assert answer["account"].to_pylist() == [1, 2, 3]
    assert answer["arrival"].cast(pa.int64()).to_pylist() == [0, 10_500_000, 20_000_000]
    spread_histories(spark, work, tmp_path / "out.csv")
    source = Source(work.transfers, work.seeds)
    spread_files(source, work.following, tmp_path / "engine.csv")
    assert (tmp_path / "out.csv").read_text() == (tmp_path / "engine.csv").read_text()
    transfers["time"] = moments.cast(pa.timestamp("us"))
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    with pytest.raises(Malformed, match="a time zone"):
        spread_histories(spark, work, tmp_path / "out.csv")


DAY = 1_767_571_200


@pytest.mark.parametrize(
    ("transfers", "seeds", "following", "stop"),
    [
        (
            f"00123,B7,{DAY + 5},5000\nB7,C9,{DAY + 9},4900\n",
            "123,0\n\uff22\uff17,0\nB7,0\n",
            Following(),
            "c9\nC9\n",
        ),
        (f"A,B,{DAY},5000\nB,C,{DAY},4900\n", "A,0\nC,0\n", Following(), None),
        (f"A,B,{DAY},5000\nB,C,{DAY + 1},4900\n", "B,0\n", BACKWARD, None),
        (f"A,B,{DAY},5000\nB,C,{DAY + 1},4900\n", f"A,{DAY}\nB,5\n", Following(min_amount=4950), None),
        (f"A,B,{DAY + 1},5000\n", "A,0\n", Following(start=str(DAY + 9)), None),
        ("A,B,46027,5000\nA,8.1E+15,46028,5\n", "A,0\n", Following(), None),
    ],
)
def test_job_counts_and_says_what_the_engines_answer_does(  # noqa: PLR0917 - one line a case
    spark: Any,
    write: Write,
    tmp_path: Path,
    transfers: str,
    seeds: str,
    following: Following,
    stop: str | None,
) -> None:
    source = Source(
        write("t.csv", f"\ufeff{HEADER}{transfers}"),
        write("s.csv", f"account,time\n{seeds}"),
        None if stop is None else write("stop.csv", f"account\n{stop}"),
    )
    engine = spread_files(source, following, tmp_path / "engine.csv")
    assert source.seeds is not None
    work = Work(source.transfers, source.seeds, following, stop=source.stop, partitions=1, marked=True)
    job = spread_histories(spark, work, tmp_path / "spark.csv")
    assert job.looked_at == engine.looked_at
    assert job.money == engine.money
    # Rows have no number here, and names are counted by their rows.
    unplaced = [re.sub(r"\[\d+\]| \(1 such\)", "", note) for note in engine.notes]
    named = [note for note in unplaced if not note.startswith("1 account is named")]
    assert sorted(note for note in job.notes if " an account is named " not in note) == sorted(named)
    assert len(job.notes) == len(engine.notes)
    assert (tmp_path / "spark.csv").read_bytes().startswith(b"\xef\xbb\xbfaccount,")


def test_a_list_of_seeds_without_a_row_is_refused(spark: Any, write: Write, tmp_path: Path) -> None:
    work = Work(write("t.csv", TRANSFERS), write("s.csv", "account,time\n"), Following())
    with pytest.raises(Malformed, match=r"s\.csv: expected at least one account"):
        spread_histories(spark, work, tmp_path / "out.csv")


def test_text_stored_as_views_is_read(spark: Any, tmp_path: Path) -> None:
    text = pa.string_view()
    transfers = {"src": pa.array(["a"], text), "dst": pa.array(["b"], text), "time": [1], "amount": [5]}
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    pq.write_table(pa.table({"account": pa.array(["a"], text), "time": [0]}), tmp_path / "s.parquet")
    work = Work(tmp_path / "t.parquet", tmp_path / "s.parquet", Following(), partitions=1)
    assert spread_histories(spark, work, tmp_path / "out.csv").accounts == 2


@pytest.mark.parametrize(
    ("transfers", "says"),
    [
        (TRANSFERS + "a,b,1,-5\n", "amount: expected a whole number from 0 .* got '-5'"),
        (TRANSFERS + "a,b,1,5.5\n", "amount: expected a whole number .* got '5.5'"),
        (TRANSFERS + "a,b,1,\n", "amount: expected"),
        (TRANSFERS + "a,b,1,9223372036854775807\n", "amount: expected all together"),
        (TRANSFERS + "a,b\n", "line: expected as many values .* got 'a,b'"),
        (TRANSFERS + "a,b,1,2,3\n", "line: expected as many values"),
        (TRANSFERS + "a,b,,5\n", "time: expected integer epoch seconds"),
        (TRANSFERS + "a,b,2026-02-30T00:00:00Z,5\n", "time: expected .* got '2026-02-30T00:00:00Z'"),
        (TRANSFERS + "a,b,2026-01-01T00:00:00,5\n", "offset"),
        (TRANSFERS + "a,b,99999999999999999,5\n", "time: expected epoch seconds before the year 10000"),
        (TRANSFERS + "a,b,0115-01-05T00:00:00+08:00,5\n", "time: expected a time since the year 1900"),
        (
            HEADER + "a,b,20260105,5\na,c,20260106,5\n",
            "time: expected epoch seconds .* the date 2026-01-05 and",
        ),
        (HEADER + "a,b,1150105,5\n", "time: .* the date 2026-01-05 of the Republic"),
        (TRANSFERS + "a,b,1,0x10\n", "amount: expected a whole number .* got '0x10'"),
        (TRANSFERS + "a,b,1,+5\n", "amount: expected a whole number .* got '\\+5'"),
        (TRANSFERS + "a,b,1, 5\n", "amount: expected a whole number .* got ' 5'"),
        (TRANSFERS + "a,b,1,1e3\n", "amount: expected a whole number"),
        (TRANSFERS + "a,NULL,1,5\n", "dst: expected the name of an account.* got 'NULL'"),
        (TRANSFERS + "#N/A,b,1,5\n", "src: expected the name of an account.* got '#N/A'"),
        (TRANSFERS + ",b,1,5\n", "src: expected a name in every row"),
        ("src,dst,time\na,b,1\n", "expected each of the columns src,dst,time,amount"),
        (",".join(["c"] * 100) + "\n", "got 100 columns"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(
    spark: Any, write: Write, tmp_path: Path, transfers: str, says: str
) -> None:
    work = Work(write("t.csv", transfers), write("s.csv", "account,time\na,0\n"), Following(), partitions=1)
    with pytest.raises(Malformed, match=says):
        spread_histories(spark, work, tmp_path / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.csv", "t.csv"]


def test_bytes_that_are_no_text_are_refused(spark: Any, write: Write, tmp_path: Path) -> None:
    transfers = tmp_path / "t.csv"
    transfers.write_bytes(HEADER.encode() + b"a\xff,b,1,5\n")
    work = Work(transfers, write("s.csv", "account,time\na,0\n"), Following())
    with pytest.raises(Malformed, match="src: expected UTF-8"):
        spread_histories(spark, work, tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("following", "says"),
    [
        (Following(max_hops=9), "max_hops: expected 1 to 8"),
        (Following(min_amount=-1), "min_amount"),
        (Following(dwell_seconds=-1), "dwell"),
        (Following(start="soon"), "start"),
        (Following(start="1970-01-01T00:00:31Z", end="30"), "start: expected no later than the end"),
        (Following(min_share=10_001), "min_share"),
        (Following(max_fanout=5), "max_fanout: expected none"),
        (Following(counting=Counting.LIFO), "method: expected poison"),
        (Following(start="20260105"), "start.*the date 2026-01-05"),
    ],
)
def test_bad_parameters_are_named(
    spark: Any, write: Write, tmp_path: Path, following: Following, says: str
) -> None:
    work = Work(write("t.csv", TRANSFERS), write("s.csv", "account,time\na,0\n"), following)
    with pytest.raises(Malformed, match=says):
        spread_histories(spark, work, tmp_path / "out.csv")


def test_broken_parquet_and_missing_files_are_named(spark: Any, write: Write, tmp_path: Path) -> None:
    seeds, broken = write("s.csv", "account,time\na,0\n"), tmp_path / "t.parquet"
    broken.write_bytes(b"PAR1 and no more")
    for transfers, says in ((broken, r"t\.parquet"), (tmp_path / "none.csv", r"none\.csv")):
        with pytest.raises(PassportError, match=says):
            spread_histories(spark, Work(transfers, seeds, Following()), tmp_path / "out.csv")
    with pytest.raises(Misconfigured, match=r"\.csv or \.parquet"):
        spread_histories(spark, Work(write("t.csv", TRANSFERS), seeds, Following()), tmp_path / "out.txt")


def test_spark_listens_on_loopback_only(spark: Any) -> None:
    java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    owned = {str(link.readlink()) for link in Path(f"/proc/{java}/fd").iterdir() if link.is_symlink()}
    addresses = [
        parts[1].rpartition(":")[0]
        for family in ("tcp", "tcp6")
        for parts in map(str.split, Path(f"/proc/{java}/net/{family}").read_text().splitlines()[1:])
        if parts[3] == "0A" and f"socket:[{parts[9]}]" in owned
    ]
    assert addresses
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert set(addresses) <= loopback


def test_command_says_in_one_sentence_what_is_wrong(write: Write, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fraud_check.batch", "spread", "--max-hops", "2", "--cores", "1"]
    command += ["--transfers", str(write("t.csv", TRANSFERS + "a,b,1,-5\n"))]
    command += ["--seeds", str(write("s.csv", "account,time\na,0\n")), "--out", str(tmp_path / "out.csv")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)  # noqa: S603
    *steps, said = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert said.startswith(f"fraud_check.batch: {tmp_path}/t.csv: amount: expected a whole number")
    assert [step for step in steps if " s  " not in step] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.csv", "t.csv"]


def test_java_that_is_missing_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="Java 17 or later"):
        find_java({"JAVA_HOME": str(tmp_path)})


@pytest.mark.skipif(not LONG, reason="a minute at S, several at M: make test-long")
@pytest.mark.parametrize("scale", [Scale.S, Scale.M])
def test_job_says_what_the_engine_says_at_scale(spark: Any, tmp_path: Path, scale: Scale) -> None:
    world = generate(1, accounts=scale.accounts, transfers=scale.transfers)
    moved = world.transfers
    transfers = {"src": moved.src, "dst": moved.dst, "time": moved.time // 1_000, "amount": moved.amount}
    pq.write_table(pa.table(transfers), tmp_path / "t.parquet")
    accounts = np.array(sorted(world.warnings), dtype=np.uint32)
    seeds = {"account": accounts, "time": [world.warnings[int(account)] // 1_000 for account in accounts]}
    pq.write_table(pa.table(seeds), tmp_path / "s.parquet")
    least = Following(max_hops=6, min_amount=1_000_000, dwell_seconds=72 * 3_600)
    for following in (Following(max_hops=6), least, replace(BACKWARD, max_hops=4)):
        source = Source(tmp_path / "t.parquet", tmp_path / "s.parquet")
        expected = spread_files(source, following, tmp_path / "engine.parquet")
        work = Work(tmp_path / "t.parquet", tmp_path / "s.parquet", following)
        assert spread_histories(spark, work, tmp_path / "spark.parquet").layers == expected.layers
        same = [pq.read_table(tmp_path / f"{name}.parquet") for name in ("engine", "spark")]
        assert same[0].cast(same[1].schema).sort_by("account").equals(same[1].sort_by("account"))
