"""A real chain behind a relay that hides what it is told to hide, as a broken provider or an attacker in between would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger import Follower, Ledger, LedgerSettings, open_ledger
from ledger.proofs import Entry, logs_of_one_receipt, logs_of_receipts, proven_header
from ledger.rpc import Rpc
from passport.errors import Unavailable
from tests.simulators.ledger_relay import Relay

LISTED, RECEIPTS = "eth_getLogs", "eth_getBlockReceipts"


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def relay(gateway: Any) -> Iterator[Relay]:
    made = Relay(Rpc(gateway.url))
    yield made
    made.close()


@pytest.fixture
def through(relay: Relay, world: Any) -> LedgerSettings:
    return LedgerSettings(relay.url, 31337, world.settings.contracts)


def soon() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


def suspended(known: Follower | Ledger, number: int) -> bool:
    grant = known.grant(number)
    assert grant is not None
    return grant.suspended


def test_suspension_that_a_relay_hides_is_known_or_the_follower_is_not_ready(
    relay: Relay, through: LedgerSettings, world: Any
) -> None:
    follower = Follower(through, MachineClock(), poll_seconds=0.02)
    follower.start()
    assert follower.wait_until(lambda: follower.last_seen_at is not None, 20)
    # 1. Empty lists alone hide nothing.
    relay.hidden = frozenset({LISTED})
    world.registrar.suspend(world.grant_number)
    assert follower.wait_until(lambda: suspended(follower, world.grant_number), 20)
    # 2. With the receipts hidden as well nothing is known, and nobody is told otherwise.
    relay.hidden = frozenset({LISTED, RECEIPTS})
    world.bank.publish_status(b"l" * 32, b"c" * 32, 1, soon())
    assert _becomes_unready(follower)
    seen = follower.last_seen_at
    assert follower.status_record(world.bank.identity, b"l" * 32) is None
    # 3. The node is well: so is the follower, by itself, and it goes on.
    relay.hidden = frozenset()
    assert follower.wait_until(lambda: follower.status_record(world.bank.identity, b"l" * 32) is not None, 20)
    world.bank.publish_status(b"l" * 32, b"d" * 32, 2, soon())
    world.registrar.reinstate(world.grant_number)
    assert follower.wait_until(lambda: not suspended(follower, world.grant_number), 20)
    follower.check()
    record = follower.status_record(world.bank.identity, b"l" * 32)
    assert record is not None
    assert record.version == 2
    assert seen is not None
    assert follower.last_seen_at is not None
    assert follower.last_seen_at > seen
    follower.stop()


def _becomes_unready(follower: Follower) -> bool:
    def unready() -> bool:
        return "expected all receipts" in str(follower.failure)

    for _ in range(100):
        if follower.wait_until(unready, 0.2):
            with pytest.raises(Unavailable):
                follower.check()
            return True
    return False


def test_reader_that_asks_anew_answers_the_truth_or_not_at_all(
    relay: Relay, through: LedgerSettings, world: Any
) -> None:
    """The wallet and the issuer read so."""
    ledger = open_ledger(through)
    assert not suspended(ledger, world.grant_number)
    world.registrar.suspend(world.grant_number)
    relay.hidden = frozenset({LISTED, RECEIPTS})
    with pytest.raises(Unavailable, match="expected all receipts"):
        ledger.grant(world.grant_number)
    with pytest.raises(Unavailable):
        ledger.check()
    relay.hidden = frozenset({LISTED})
    assert suspended(ledger, world.grant_number)
    ledger.close()


def test_whole_history_through_a_relay_that_lists_nothing(
    relay: Relay, through: LedgerSettings, world: Any
) -> None:
    roots = {world.anchor() for _ in range(3)}
    relay.hidden = frozenset({LISTED})
    ledger = open_ledger(through)
    assert {one.root for one in ledger.anchors_since(0)} == roots
    ledger.close()


def test_receipts_of_a_real_chain_add_up_to_its_roots(world: Any) -> None:
    """Blocks as anvil makes them: with a contract's creation, with a log, with none."""
    world.anchor()
    rpc, kinds = world.ledger.rpc, set()
    for number in range(max(0, world.ledger.head().number - 12), world.ledger.head().number + 1):
        header = proven_header(rpc.call("eth_getBlockByNumber", hex(number), False))
        logs = logs_of_receipts(header, rpc.call(RECEIPTS, hex(number)))
        kinds.add(len(logs))
        if logs:
            assert logs_of_one_receipt(header, logs)
            assert not logs_of_one_receipt(header, logs[1:])
            spoiled = Entry(logs[0].address, logs[0].topics, logs[0].content + b"\0")
            assert not logs_of_one_receipt(header, [spoiled, *logs[1:]])
    assert {0, 1} <= kinds


def test_several_receipts_of_a_real_block_add_up_to_its_root(
    open_anvil: str, make_world: Callable[[str], Any]
) -> None:
    """Two hundred transactions in a block: the trie has branches, extensions and places of two bytes."""
    world = make_world(open_anvil)
    rpc = world.ledger.rpc
    sender = f"0x{b'stranger'.rjust(20, bytes(1)).hex()}"
    rpc.call("anvil_impersonateAccount", sender)
    rpc.call("evm_setAutomine", False)
    registry = str(world.settings.contracts["EthereumDIDRegistry"])
    for number in range(200):
        # revokeAttribute(address,bytes32,bytes) of the stock registry, which anybody may call for itself.
        name = number.to_bytes(32)
        data = (
            bytes.fromhex("00c023da")
            + bytes.fromhex(sender[2:]).rjust(32, b"\0")
            + name
            + (96).to_bytes(32)
            + bytes(32)
        )
        rpc.call(
            "eth_sendTransaction",
            {"from": sender, "to": registry, "data": f"0x{data.hex()}", "gas": "0x186a0", "gasPrice": "0x0"},
        )
    rpc.call("evm_mine")
    header = proven_header(rpc.call("eth_getBlockByNumber", "latest", False))
    receipts = rpc.call(RECEIPTS, hex(header.block.number))
    assert len(receipts) == 200
    assert len(logs_of_receipts(header, receipts)) == 200
    with pytest.raises(Unavailable):
        logs_of_receipts(header, receipts[:-1])
    follower = Follower(world.settings, MachineClock())
    follower.poll()
    follower.check()
    world.ledger.close()
