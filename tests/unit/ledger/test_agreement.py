from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger import ContractName, Follower, LedgerSettings, open_ledger
from ledger.agreement import AgreeingNodes
from passport.errors import Misconfigured, Unavailable

ROOT = b"r" * 32
ADDED = (ContractName.TRUST_REGISTRY, "RootAdded", {"root": ROOT})
REMOVED = (ContractName.TRUST_REGISTRY, "RootRemoved", {"root": ROOT})


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def pair(node: Any) -> tuple[Any, Any]:
    """Two nodes of one chain."""
    node.block(ADDED)
    return node, copy.deepcopy(node)


@pytest.fixture
def follower(simulated_settings: LedgerSettings, pair: tuple[Any, Any]) -> Follower:
    return Follower(simulated_settings, StillClock(), node=AgreeingNodes(pair))


def test_nodes_that_agree_are_believed(follower: Follower) -> None:
    follower.poll()
    assert follower.trusted_roots() == {ROOT}


def test_newest_block_is_the_newest_that_all_have(follower: Follower, pair: tuple[Any, Any]) -> None:
    pair[0].block(REMOVED)
    follower.poll()
    assert follower.as_of.number == 1
    assert follower.failure is None
    pair[1].blocks.append(pair[0].blocks[-1])
    pair[1].receipts.update(pair[0].receipts)
    follower.poll()
    assert follower.trusted_roots() == frozenset()


def test_node_that_leaves_an_event_out_is_found_out(follower: Follower, pair: tuple[Any, Any]) -> None:
    follower.poll()
    pair[0].block(REMOVED)
    pair[1].blocks.append(pair[0].blocks[-1])
    pair[1].receipts.update(pair[0].receipts)
    pair[1].left_out = lambda _: True
    follower.poll()
    assert "disagree about eth_getLogs" in str(follower.failure)


def test_nodes_on_two_branches_tell_nothing(follower: Follower, pair: tuple[Any, Any]) -> None:
    follower.poll()
    for one in pair:
        one.block()
    follower.poll()
    assert "disagree about eth_getBlockByNumber" in str(follower.failure)
    assert follower.as_of.number == 1


def test_one_node_of_another_chain_tells_nothing(follower: Follower, pair: tuple[Any, Any]) -> None:
    pair[1].chain_id = 5
    follower.poll()
    assert "disagree about eth_chainId" in str(follower.failure)


def test_one_node_down_tells_nothing(follower: Follower, pair: tuple[Any, Any]) -> None:
    pair[1].down = True
    follower.poll()
    assert isinstance(follower.failure, Unavailable)


def test_letter_case_and_decoration_are_no_disagreement(follower: Follower, pair: tuple[Any, Any]) -> None:
    pair[1].blocks[1] = {**pair[1].blocks[1], "size": "0x1"}
    for log in pair[1].logs(pair[1].blocks[1]["hash"]):
        log["address"] = log["address"].upper().replace("0X", "0x")
    follower.poll()
    assert follower.failure is None


def test_settings_with_two_nodes_read_from_both(gateway: Any, world: Any) -> None:
    both = LedgerSettings(gateway.url, 31337, world.settings.contracts, other_rpc_urls=(gateway.url,))
    ledger = open_ledger(both)
    assert ledger.head() == world.ledger.head()
    ledger.close()
    gone = LedgerSettings(
        gateway.url, 31337, world.settings.contracts, other_rpc_urls=("http://127.0.0.1:1",)
    )
    ledger = open_ledger(gone)
    with pytest.raises(Unavailable):
        ledger.head()
    ledger.close()


def test_addresses_as_text_are_refused_at_the_start(simulated_settings: LedgerSettings) -> None:
    """As a world's file holds them: they never equal an address, so every event would seem another contract's."""
    text: Any = {name: str(at) for name, at in simulated_settings.contracts.items()}
    with pytest.raises(Misconfigured, match=r"as Address, not as text, for: .*TrustRegistry"):
        LedgerSettings("http://127.0.0.1:1", 31337, text)
