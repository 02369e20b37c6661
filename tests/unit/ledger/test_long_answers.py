"""What a node answers has a longest length; strangers' logs that reach it cost no reader its readiness (F3)."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ledger import Follower, LedgerSettings
from passport.errors import Reason, Unavailable
from tests.simulators.ledger_events import (
    BANK,
    DIDS,
    END,
    LIST,
    WHO,
    SteppingClock,
    anchored,
    granted,
    published,
    suspended,
)
from tests.simulators.ledger_node import Event, SimulatedNode

LISTED, RECEIPTS = "eth_getLogs", "eth_getBlockReceipts"


@pytest.fixture
def follower(simulated_settings: LedgerSettings, node: SimulatedNode) -> Follower:
    return Follower(simulated_settings, SteppingClock(), node=node)


def said_by_a_stranger(size: int, who: str = "0x" + "5e" * 20) -> Event:
    values = {"identity": who, "name": b"x" * 32, "value": os.urandom(size), "validTo": END}
    return DIDS, "DIDAttributeChanged", {**values, "previousChange": 0}


def status_version(follower: Follower) -> int:
    record = follower.status_record(WHO, LIST)
    assert record is not None
    return record.version


def test_span_whose_logs_are_too_long_together_is_read_by_parts(
    follower: Follower, node: SimulatedNode
) -> None:
    node.longest_answer = 100_000
    node.block(granted(1))
    follower.poll()
    for version in range(1, 301):
        node.block(published(version), said_by_a_stranger(1000, BANK))
    follower.poll()
    follower.check()
    assert status_version(follower) == 300
    assert RECEIPTS not in node.asked


@pytest.mark.parametrize("apart", [True, False], ids=["three transactions", "one transaction"])
def test_block_whose_logs_are_refused_is_settled_by_its_receipts(
    follower: Follower, node: SimulatedNode, *, apart: bool
) -> None:
    node.without = frozenset({LISTED})
    node.block(granted(1), anchored(), published(1), apart=apart)
    node.block(suspended())
    follower.poll()
    follower.check()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended


def test_receipts_that_are_too_long_together_are_asked_for_one_by_one(
    follower: Follower, node: SimulatedNode
) -> None:
    """Neither the block's logs, nor its receipts, nor any two of them fit into one answer."""
    node.longest_answer = 70_000
    node.block(granted(1), published(1), *(said_by_a_stranger(25_000) for _ in range(9)), apart=True)
    follower.poll()
    follower.check()
    assert status_version(follower) == 1


def test_headers_that_are_too_long_together_are_asked_for_by_parts(
    follower: Follower, node: SimulatedNode
) -> None:
    node.longest_answer = 10_000
    for version in range(1, 201):
        node.block(published(version))
    follower.poll()
    follower.check()
    assert status_version(follower) == 200


def test_span_that_takes_too_long_is_a_shorter_one_at_the_next_look(
    follower: Follower, node: SimulatedNode
) -> None:
    """A node that is cut off by the clock says nothing of sizes: the reader asks for less by itself."""
    for version in range(1, 301):
        node.block(published(version))

    def twist(method: str, _: Any, answer: Any) -> Any:
        if method == LISTED and len(answer) > 40:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "simulated: timed out")
        return answer

    node.twist = twist
    for _ in range(20):
        follower.poll()
    follower.check()
    assert status_version(follower) == 300
