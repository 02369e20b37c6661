"""A graph that a directory keeps: the same answers after it is opened again, also after a kill, or a word about what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from fraud_check.engine import MoneyFlowGraph, Question, Seeds, StandingRule
from passport.errors import Malformed, Misconfigured, Reason, Unavailable

LONG: Final = os.environ.get("PASSPORT_TEST_COUNTS") == "long"
ACCOUNTS: Final = 500
SEEDS: Final = Seeds.of([(3, 0), (77, 1_000)])
QUESTION: Final = Question(max_hops=5, min_amount=100)
RULE: Final = StandingRule(window=50_000, max_hops=3, min_amount=100, dwell=4_000)


def batch(number: int) -> dict[str, np.ndarray]:
    """The batch of this number, of any size from 1 to 2,000 rows, always the same."""
    dice = np.random.default_rng(number)
    rows = int(dice.integers(1, 2_000))
    return {
        "src": dice.integers(0, ACCOUNTS, rows, dtype=np.uint32),
        "dst": dice.integers(0, ACCOUNTS, rows, dtype=np.uint32),
        "time": dice.integers(0, 1_000, rows) + number * 500,
        "amount": dice.integers(0, 10_000, rows),
        "channel": dice.integers(0, 4, rows, dtype=np.uint8),
    }


def in_memory(batches: int) -> MoneyFlowGraph:
    graph = MoneyFlowGraph()
    for number in range(batches):
        graph.append(**batch(number))
    return graph


def require_same(kept: MoneyFlowGraph, memory: MoneyFlowGraph) -> None:
    """The same transfers, spreads and labels."""
    assert (kept.transfers, kept.accounts, kept.newest) == (
        memory.transfers,
        memory.accounts,
        memory.newest,
    )
    one, other = kept.spread(QUESTION, seeds=SEEDS), memory.spread(QUESTION, seeds=SEEDS)
    for column in ("accounts", "hops", "arrivals", "earliest", "amounts"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))
    reached = int(one.accounts[-1])
    assert one.path(reached) == other.path(reached)
    for graph in (kept, memory):
        graph.warn(3, 0)
        graph.warn(77, 1_000)
        graph.set_rule(RULE)
    now = memory.newest
    assert now is not None
    for account in range(memory.accounts):
        mine, theirs = kept.check(account, now), memory.check(account, now)
        assert (mine.hop, mine.arrival, mine.amount, mine.path) == (
            theirs.hop,
            theirs.arrival,
            theirs.amount,
            theirs.path,
        )


def tokens(numbers: range) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in numbers]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "graph"


def test_what_was_appended_is_there_again_with_its_names_and_labels(directory: Path) -> None:
    for number in range(12):
        graph = MoneyFlowGraph.open(directory, seal_rows=3_000)
        graph.append(**batch(number))
        assert graph.number(tokens(range(number * 3, number * 3 + 5))).tolist() == [
            *range(number * 3, number * 3 + 5)
        ]
        graph.close()
    graph = MoneyFlowGraph.open(directory, seal_rows=3_000)
    require_same(graph, in_memory(12))
    assert len(graph.names) == 38
    assert graph.names.find(tokens(range(37, 38))[0]) == 37
    assert graph.names.token(2) == tokens(range(2, 3))[0]
    kept = graph.kept
    assert kept is not None
    assert (kept.cut, kept.postponed) == (0, None)
    assert kept.log_rows < 3_000 < graph.transfers


def test_labels_follow_what_comes_after_it_was_opened(directory: Path) -> None:
    graph = MoneyFlowGraph.open(directory)
    for number in range(4):
        graph.append(**batch(number))
    graph.seal()
    graph.close()
    graph = MoneyFlowGraph.open(directory)
    graph.warn(3, 0)
    graph.warn(77, 1_000)
    graph.set_rule(RULE)
    for number in range(4, 7):
        graph.append(**batch(number))
    graph.seal()
    require_same(graph, in_memory(7))


def test_a_batch_that_is_refused_leaves_graph_and_directory_as_they_were(directory: Path) -> None:
    graph = MoneyFlowGraph.open(directory)
    graph.append(**batch(0))
    before = sorted((file.name, file.read_bytes()) for file in directory.iterdir())
    with pytest.raises(Malformed, match=r"amount\[1\]: expected 0 to"):
        graph.append(src=[1, 2], dst=[2, 3], time=[5, 6], amount=[7, -1])
    with pytest.raises(Malformed, match="32 bytes each, got 5"):
        graph.number([b"short"])
    assert graph.transfers == in_memory(1).transfers
    assert sorted((file.name, file.read_bytes()) for file in directory.iterdir()) == before


def test_a_second_process_is_told_that_the_first_has_it_open(directory: Path) -> None:
    graph = MoneyFlowGraph.open(directory)
    with pytest.raises(Misconfigured, match="another process has this store open"):
        MoneyFlowGraph.open(directory)
    graph.close()
    with pytest.raises(Unavailable, match="closed"):
        graph.append(**batch(0))
    with pytest.raises(Unavailable, match="closed"):
        graph.number(tokens(range(1)))
    MoneyFlowGraph.open(directory).close()


@pytest.mark.parametrize("kind", ["segment", "names", "log", "MANIFEST"])
def test_a_flipped_bit_stops_the_opening_with_the_files_name_and_what_to_do(
    directory: Path, kind: str
) -> None:
    graph = MoneyFlowGraph.open(directory)
    graph.append(**batch(0))
    graph.number(tokens(range(9)))
    graph.seal()
    graph.append(**batch(1))
    graph.close()
    file = next(file for file in directory.iterdir() if file.name.startswith(kind))
    spoilt = bytearray(file.read_bytes())
    spoilt[len(spoilt) // 2] ^= 16
    file.write_bytes(spoilt)
    with pytest.raises(
        Misconfigured, match=rf"{file.name}, byte \d+: expected .*; put the file back from a copy"
    ):
        MoneyFlowGraph.open(directory)


def test_files_and_directories_are_the_owners_alone(directory: Path) -> None:
    graph = MoneyFlowGraph.open(directory)
    graph.append(**batch(0))
    graph.seal()
    assert directory.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in directory.iterdir())


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere") as failed:
        MoneyFlowGraph.open(tmp_path / "nowhere" / "graph")
    assert failed.value.reason is Reason.STORAGE_UNAVAILABLE
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(Misconfigured, match=r"holiday\.jpg: expected a store or an empty directory"):
        MoneyFlowGraph.open(tmp_path)


WRITER: Final = """
import resource, sys
from pathlib import Path
sys.path.insert(0, str(Path({tests!r})))
from test_kept import batch
from fraud_check.engine import MoneyFlowGraph

