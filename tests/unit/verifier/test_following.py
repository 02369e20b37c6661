"""Following banks: none of them holds up another."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from passport.anchor import LeafFile, Tree
from passport.errors import Reason, Unavailable
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef, Role
from tests.simulators.verifier_world import HandClock, InlineExecutor
from verifier.ports import BatchKey
from verifier.use_cases.follow_banks import BankFollower, FetchQueue

START = datetime(2026, 1, 1, tzinfo=UTC)
MUTE, BANK_A = Address("0x" + "0e" * 20), Address("0x" + "0a" * 20)


def test_bank_that_does_not_answer_holds_up_no_other() -> None:
    queue = FetchQueue()
    answers, fetched = threading.Event(), threading.Event()

    def be_mute() -> None:
        answers.wait(10)

    try:
        for number in range(32):
            queue.submit(MUTE, ("leaves", number), be_mute)
        queue.submit(BANK_A, "status", fetched.set)
        assert fetched.wait(2)
    finally:
        answers.set()
        queue.close()


def test_everything_that_waits_for_one_bank_is_fetched_in_the_end() -> None:
    queue = FetchQueue()
    fetched: list[int] = []
    all_here = threading.Event()

    def fetch(number: int) -> None:
        fetched.append(number)
        if len(fetched) == 20:
            all_here.set()

    try:
        for number in range(20):
            queue.submit(BANK_A, number, lambda number=number: fetch(number))  # type: ignore[misc]
        assert all_here.wait(5)
    finally:
        queue.close()
    assert fetched == list(range(20))
    assert queue.waiting == {}


class Facts:
    """A ledger with one anchor a block, from two banks by turns, and the files that one of them serves."""

    as_of = BlockRef(1, bytes(32), START)
    last_seen_at = START
    rollbacks = 0

    def __init__(self) -> None:
        self.anchors: list[AnchorRecord] = []
        self.read = 0
        self.files: dict[str, bytes] = {}
        self.here: set[BatchKey] = set()

    def grow(self, count: int) -> None:
        for number in range(len(self.anchors) + 1, len(self.anchors) + 1 + count):
            tree = Tree([number.to_bytes(32)])
            bank, block = (BANK_A, MUTE)[number % 2], BlockRef(number, number.to_bytes(32), START)
            self.anchors.append(AnchorRecord(bank, bytes(32), 1, tree.root, 1, block))
            if bank == BANK_A:
                self.files[f"https://{bank}.example/leaves/{tree.root.hex()}"] = LeafFile(tree).to_bytes()

    def participants(self, _: Role) -> frozenset[Address]:
        return frozenset()

    def service_endpoint(self, who: Address, _: str) -> str:
        return f"https://{who}.example"

    def anchors_since(self, block_number: int, at_most: int) -> list[AnchorRecord]:
        found = [one for one in self.anchors if one.block.number > block_number][:at_most]
        self.read += len(found)
        return found

    def get(self, url: str, *, accept: Sequence[str], max_bytes: int) -> bytes:
        if url not in self.files or not accept or not max_bytes:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "simulated: no answer")
        return self.files[url]

    def has_batch(self, batch: BatchKey) -> bool:
        return batch in self.here

    def add_batch(self, batch: BatchKey, leaves: Sequence[bytes]) -> None:
        assert leaves
        self.here.add(batch)


def test_each_anchor_is_read_once_and_only_missing_leaves_are_remembered() -> None:
    """One bank is silent for good: what the others anchor later is neither read again nor kept for its sake."""
    facts = Facts()
    simulated: Any = facts
    follower = BankFollower(
        facts=simulated,
        chain=simulated,
        index=simulated,
        lists=simulated,
        fetcher=simulated,
        clock=HandClock(START),
        queue=FetchQueue(pool=InlineExecutor()),
    )
    facts.grow(2500)
    for _ in range(5):
        follower.look()
    assert facts.read == 2500
    assert len(facts.here) == 1250
    assert follower.missing == 1250
    facts.grow(10)
    follower.look()
    assert (facts.read, len(facts.here), follower.missing) == (2510, 1255, 1255)
    # A reorganisation may have put an anchor anywhere: all are looked at once more.
    facts.rollbacks += 1
    follower.look()
    assert (facts.read, follower.missing) == (5020, 1255)
