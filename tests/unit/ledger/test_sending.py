"""Sending through web3 to a node that misbehaves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode

from ledger import AccountKey, ContractName, Reverted
from ledger.interfaces import keccak
from ledger.rlp import decode
from ledger.rpc import Json, NodeError, unavailable
from ledger.sending import Sender
from passport.errors import Unavailable
from passport.identifiers import Address

AT = Address("0x" + "11" * 20)
BLOCK = "0x" + "ab" * 32


class OneBlockNode:
    """Takes one transaction, and puts it into one block; each answer may be replaced by another."""

    def __init__(self, **instead: Callable[[], Json]) -> None:
        self.instead = instead
        self.nonce = 7
        self.taken: list[bytes] = []

    def call(self, method: str, *parameters: Json) -> Json:
        if method in self.instead:
            return self.instead[method]()
        answer: Callable[..., Json] = getattr(self, method)
        return answer(*parameters)

    def eth_estimateGas(self, _call: Json, block: Json) -> Json:  # noqa: N802 - the protocol's name
        assert block == "pending"
        return "0x5208"

    def eth_getTransactionCount(self, _who: Json, block: Json) -> Json:  # noqa: N802
        assert block == "pending"
        return hex(self.nonce)

    def eth_sendRawTransaction(self, raw: str) -> Json:  # noqa: N802
        self.taken.append(bytes.fromhex(raw[2:]))
        return f"0x{keccak(self.taken[-1]).hex()}"

    def eth_getTransactionByHash(self, _name: Json) -> Json:  # noqa: N802
        return None

    def eth_getTransactionReceipt(self, name: Json) -> Json:  # noqa: N802
        return self.receipt(name)

    def receipt(self, name: Json) -> dict[str, Json]:
        log: dict[str, Json] = {
            "address": str(AT),
            "topics": ["0x" + "01" * 32],
            "data": "0x02",
            "blockNumber": "0x5",
            "blockHash": BLOCK,
            "logIndex": "0x0",
            "transactionHash": name,
            "removed": False,
        }
        receipt: dict[str, Json] = {"status": "0x1", "blockHash": BLOCK, "blockNumber": "0x5"}
        receipt["transactionHash"] = name
        return {**receipt, "gasUsed": "0x5209", "logs": [log], "contractAddress": None}

    def eth_getBlockByHash(self, name: Json, _full: Json) -> Json:  # noqa: N802
        # A block of a network of authorities: longer words of its sealer than the main network's 32 bytes.
        return {"number": "0x5", "hash": name, "timestamp": "0x6b49d200", "extraData": "0x" + "00" * 97}


def refusing(code: int, message: str, data: Json = None) -> Callable[[], Json]:
    def refuse() -> Json:
        raise NodeError(code, message, data)

    return refuse


def send(node: OneBlockNode) -> Any:
    sender = Sender(node, AccountKey(os.urandom(32)), 31337)
    return sender.call(ContractName.TRUST_REGISTRY, AT, "suspend", 1)


def test_receipt_says_what_the_node_said() -> None:
    node = OneBlockNode()
    receipt = send(node)
    assert receipt.transaction_hash == keccak(node.taken[0])
    assert (receipt.block.number, receipt.block.hash) == (5, bytes.fromhex(BLOCK[2:]))
    assert (receipt.gas_used, receipt.created) == (0x5209, None)
    assert [(log.content, log.index, log.block_time) for log in receipt.logs] == [
        (b"\x02", 0, receipt.block.time)
    ]
    told = decode(node.taken[0][1:])
    # Chain, nonce, fees, a fifth more gas than estimated, recipient, no value, the call.
    assert told[:7] == [b"\x7a\x69", b"\x07", b"", b"", (25_200).to_bytes(2), AT.raw, b""]
    assert told[7] == keccak(b"suspend(uint256)")[:4] + (1).to_bytes(32)


NOT_ADMIN = "0x" + keccak(b"NotAdmin(address)")[:4].hex() + encode(["address"], [str(AT)]).hex()
WORDS = "0x" + keccak(b"Error(string)")[:4].hex() + encode(["string"], ["no"]).hex()


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ((3, "execution reverted: custom error", "0xdeadbeef"), "unknown"),
        ((3, "execution reverted", "0x"), "unknown"),
        ((3, "execution reverted: no", WORDS), "Error"),
        ((-32000, "execution reverted"), "unknown"),
        ((-32000, "VM Exception: revert"), "unknown"),
        ((-32000, "execution reverted", {"data": WORDS}), "Error"),
        ((-32000, "VM reverted", {"hash": "0x00"}), "unknown"),
    ],
)
def test_refusals_of_every_kind_of_node_are_understood(refusal: tuple[Any, ...], error: str) -> None:
    node = OneBlockNode(eth_estimateGas=refusing(*refusal))
    with pytest.raises(Reverted) as refused:
        send(node)
    assert refused.value.error == error
    assert not node.taken


@pytest.mark.parametrize(
    "refusal",
    [
        (-32005, "too many requests"),
        (-32005, "too many requests", {"seconds": 5}),
        (-32000, "something else", "some words of a node's own"),
        (3, "out of order"),
    ],
)
def test_error_that_is_no_refusal_is_no_answer(refusal: tuple[Any, ...]) -> None:
    with pytest.raises(Unavailable):
        send(OneBlockNode(eth_estimateGas=refusing(*refusal)))


def test_taken_nonce_is_followed_by_the_next() -> None:
    node = OneBlockNode()

    def take() -> Json:
        node.nonce += 1
        del node.instead["eth_sendRawTransaction"]
        raise NodeError(-32003, "nonce too low")

    node.instead["eth_sendRawTransaction"] = take
    send(node)
    assert decode(node.taken[0][1:])[1] == b"\x08"


def test_nonce_that_is_always_taken_ends() -> None:
    tries: list[int] = []

    def take() -> Json:
        tries.append(1)
        raise NodeError(-32003, "Nonce too low")

    with pytest.raises(Unavailable, match="Nonce too low"):
        send(OneBlockNode(eth_sendRawTransaction=take))
    assert len(tries) == 32


def test_transaction_that_is_not_taken_says_why() -> None:
    with pytest.raises(Unavailable, match="the ledger did not take the transaction: fee too low"):
        send(OneBlockNode(eth_sendRawTransaction=refusing(-32000, "fee too low")))


@pytest.mark.parametrize("known", [True, False])
def test_lost_answer_counts_if_the_node_knows_the_transaction(*, known: bool) -> None:
    def lose() -> Json:
        raise unavailable("simulated: lost")

    node = OneBlockNode(eth_sendRawTransaction=lose)
    if known:
        node.instead["eth_getTransactionByHash"] = lambda: {"nonce": "0x7"}
        assert send(node).block.number == 5
    else:
        with pytest.raises(Unavailable, match=r"not known whether .*simulated: lost.*before repeating it"):
            send(node)


def test_node_that_is_gone_when_it_is_asked_again_leaves_it_not_known() -> None:
    def lose() -> Json:
        raise unavailable("simulated: lost")

    node = OneBlockNode(eth_sendRawTransaction=lose, eth_getTransactionByHash=lose)
    sender = impatient(node)
    with pytest.raises(Unavailable, match="not known whether the ledger took the transaction"):
        act(sender)
    # It had come in: what is sent next stands behind it, and nothing is sent before that is known.
    del node.instead["eth_sendRawTransaction"]
    node.instead["eth_getTransactionByHash"] = lambda: {"nonce": "0x7", "blockNumber": None}
    with pytest.raises(Unavailable, match="nothing more is sent until it is"):
        act(sender)
    assert not node.taken


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("eth_estimateGas", "many"),
        ("eth_estimateGas", {}),
        ("eth_getTransactionCount", {}),
        ("eth_getTransactionReceipt", []),
        ("eth_getTransactionReceipt", {"status": "0x1"}),
        ("eth_getTransactionReceipt", "0x00"),
        ("eth_getBlockByHash", None),
        ("eth_getBlockByHash", {"number": "0x5"}),
        ("eth_getBlockByHash", 5),
    ],
)
def test_unreadable_answer_is_no_answer(method: str, answer: Json) -> None:
    with pytest.raises(Unavailable):
        act(impatient(OneBlockNode(**{method: lambda: answer})))


def test_transaction_that_failed_in_its_block_is_a_refusal() -> None:
    def failed() -> Json:
        name = f"0x{keccak(node.taken[0]).hex()}"
        return {"status": "0x0", "blockHash": BLOCK, "gasUsed": "0x1", "logs": [], "transactionHash": name}

    node = OneBlockNode(eth_getTransactionReceipt=failed)
    with pytest.raises(Reverted):
        send(node)


def impatient(node: OneBlockNode) -> Sender:
    return Sender(node, AccountKey(os.urandom(32)), 31337, receipt_seconds=0.1)


def act(sender: Sender) -> Any:
    return sender.call(ContractName.TRUST_REGISTRY, AT, "suspend", 1)


def test_transaction_that_is_pooled_and_never_mined_is_not_known_and_nothing_is_sent_behind_it() -> None:
    """Of what piles up in a pool all comes in together one day: a suspension long after it was taken back."""
    waiting: dict[str, Json] = {"nonce": "0x7", "blockNumber": None}
    node = OneBlockNode(eth_getTransactionReceipt=lambda: None, eth_getTransactionByHash=lambda: waiting)
    sender = impatient(node)
    with pytest.raises(Unavailable, match="may still come in; ask the ledger for its effect"):
        act(sender)
    for _ in range(3):
        with pytest.raises(Unavailable, match="nothing more is sent until it is"):
            act(sender)
    assert len(node.taken) == 1
    # It came in after all.
    waiting["blockNumber"] = "0x5"
    del node.instead["eth_getTransactionReceipt"]
    assert act(sender).block.number == 5
    assert len(node.taken) == 2


def test_transaction_that_the_pool_dropped_holds_nothing_up() -> None:
    node = OneBlockNode(eth_getTransactionReceipt=lambda: None)
    sender = impatient(node)
    with pytest.raises(Unavailable):
        act(sender)
    del node.instead["eth_getTransactionReceipt"]
    assert act(sender).block.number == 5


def test_node_that_is_away_for_a_moment_after_it_took_the_transaction_is_asked_again() -> None:
    """Told as *unavailable* a grant would be made twice by whoever repeats it."""
    failures = iter(range(3))

    def away() -> Json:
        if next(failures, None) is None:
            del node.instead["eth_getTransactionReceipt"]
        raise unavailable("simulated: restarting")

    node = OneBlockNode(eth_getTransactionReceipt=away)
    assert send(node).block.number == 5
    assert len(node.taken) == 1


def test_node_that_stays_away_is_not_told_as_nothing_was_done() -> None:
    def away() -> Json:
        raise unavailable("simulated: gone")

    node = OneBlockNode(eth_getTransactionReceipt=away)
    with pytest.raises(Unavailable, match=r"took the transaction.*simulated: gone.*may still come in"):
        act(impatient(node))


def test_receipt_of_another_transaction_is_no_success() -> None:
    def other() -> Json:
        return {**node.receipt("0x" + "77" * 32)}

    node = OneBlockNode(eth_getTransactionReceipt=other)
    with pytest.raises(Unavailable, match="own receipt"):
        act(impatient(node))


READING = """
import sys
from ledger import AccountKey, ContractName, LedgerSettings, LedgerWriter, open_ledger
from passport.identifiers import Address
contracts = {name.value: Address("0x" + "11" * 20) for name in ContractName}
ledger = open_ledger(LedgerSettings("http://127.0.0.1:1", 31337, contracts))
account = AccountKey(b"1" * 32)
assert not {"web3", "eth_account"} & set(sys.modules), "readers wait for web3"
LedgerWriter(ledger, account)
import threading
[thread.join() for thread in threading.enumerate() if thread is not threading.current_thread()]
assert "web3" in sys.modules, "the first write waits for web3"
"""


def test_readers_do_not_import_web3_and_writers_do_so_meanwhile() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", READING], check=True, timeout=120)  # noqa: S603
