"""Anchors as rows: the same answers as plain lists give, in a bounded number of bytes each."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.anchors import AnchorBook
from ledger.events import Anchored, StatusPublished
from ledger.reading import UNDO_BLOCKS, Reading
from ledger.spans import Said
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef, StatusRecord

BANKS = tuple(Address(f"0x{number:040x}") for number in range(1, 4))
START = datetime(2026, 1, 1, tzinfo=UTC)


def block(number: int) -> BlockRef:
    return BlockRef(number, number.to_bytes(32), START + timedelta(seconds=number))


def anchor(number: int, at: int, bank: int = 0, size: int = 64) -> AnchorRecord:
    return AnchorRecord(BANKS[bank], b"s" * 32, bank + 1, number.to_bytes(32, "little"), size, block(at))


# A number stands for an anchor some blocks after the one before; nothing for taking the newest back.
_MOVES = st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(0, 2))), max_size=300)


@given(_MOVES, st.integers(-1, 200), st.integers(1, 40))
def test_rows_answer_as_a_plain_list_would(
    moves: list[tuple[int, int] | None], after: int, at_most: int
) -> None:
    book, plain = AnchorBook(), list[AnchorRecord]()
    for name, move in enumerate(moves):
        if move is None:
            if plain:
                plain.pop()
                book.take_back()
            continue
        later, bank = move
        plain.append(anchor(name, (plain[-1].block.number if plain else 0) + later, bank))
        book.add(plain[-1])
    assert len(book) == len(plain)
    for one in plain:
        assert book.find(one.issuer, one.schema, one.grant_number, one.root) == one
        assert book.find(one.issuer, b"t" * 32, one.grant_number, one.root) is None
    assert book.find(BANKS[0], b"s" * 32, 1, b"\xff" * 32) is None
    newer = [one for one in plain if one.block.number > after]
    assert book.since(after) == tuple(newer)
    some = book.since(after, at_most)
    assert some == tuple(newer[: len(some)])
    # About so many: never part of a block, and something if there is anything.
    assert len(some) >= min(at_most, len(newer))
    assert all(one.block.number > some[-1].block.number for one in newer[len(some) :])
    assert len({one.block.number for one in some[at_most - 1 :]}) <= 1


def test_taken_back_anchor_is_gone_and_can_come_again_elsewhere() -> None:
    book = AnchorBook()
    book.add(anchor(1, at=1))
    book.add(anchor(2, at=2))
    book.take_back()
    assert book.find(BANKS[0], b"s" * 32, 1, (2).to_bytes(32, "little")) is None
    book.add(anchor(2, at=9))
    found = book.find(BANKS[0], b"s" * 32, 1, (2).to_bytes(32, "little"))
    assert found is not None
    assert found.block.number == 9


def test_number_that_no_row_holds_is_no_anchor() -> None:
    book = AnchorBook()
    with pytest.raises(Malformed):
        book.add(anchor(1, at=1, size=2**64))
    assert len(book) == 0


def test_following_takes_at_most_150_bytes_an_anchored_batch() -> None:
    """As it runs: a block with an anchor, a block with a new version of a status list, for as long as one likes."""
    reading = Reading(block(0))

    def follow(first: int, last: int) -> None:
        for number in range(first, last, 2):
            anchored = [(block(number), Anchored(anchor(number, number)))]
            reading.advance(len(reading.marks) - 1, Said(anchored, block(number)))
            after = block(number + 1)
            status = StatusRecord(BANKS[0], b"l" * 32, b"c" * 32, number // 2 + 1, START, after)
            reading.advance(len(reading.marks) - 1, Said([(after, StatusPublished(status))], after))

    tracemalloc.start()
    follow(1, 2 * UNDO_BLOCKS + 1)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    follow(2 * UNDO_BLOCKS + 1, 2 * UNDO_BLOCKS + 16_001)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(reading.facts.anchors) == UNDO_BLOCKS + 8_000
    assert (after - before) / 8_000 < 150
    assert len(reading.marks) <= UNDO_BLOCKS + 2
