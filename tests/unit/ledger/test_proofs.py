from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.proofs import ProvenState
from ledger.proofs.trie import EMPTY_ROOT, proven_value
from passport.errors import Malformed, Unavailable
from passport.registry import Role


class LyingNode:
    """Passes everything on, and spoils the answers to one method."""

    def __init__(self, node: Any, method: str, spoil: Callable[[Any], None]) -> None:
        self.node = node
        self.method = method
        self.spoil = spoil

    def call(self, method: str, *parameters: Any) -> Any:
        answer = json.loads(json.dumps(self.node.call(method, *parameters)))
        if method == self.method:
            self.spoil(answer)
        return answer


def soon(**ahead: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(**ahead)


@pytest.fixture(scope="module")
def acted(gateway: Any, make_world: Callable[[str], Any]) -> Any:
    """A world in which something of each kind has happened."""
    world = make_world(gateway.url)
    world.registrar.suspend(world.grant_number)
    world.registrar.withdraw(world.grant_number, soon(days=-3))
    world.registrar.grant(
        world.bank.identity,
        Role.ISSUER,
        valid_until=soon(days=9),
        evidence_hash=b"f" * 32,
        schema=world.schema,
    )
    world.registrar.grant(
        world.account().identity, Role.POLICE, valid_until=soon(days=9), evidence_hash=b"p" * 32
    )
    world.registrar.add_root(b"1" * 32)
    world.registrar.add_root(b"2" * 32)
    world.registrar.remove_root(b"2" * 32)
    world.bank.add_signing_key(b"a" * 32, soon(days=90))
    world.bank.add_signing_key(b"b" * 32, soon(days=90))
    world.bank.report_stolen(b"b" * 32, soon(days=-1))
    for number in range(8):
        world.bank.anchor(world.schema, 2, bytes([number + 1]) * 32, 64 + number)
    world.bank.publish_status(b"l" * 32, b"c" * 32, 1, soon(days=1))
    world.bank.publish_status(b"l" * 32, b"d" * 32, 2, soon(days=2))
    return world


def state(world: Any, node: Any = None) -> ProvenState:
    head = world.ledger.head()
    return ProvenState.at(node or world.ledger.rpc, world.settings, head.hash)


def test_every_fact_is_proved_as_the_events_told_it(acted: Any) -> None:
    proved, ledger, bank = state(acted), acted.ledger, acted.bank.identity
    assert proved.block == ledger.head()
    for number in range(5):
        assert proved.grant(number) == ledger.grant(number)
    for key in (b"a" * 32, b"b" * 32, b"c" * 32):
        assert proved.signing_key(bank, key) == ledger.signing_key(bank, key)
    for number in range(10):
        root = bytes([number]) * 32
        told, known = proved.anchor(bank, acted.schema, 2, root), ledger.anchor(bank, acted.schema, 2, root)
        assert (told is None) == (known is None)
        if told is not None:
            assert (told.size, told.time, told.block_number) == (
                known.size,
                known.block.time,
                known.block.number,
            )
    status, record = proved.status(bank, b"l" * 32), ledger.status_record(bank, b"l" * 32)
    assert status is not None
    assert (status.version, status.commitment, status.fresh_until) == (
        2,
        record.commitment,
        record.fresh_until,
    )
    assert proved.status(bank, b"m" * 32) is None
    assert [proved.root_trusted(bytes(str(n), "ascii") * 32) for n in (1, 2, 3)] == [True, False, False]


def test_owner_is_proved(acted: Any) -> None:
    other = acted.account().identity
    assert state(acted).owner(other) == other


def test_state_is_the_blocks_and_not_todays(acted: Any) -> None:
    before = state(acted)
    root = os.urandom(32)
    acted.bank.anchor(acted.schema, 2, root, 64)
    assert before.anchor(acted.bank.identity, acted.schema, 2, root) is None
    assert state(acted).anchor(acted.bank.identity, acted.schema, 2, root) is not None


def test_node_that_hides_a_suspension_is_found_out(acted: Any) -> None:
    """It answers with the proof of another block, in which the grant was not suspended yet."""
    who = acted.account().identity
    number = acted.registrar.grant(who, Role.HUB, valid_until=soon(days=9), evidence_hash=b"h" * 32)
    before = acted.ledger.head()
    acted.registrar.suspend(number)

    class Stale:
        def call(self, method: str, *parameters: Any) -> Any:
            if method == "eth_getProof":
                parameters = (*parameters[:2], hex(before.number))
            return acted.ledger.rpc.call(method, *parameters)

    assert state(acted).grant(number) == acted.ledger.grant(number)
    with pytest.raises(Unavailable, match="proof does not hold"):
        state(acted, Stale()).grant(number)


@pytest.mark.parametrize("name", ["stateRoot", "parentHash", "timestamp", "number", "extraData", "miner"])
def test_header_that_was_altered_is_found_out(acted: Any, name: str) -> None:
    def spoil(block: Any) -> None:
        digits = block[name]
        block[name] = digits[:-1] + ("1" if digits[-1:] != "1" else "2") if len(digits) > 2 else "0x01"

    with pytest.raises(Unavailable, match="hashes to the block asked for"):
        state(acted, LyingNode(acted.ledger.rpc, "eth_getBlockByHash", spoil))


def flip(proof: list[str], place: int) -> None:
    node = bytearray.fromhex(proof[place][2:])
    node[len(node) // 2] ^= 1
    proof[place] = f"0x{node.hex()}"


SPOILS: dict[str, Callable[[Any], None]] = {
    "account node altered": lambda answer: flip(answer["accountProof"], -1),
    "account root altered": lambda answer: flip(answer["accountProof"], 0),
    "storage node altered": lambda answer: flip(answer["storageProof"][0]["proof"], -1),
    "storage root altered": lambda answer: flip(answer["storageProof"][0]["proof"], 0),
    "storage proof cut": lambda answer: answer["storageProof"][0]["proof"].pop(),
    "storage proof empty": lambda answer: answer["storageProof"][0]["proof"].clear(),
    "storage proof longer": lambda answer: answer["storageProof"][0]["proof"].append("0xc0"),
    "storage proofs swapped": lambda answer: answer["storageProof"].reverse(),
    "storage proof left out": lambda answer: answer["storageProof"].pop(),
    "account proof left out": lambda answer: answer["accountProof"].clear(),
    "no proof at all": lambda answer: answer.clear(),
    "proof of something else": lambda answer: answer.update(accountProof="0x"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_proof_that_was_altered_is_found_out(acted: Any, name: str) -> None:
    node = LyingNode(acted.ledger.rpc, "eth_getProof", SPOILS[name])
    with pytest.raises(Unavailable):
        state(acted, node).grant(1)


def test_value_that_was_altered_beside_its_proof_changes_nothing(acted: Any) -> None:
    def spoil(answer: Any) -> None:
        for proof in answer["storageProof"]:
            proof["value"] = "0x0"
        answer["storageHash"] = "0x" + "00" * 32

    assert state(acted, LyingNode(acted.ledger.rpc, "eth_getProof", spoil)).grant(1) == acted.ledger.grant(1)


def test_empty_trie_holds_nothing_and_another_root_needs_nodes() -> None:
    assert proven_value(EMPTY_ROOT, b"key", []) is None
    with pytest.raises(Malformed):
        proven_value(b"r" * 32, b"key", [])
    with pytest.raises(Malformed):
        proven_value(EMPTY_ROOT, b"key", [b"\x80", b"\x80"])
