"""Threat T55: a node that once leaves logs out must not hide what they said, and never for good."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from ledger import Follower, LedgerSettings
from ledger.reading import UNDO_BLOCKS
from passport.errors import Unavailable
from passport.registry import Role
from tests.simulators.ledger_events import (
    BEFORE,
    KINDS,
    LIST,
    ROOT,
    SCHEMA,
    WHO,
    SteppingClock,
    anchored,
    fresh,
    granted,
    published,
    reinstated,
    suspended,
)
from tests.simulators.ledger_node import SimulatedNode

LISTED, RECEIPTS = "eth_getLogs", "eth_getBlockReceipts"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def follower(simulated_settings: LedgerSettings, node: SimulatedNode, clock: SteppingClock) -> Follower:
    return Follower(simulated_settings, clock, node=node)


def empty(*methods: str) -> Callable[[str, Sequence[Any], Any], Any]:
    return lambda method, _, answer: [] if method in methods else answer


def honest(_method: str, _parameters: Sequence[Any], answer: Any) -> Any:
    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_one_empty_answer_is_found_out_for_every_kind_of_fact(
    follower: Follower, node: SimulatedNode, clock: SteppingClock, kind: str
) -> None:
    event, question = KINDS[kind]
    node.block(*BEFORE)
    follower.poll()
    before, seen = question(follower), follower.last_seen_at
    node.block(event)
    clock.time += timedelta(seconds=1)
    # 1. Logs and receipts are both kept back: nothing is known, and the reader says so.
    node.twist = empty(LISTED, RECEIPTS)
    follower.poll()
    assert question(follower) == before
    assert follower.last_seen_at == seen
    with pytest.raises(Unavailable, match="expected all receipts of block 2"):
        follower.check()
    # 2. One list is empty, and the receipts tell.
    node.twist = empty(LISTED)
    follower.poll()
    follower.check()
    assert question(follower) != before
    assert question(follower) == question(fresh(node))
    # 3. It goes on by itself.
    node.twist = honest
    node.block(published(3) if kind == "status version" else published(2))
    follower.poll()
    follower.check()
    assert follower.last_seen_at == clock.time


@pytest.mark.parametrize("apart", [True, False], ids=["three transactions", "one transaction"])
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_one_log_of_three_that_is_missing_is_found_out(
    follower: Follower, node: SimulatedNode, missing: int, *, apart: bool
) -> None:
    """The first and the last are the same log, so that the bloom tells nothing and only receipts do."""
    node.block(granted(1))
    follower.poll()
    node.block(suspended(), reinstated(), suspended(), apart=apart)
    node.left_out = lambda log: (log["blockNumber"], log["logIndex"]) == ("0x2", hex(missing))
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended
    follower.check()


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_one_receipt_of_three_that_is_missing_is_found_out(
    follower: Follower, node: SimulatedNode, missing: int
) -> None:
    node.block(granted(1))
    follower.poll()
    node.block(suspended(), reinstated(), suspended(), apart=True)
    node.twist = lambda method, _, answer: (
        answer[:missing] + answer[missing + 1 :] if method == RECEIPTS else answer
    )
    follower.poll()
    with pytest.raises(Unavailable):
        follower.check()


def test_persistent_liar_leaves_the_reader_unready_and_it_is_well_again_after(
    follower: Follower, node: SimulatedNode
) -> None:
    node.block(granted(1))
    follower.poll()
    node.block(suspended())
    node.twist = empty(LISTED, RECEIPTS)
    for _ in range(30):
        node.block()
        follower.poll()
        with pytest.raises(Unavailable):
            follower.check()
    assert follower.as_of.number == 1
    node.twist = honest
    follower.poll()
    follower.check()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended
    assert follower.as_of.number == 32


def test_bloom_that_names_us_by_chance_never_leaves_the_reader_unready(
    follower: Follower, node: SimulatedNode
) -> None:
    """Strangers' logs fill the bloom, as on a busy network: nothing of ours is in the block, and the receipts prove it."""
    chance = random.Random(1)  # noqa: S311 - a test's strangers need no secret
    strangers = [
        {
            "address": f"0x{chance.randbytes(20).hex()}",
            "topics": [f"0x{chance.randbytes(32).hex()}" for _ in range(4)],
            "data": "0x",
        }
        for _ in range(2500)
    ]
    node.seal([strangers[:700], strangers[700:]])
    assert node.blocks[-1]["logsBloom"] == "0x" + "ff" * 256
    follower.poll()
    follower.check()
    assert RECEIPTS in node.asked
    assert follower.as_of.number == 1
    assert follower.grants(WHO, Role.ISSUER) == ()


def test_node_without_block_receipts_is_asked_for_each_transactions(
    follower: Follower, node: SimulatedNode
) -> None:
    node.without = frozenset({RECEIPTS})
    node.block(granted(1), suspended(), published(1), apart=True)
    node.twist = empty(LISTED)
    follower.poll()
    follower.check()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended


def test_following_costs_one_call_a_look_and_one_more_for_a_block_of_ours(
    follower: Follower, node: SimulatedNode
) -> None:
    node.block(granted(1))
    follower.poll()
    costs = []
    for events in ((), (anchored(),), None):
        if events is not None:
            node.block(*events)
        node.asked.clear()
        follower.poll()
        costs.append(node.asked[:])
    head = "eth_getBlockByNumber"
    assert costs == [[head], [head, LISTED], [head]]