if {limit}:
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
graph = MoneyFlowGraph.open(Path({directory!r}), seal_rows=5_000)
number = 0
ends = [0]
while ends[-1] < graph.transfers:
    ends.append(ends[-1] + len(batch(number)["src"]))
    number += 1
assert ends[-1] == graph.transfers, "a batch is there by half"
print("open", number, flush=True)
while True:
    graph.append(**batch(number))
    number += 1
    print("told", number, flush=True)
"""


def writer(directory: Path, limit: int = 0) -> subprocess.Popen[str]:
    code = WRITER.format(tests=str(Path(__file__).parent), directory=str(directory), limit=limit)
    return subprocess.Popen(  # noqa: S603 - this interpreter, and code from above
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def numbers(lines: Iterator[str]) -> list[int]:
    return [int(line.split()[1]) for line in lines if line.endswith("\n")]


def test_whatever_was_acknowledged_before_a_kill_is_there_after_it(directory: Path) -> None:
    told = 0
    for kill in range(40 if LONG else 4):
        with writer(directory) as process:
            assert process.stdout is not None
            opened = int(process.stdout.readline().split()[1])
            time.sleep(0.01 + 0.05 * (kill % 4))
            process.send_signal(signal.SIGKILL)
            # From the same reader as the first line, which has read ahead.
            since = [opened, *numbers(process.stdout)]
        # The batch that was under way may be there; never less than what was told.
        assert told <= opened <= told + 1
        told = max(since)
    assert told > 10
    graph = MoneyFlowGraph.open(directory)
    batches = told if graph.transfers == in_memory(told).transfers else told + 1
    require_same(graph, in_memory(batches))


def test_a_disk_that_is_full_ends_the_writing_and_loses_nothing(directory: Path) -> None:
    process = writer(directory, limit=200_000)
    out, err = process.communicate(timeout=60)
    assert "could not make a record durable" in err
    told = numbers(iter(out.splitlines(keepends=True)))[-1]
    assert told > 3
    graph = MoneyFlowGraph.open(directory)
    require_same(graph, in_memory(told))
    kept = graph.kept
    assert kept is not None
    assert kept.cut > 0
