"""What one free transaction or call may cost everybody: its gas is bounded, so that its block can always be read (T54)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.embedded.ipc import LONGEST_ANSWER
from ledger.embedded.transactions import MOST_GAS
from ledger.interfaces import keccak
from ledger.rpc import NodeError, Rpc
from tests.simulators.transactions import Draft
from tests.unit.ledger.conftest import RunningGateway, World

LOGS = {
    # LOG0 without data, ten a round, until the gas is gone: GAS > 4096 or it stops.
    "as many logs as the gas buys": (bytes.fromhex("5b" + "5f5fa0" * 10 + "6110005a115f5700"), 10_000),
    "as much data as the gas buys": (bytes.fromhex("6206 9780 5f a0"), 1),
    # LOG4 of zeros.
    "as many topics as the gas buys": (bytes.fromhex("5b" + "5f" * 6 + "a4" + "6110005a115f5700"), 2_000),
}
KEYS = {name: keccak(name.encode()) for name in LOGS}
# What a call sees of its own gas: GAS, stored and returned.
TELL_GAS = "0x5a5f5260205ff3"
ENDLESS = "0x5b5f56"


@pytest.mark.parametrize("name", LOGS)
def test_receipts_of_the_fullest_block_are_answered(gateway: RunningGateway, rpc: Rpc, name: str) -> None:
    """A block whose receipts are longer than an answer could be proved to nobody, for ever."""
    code, fewest = LOGS[name]
    raw = Draft(key=KEYS[name], to=b"", gas=MOST_GAS, data=code).raw()
    sent = rpc.call("eth_sendRawTransaction", f"0x{raw.hex()}")
    receipt: Any = rpc.call("eth_getTransactionReceipt", sent)
    assert receipt["status"] == "0x1"
    assert len(receipt["logs"]) >= fewest
    block = receipt["blockNumber"]
    for method, parameter in (
        ("eth_getBlockReceipts", block),
        ("eth_getTransactionReceipt", sent),
        ("eth_getLogs", {"fromBlock": block, "toBlock": block}),
    ):
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [parameter]}
        status, answer = gateway.post(json.dumps(call).encode())
        assert status == 200
        assert "result" in answer, (method, answer)
        assert len(json.dumps(answer)) < LONGEST_ANSWER // 3, method


def test_a_call_has_no_more_gas_than_a_transaction(rpc: Rpc) -> None:
    for gas in ({}, {"gas": None}, {"gas": hex(MOST_GAS)}):
        call: Any = {"data": TELL_GAS, **gas}
        seen = int(str(rpc.call("eth_call", call, "latest")), 16)
        assert MOST_GAS - 60_000 < seen < MOST_GAS, gas
        with pytest.raises(NodeError):
            rpc.call("eth_estimateGas", {"data": ENDLESS, **gas})
    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(NodeError, match=f"at most {MOST_GAS} as gas") as refused:
            rpc.call(method, {"data": TELL_GAS, "gas": hex(MOST_GAS + 1)})
        assert refused.value.code == -32602


def test_a_transaction_above_the_bound_is_refused_and_one_at_it_is_mined(rpc: Rpc) -> None:
    key = keccak(b"at the bound")
    with pytest.raises(NodeError, match=f"at most {MOST_GAS} gas") as refused:
        rpc.call("eth_sendRawTransaction", f"0x{Draft(key=key, gas=MOST_GAS + 1).raw().hex()}")
    assert refused.value.code == -32003
    assert rpc.call("eth_sendRawTransaction", f"0x{Draft(key=key, gas=MOST_GAS).raw().hex()}")


def test_nothing_that_the_house_sends_comes_near_the_bound(world: World, rpc: Rpc) -> None:
    """Creations and the rest: none asks for more than about half, so that the bound refuses nobody of ours."""
    world.anchor()
    newest = int(str(rpc.call("eth_blockNumber")), 16)
    blocks: list[Any] = [
        rpc.call("eth_getBlockByNumber", hex(number), True) for number in range(newest - 7, newest + 1)
    ]
    asked = [int(one["gas"], 16) for block in blocks for one in block["transactions"]]
    assert len(asked) == 8  # five creations, a schema, a grant and an anchor
    assert max(asked[5:]) < 400_000
    assert MOST_GAS // 4 < max(asked) < MOST_GAS * 2 // 3


@pytest.mark.parametrize("odd", ["{}\n", "{} ", " {}", "\t{}", "0x{}", "{}\r\n"])
def test_a_raw_transaction_is_hexadecimal_and_nothing_else(rpc: Rpc, odd: str) -> None:
    plain = Draft(key=keccak(b"blanks")).raw().hex()
    spellings = [f"0x{odd.format(plain)}", f"0x{plain[:10]} {plain[10:]}", f"0x{plain[:20]}\n{plain[20:]}"]
    for text in spellings:
        with pytest.raises(NodeError, match="as 0x and hexadecimal") as refused:
            rpc.call("eth_sendRawTransaction", text)
        assert refused.value.code == -32602
