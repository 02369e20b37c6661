from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.embedded.journal import LONGEST_TRANSACTION, Entry, Genesis, Journal
from passport.errors import Misconfigured

GENESIS = Genesis(31337, 1_800_000_000, "prague")
ENTRIES = tuple(Entry(1_800_000_000 + n, bytes([n]) * 32, os.urandom(20 + 30 * n)) for n in range(4))


def written(path: Path, *entries: Entry) -> bytes:
    journal = Journal.open(path, GENESIS)
    for entry in entries:
        journal.append(entry)
    journal.close()
    return path.read_bytes()


def recovered(path: Path) -> tuple[tuple[Entry, ...], int]:
    journal = Journal.open(path, GENESIS)
    try:
        return journal.recovered, journal.torn_bytes
    finally:
        journal.close()


def test_what_was_appended_is_recovered_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, *ENTRIES[:2])
    written(path, *ENTRIES[2:])
    assert recovered(path) == (ENTRIES, 0)


def test_genesis_is_the_first_ones_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path)
    journal = Journal.open(path, Genesis(31337, 1_900_000_000, "osaka"))
    assert journal.genesis == GENESIS
    journal.close()


def test_tail_torn_at_any_byte_is_put_aside_and_the_journal_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    whole = written(path, *ENTRIES[:2])
    third = written(path, ENTRIES[2])
    for cut in range(len(whole) + 1, len(third)):
        path.write_bytes(third[:cut])
        assert recovered(path) == (ENTRIES[:2], cut - len(whole)), cut
        assert path.with_suffix(".torn").read_bytes() == third[len(whole) : cut]
        assert written(path, ENTRIES[3])[: len(whole)] == whole
        assert recovered(path) == ((*ENTRIES[:2], ENTRIES[3]), 0)


def test_bytes_that_never_reached_the_disk_are_a_torn_tail(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    whole = written(path, *ENTRIES)
    path.write_bytes(whole + bytes(500))
    assert recovered(path) == (ENTRIES, 500)


def test_last_record_with_holes_is_a_torn_tail(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    whole = written(path, *ENTRIES[:3])
    longer = written(path, ENTRIES[3])
    path.write_bytes(longer[:-10] + bytes(10))
    assert recovered(path) == (ENTRIES[:3], len(longer) - len(whole))


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_flipped_bit_before_the_last_record_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal"
    before_last = len(written(path, *ENTRIES[:3]))
    content = bytearray(written(path, ENTRIES[3]))
    content[place % before_last] ^= 1 << bit
    path.write_bytes(content)
    try:
        found, _ = recovered(path)
    except Misconfigured:
        return
    # A length that now reaches to the end or beyond looks like a torn tail: then it must at least end there.
    assert found == ENTRIES[: len(found)]
    assert len(found) < len(ENTRIES)


def test_record_taken_out_or_moved_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    ends = [len(written(path))] + [len(written(path, entry)) for entry in ENTRIES]
    content = path.read_bytes()
    records = [content[start:end] for start, end in pairwise(ends)]
    for spoiled in (records[1:], [records[1], records[0], *records[2:]], [records[0], *records]):
        path.write_bytes(content[: ends[0]] + b"".join(spoiled))
        with pytest.raises(Misconfigured, match="damaged"):
            Journal.open(path, GENESIS)


@pytest.mark.parametrize("content", [b"", b"FPCHAIN1", b"something else altogether"])
def test_file_that_is_no_journal_stops_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content)
    with pytest.raises(Misconfigured):
        Journal.open(path, GENESIS)
    assert path.read_bytes() == content


def test_longest_transaction_is_taken_and_one_byte_more_refused(tmp_path: Path) -> None:
    longest = Entry(1, bytes(32), bytes(LONGEST_TRANSACTION))
    written(tmp_path / "journal", longest)
    assert recovered(tmp_path / "journal") == ((longest,), 0)
    with pytest.raises(ValueError, match="at most"):
        written(tmp_path / "journal", Entry(1, bytes(32), bytes(LONGEST_TRANSACTION + 1)))


def test_only_one_process_holds_a_journal(tmp_path: Path) -> None:
    first = Journal.open(tmp_path / "journal", GENESIS)
    with pytest.raises(Misconfigured, match="another ledger gateway"):
        Journal.open(tmp_path / "journal", GENESIS)
    first.close()
    Journal.open(tmp_path / "journal", GENESIS).close()


def test_journal_is_for_its_owner_alone(tmp_path: Path) -> None:
    written(tmp_path / "journal")
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0