def test_header_without_its_true_bloom_is_no_answer(follower: Follower, node: SimulatedNode) -> None:
    """Who hides the log in the header as well no longer has the block's hash."""
    node.block(granted(1))
    follower.poll()
    node.block(suspended())

    def twist(method: str, _: Sequence[Any], answer: Any) -> Any:
        if method == "eth_getBlockByNumber" and answer["number"] == "0x2":
            return {**answer, "logsBloom": "0x" + "00" * 256, "receiptsRoot": node.blocks[0]["receiptsRoot"]}
        return [] if method == LISTED else answer

    node.twist = twist
    follower.poll()
    with pytest.raises(Unavailable, match="hashes to the block"):
        follower.check()


@pytest.mark.parametrize("answer", [None, {}, "older"])
def test_node_that_has_lost_a_block_frees_no_suspended_grant(
    follower: Follower, node: SimulatedNode, answer: Any
) -> None:
    """A gap where an old block should be is no reorganisation: nothing may be taken back for it."""
    node.block(granted(1))
    follower.poll()
    node.block(suspended())
    follower.poll()
    node.block()
    node.block()

    def twist(method: str, parameters: Sequence[Any], honest_answer: Any) -> Any:
        if method == "eth_getBlockByNumber" and parameters[0] != "latest" and int(parameters[0], 16) <= 3:
            return node.blocks[0] if answer == "older" else answer
        return honest_answer

    node.twist = twist
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended
    with pytest.raises(Unavailable):
        follower.check()
    node.twist = honest
    follower.poll()
    follower.check()
    assert follower.as_of.number == 4


def test_span_with_a_block_missing_is_not_read(follower: Follower, node: SimulatedNode) -> None:
    for version in range(1, 9):
        node.block(published(version))
    node.twist = lambda method, parameters, answer: (
        None if method == "eth_getBlockByNumber" and parameters[0] == "0x5" else answer
    )
    follower.poll()
    with pytest.raises(Unavailable, match="expected block 5"):
        follower.check()
    node.twist = honest
    follower.poll()
    assert [one.version for one in follower.status_records(WHO)] == [8]


def test_replacement_that_cannot_be_read_takes_nothing_back(follower: Follower, node: SimulatedNode) -> None:
    """Between taking back and reading anew a suspended grant would hold."""
    node.block(granted(1))
    follower.poll()
    node.block(suspended())
    follower.poll()
    node.reorganise(1)
    node.block()
    node.block(suspended())
    node.twist = empty(LISTED, RECEIPTS)
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended
    node.twist = honest
    follower.poll()
    follower.check()
    assert follower.grant(1) == grant


def test_facts_that_contradict_one_another_are_read_again_without_a_restart(
    follower: Follower, node: SimulatedNode
) -> None:
    """A forged branch was believed; what comes then cannot follow on it, and the way back is from the beginning."""
    node.block(granted(1), published(1))
    follower.poll()
    good = copy.deepcopy(node)
    node.block(published(3))
    for _ in range(8):
        follower.poll()
        with pytest.raises(Unavailable):
            follower.check()
    record = follower.status_record(WHO, LIST)
    assert record is not None
    assert record.version == 1
    good.block(published(2))
    good.block(suspended())
    node.blocks, node.receipts = good.blocks, good.receipts
    for _ in range(40):
        follower.poll()
    follower.check()
    record, grant = follower.status_record(WHO, LIST), follower.grant(1)
    assert record is not None
    assert record.version == 2
    assert grant is not None
    assert grant.suspended


def test_reorganisation_deeper_than_can_be_taken_back_is_read_again(
    follower: Follower, node: SimulatedNode
) -> None:
    node.block(granted(1))
    node.block(anchored(b"old".ljust(32)))
    follower.poll()
    for _ in range(UNDO_BLOCKS + 10):
        node.block()
    follower.poll()
    assert follower.anchor(WHO, SCHEMA, 1, b"old".ljust(32)) is not None
    node.reorganise(UNDO_BLOCKS + 11)
    for _ in range(UNDO_BLOCKS + 20):
        node.block()
    node.block(anchored())
    follower.poll()
    with pytest.raises(Unavailable):
        follower.check()
    follower.poll()
    follower.check()
    assert [one.root for one in follower.anchors_since(0)] == [ROOT]


def test_look_that_takes_too_long_is_not_ready(follower: Follower, clock: SteppingClock) -> None:
    with pytest.raises(Unavailable):
        follower.check()
    follower.poll()
    follower.check()
    clock.time += timedelta(seconds=11)
    with pytest.raises(Unavailable, match="within 10 s"):
        follower.check()


def test_answer_that_nobody_foresaw_leaves_the_reader_unready(
    follower: Follower, node: SimulatedNode
) -> None:
    follower.poll()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    node.block()
    node.twist = broken
    with pytest.raises(ZeroDivisionError):
        follower.poll()
    with pytest.raises(Unavailable, match="ZeroDivisionError"):
        follower.check()
