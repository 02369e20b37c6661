"""No read ends the node: an allow-list, each parameter bounded, tried at random against the real one (T54)."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.embedded import ipc
from ledger.embedded.gateway import Gateway, Limits
from ledger.embedded.ipc import IpcConnection
from ledger.embedded.reads import READS, CallRefused
from ledger.embedded.serve import open_gateway
from ledger.embedded.settings import GatewaySettings
from tests.simulators.transactions import SOMEBODY, Draft

HASH = "0x" + "00" * 32
ADDRESS = f"0x{SOMEBODY.hex()}"
ALL = hex((1 << 256) - 1)
BURN = "0x5b61ffff600020505f56"
"""Hashes memory for ever, so that a block's gas takes its time."""


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def ask(gateway: Gateway, method: str, *parameters: object) -> Any:
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
    answer = await asyncio.wait_for(gateway.answer(json.dumps(call).encode()), 60)
    assert answer is not None
    return json.loads(answer)


async def send(gateway: Gateway, draft: Draft) -> str:
    answer = await ask(gateway, "eth_sendRawTransaction", f"0x{draft.raw().hex()}")
    return str(answer["result"])


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    return GatewaySettings(state_dir=tmp_path / "state")


@pytest.fixture
async def running(settings: GatewaySettings) -> AsyncIterator[tuple[Gateway, IpcConnection]]:
    async with open_gateway(settings, MachineClock(), Limits()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("eth_feeHistory", [ALL, "latest", []]),
        ("eth_feeHistory", ["0x400", "latest", [25, 75]]),
        ("eth_newFilter", [{}]),
        ("eth_createAccessList", [{}]),
        ("eth_simulateV1", [{}]),
        ("eth_getUncleCountByBlockNumber", ["latest"]),
        ("web3_sha3", ["0x00"]),
    ],
)
async def test_a_read_that_the_house_does_not_need_is_not_found(
    running: tuple[Gateway, IpcConnection], method: str, parameters: list[object]
) -> None:
    gateway, _ = running
    assert (await ask(gateway, method, *parameters))["error"]["code"] == -32601
    assert (await ask(gateway, "eth_chainId"))["result"] == "0x7a69"


@pytest.mark.parametrize(
    ("method", "fits", "does_not"),
    [
        ("eth_getLogs", [{"fromBlock": "0x0", "toBlock": "0x270f"}], None),
        ("eth_getLogs", [{"fromBlock": "0x0", "toBlock": ALL}], "highest block"),
        ("eth_getLogs", [{"fromBlock": "latest", "topics": [None, [HASH] * 64]}], None),
        ("eth_getLogs", [{"topics": [[HASH] * 65]}], "alternatives"),
        ("eth_getLogs", [{"topics": [None] * 5}], "topics"),
        ("eth_getLogs", [{"address": [ADDRESS] * 65}], "addresses"),
        ("eth_getLogs", [{"blockHash": HASH, "fromBlock": "0x0"}], "both"),
        ("eth_getLogs", [{"limit": 1}], "a field of no filter"),
        ("eth_getProof", [ADDRESS, ["0x0"] * 64, "latest"], None),
        ("eth_getProof", [ADDRESS, ["0x0"] * 65, "latest"], "slots"),
        ("eth_getBlockByNumber", [hex((1 << 63) - 1), False], None),
        ("eth_getBlockByNumber", [hex(1 << 63), False], "highest block"),
        ("eth_getBlockByNumber", [ALL, True], "highest block"),
        ("eth_getBlockByNumber", [{"blockHash": HASH}, True], "a hash where a number stands"),
        ("eth_getBlockByNumber", ["latest"], "too few"),
        ("eth_getBlockByNumber", ["latest", 1], "no flag"),
        ("eth_getBlockReceipts", ["latest"], None),
        ("eth_call", [{"data": "0x"}, {"blockNumber": "latest"}], None),
        ("eth_call", [{"data": "0x"}, "latest", {}], "state overrides"),
        ("eth_call", [{"data": "0x"}, "latest", {}, {}], "block overrides"),
        ("eth_call", [{"data": "0x", "gas": "0x3d0900"}], None),
        ("eth_call", [{"data": "0x", "gas": "0x3d0901"}], "gas"),
        ("eth_call", [{"data": "0x", "accessList": []}], "access list"),
        ("eth_call", [{"data": "0x", "blobVersionedHashes": [HASH]}], "blobs"),
        ("eth_call", [{"data": "0x" + "00" * (128 * 1024 + 1)}], "data"),
        ("eth_call", [{"data": "0x0"}], "half a byte"),
        ("eth_call", [{"to": "vitalik.eth"}], "a name"),
        ("eth_estimateGas", [{"data": "0x"}, "latest", {}], "state overrides"),
        ("eth_getStorageAt", [ADDRESS, ALL, "latest"], None),
        ("eth_getStorageAt", [ADDRESS, ALL + "0", "latest"], "slot"),
        ("eth_getTransactionCount", [ADDRESS + "0", "latest"], "address"),
        ("eth_getTransactionByHash", ["0x00"], "hash"),
        ("eth_chainId", [1], "a parameter"),
    ],
)  # fmt: skip
async def test_each_parameter_has_its_bound(
    running: tuple[Gateway, IpcConnection], method: str, fits: list[Any], does_not: str | None
) -> None:
    if does_not is None:
        READS[method].require(fits, 20_000)
    else:
        with pytest.raises(CallRefused):
            READS[method].require(fits, 20_000)
        gateway, _ = running
        # Past the newest block nothing is looked at, so a short chain answers what a long one refuses.
        assert (await ask(gateway, method, *fits)).get("error", {}).get("code") in {-32602, None}


async def test_span_of_logs_is_counted_to_the_newest_block() -> None:
    READS["eth_getLogs"].require([{"fromBlock": "0x0"}], 9_999)
    with pytest.raises(CallRefused, match="one span after another"):
        READS["eth_getLogs"].require([{"fromBlock": "0x0"}], 10_000)
    with pytest.raises(CallRefused, match="one span after another"):
        READS["eth_getLogs"].require([{"fromBlock": "earliest", "toBlock": "latest"}], 10_000)


def random_value(chosen: random.Random, depth: int = 0) -> object:
    """Anything that a caller might put anywhere: right forms with absurd numbers, wrong forms, odd trees."""
    number = chosen.choice((0, 1, 2, 63, 64, 1 << 31, (1 << 53) - 1, (1 << 63) - 1, 1 << 64, (1 << 256) - 1))
    text = (
        "latest",
        "earliest",
        "pending",
        "safe",
        "finalized",
        "",
        "0x",
        "0xzz",
        "\0",
        "é",
        "0x" + "0" * 65,
    )
    plain = (
        hex(number), number, HASH, ADDRESS, BURN, None, True, False, -1, 1.5,
        chosen.choice(text), f"0x{chosen.randbytes(20).hex()}", f"0x{chosen.randbytes(32).hex()}",
    )  # fmt: skip
    if depth > 2 or chosen.random() < 0.6:
        return chosen.choice(plain)
    if chosen.random() < 0.4:
        return [random_value(chosen, depth + 1) for _ in range(chosen.randrange(5))]
    names = (
        "from", "to", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "value", "data", "input", "nonce",
        "chainId", "type", "accessList", "fromBlock", "toBlock", "blockHash", "address", "topics", "blockNumber",
        "requireCanonical", "balance", "code", "state", "stateDiff",
    )  # fmt: skip
    return {chosen.choice(names): random_value(chosen, depth + 1) for _ in range(chosen.randrange(1, 4))}


def likely_parameters(chosen: random.Random, method: str, known: list[str]) -> list[object]:
    """Parameters of the right form, with numbers at their edges and hashes that the chain has."""
    block = chosen.choice(
        ("latest", "pending", "earliest", "safe", "0x0", "0x1", "0x3", "0x7fffffffffffffff")
    )
    named = chosen.choice((block, {"blockNumber": block}, {"blockHash": chosen.choice(known)}))
    data = chosen.choice((BURN, "0x", "0x5b5f56", "0xfe", "0x60016000fd", "0x" + "5b" * 5000, "0x61ffff5ff3"))
    call = {"data": data, "gas": chosen.choice(("0x3d0900", "0x0", "0x5208", "0x186a0")), "from": ADDRESS}
    if chosen.random() < 0.5:
        call["to"] = chosen.choice((ADDRESS, *(f"0x{'00' * 19}{one:02x}" for one in range(1, 20))))
        call["data"] = f"0x{chosen.randbytes(chosen.choice((0, 1, 96, 128, 192, 213, 1000))).hex()}"
    logs = {"fromBlock": block, "toBlock": chosen.choice(("latest", "0x0", "0x2")), "topics": [None, [HASH]]}
    slots = [hex(chosen.choice((0, 1, (1 << 256) - 1))) for _ in range(chosen.randrange(64))]
    forms: dict[str, list[object]] = {
        "eth_call": [call, named],
        "eth_estimateGas": [call, named],
        "eth_getBalance": [ADDRESS, named],
        "eth_getBlockByHash": [chosen.choice(known), chosen.choice((True, False))],
        "eth_getBlockByNumber": [block, chosen.choice((True, False))],
        "eth_getBlockReceipts": [chosen.choice((block, *known))],
        "eth_getCode": [ADDRESS, named],
        "eth_getLogs": [chosen.choice((logs, {"blockHash": chosen.choice(known)}))],
        "eth_getProof": [ADDRESS, slots, named],
        "eth_getStorageAt": [ADDRESS, hex(chosen.choice((0, (1 << 256) - 1))), named],
        "eth_getTransactionByHash": [chosen.choice(known)],
        "eth_getTransactionCount": [ADDRESS, named],
        "eth_getTransactionReceipt": [chosen.choice(known)],
    }
    return forms.get(method, [])


async def test_random_reads_end_nothing(running: tuple[Gateway, IpcConnection]) -> None:
    gateway, _ = running
    store = [Draft(nonce=nonce, to=b"", data=bytes.fromhex("60015f5500")) for nonce in range(4)]
    known = [HASH, *[await send(gateway, one) for one in store]]
    newest = (await ask(gateway, "eth_getBlockByNumber", "latest", False))["result"]
    known.append(newest["hash"])
    chosen = random.Random(54)  # noqa: S311
    methods = [*sorted(READS), "eth_feeHistory", "eth_getUncleByBlockHashAndIndex", "eth_createAccessList"]
    answered = 0
    for _ in range(40_000 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 2_000):
        method = chosen.choice(methods)
        parameters = likely_parameters(chosen, method, known)
        if chosen.random() < 0.5:
            parameters = [random_value(chosen) for _ in range(chosen.randrange(5))]
        elif parameters and chosen.random() < 0.3:
            parameters[chosen.randrange(len(parameters))] = random_value(chosen)
        answer = await ask(gateway, method, *parameters)
        assert ("result" in answer) != ("error" in answer)
        assert answer.get("error", {}).get("code") != -32002, (method, parameters)
        answered += "result" in answer
    assert answered > 100
    assert not gateway.broken.is_set()
    assert await send(gateway, Draft(nonce=4))


async def test_answer_that_is_too_long_is_refused_and_the_node_goes_on(
    running: tuple[Gateway, IpcConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write logs of megabytes; who reads them all at once must not end the gateway for everybody."""
    gateway, connection = running
    # LOG0 of 400,000 bytes of memory.
    logs = bytes.fromhex("62061a805fa0")
    for nonce in range(4):
        await send(gateway, Draft(nonce=nonce, to=b"", gas=4_000_000, data=logs))
    monkeypatch.setattr(ipc, "LONGEST_ANSWER", 2 * 1024 * 1024)
    connection._reader._limit = 2 * 1024 * 1024  # type: ignore[attr-defined]  # as opened with the bound above
    both = await asyncio.gather(
        ask(gateway, "eth_getLogs", {"fromBlock": "0x0"}), ask(gateway, "eth_blockNumber"),
        ask(gateway, "eth_getLogs", {"fromBlock": "0x1", "toBlock": "0x1"}),
    )  # fmt: skip
    assert both[0]["error"]["code"] == -32005
    assert "ask for less" in both[0]["error"]["message"]
    assert both[1]["result"] == "0x4"
    assert len(both[2]["result"]) == 1
    assert (await ask(gateway, "eth_chainId"))["result"] == "0x7a69"


async def test_batch_whose_answers_are_too_long_together_is_cut(settings: GatewaySettings) -> None:
    limits = replace(Limits(), answer_bytes=3000)
    async with open_gateway(settings, MachineClock(), limits) as (gateway, _):
        block = {"jsonrpc": "2.0", "method": "eth_getBlockByNumber", "params": ["latest", False]}
        batch = [{**block, "id": number} for number in range(20)]
        answers = json.loads(await gateway.answer(json.dumps(batch).encode()) or b"")
        assert [one["id"] for one in answers] == list(range(20))
        assert "result" in answers[0]
        assert answers[-1]["error"]["code"] == -32005


async def test_calls_that_burn_gas_leave_heads_and_transactions_their_turn(settings: GatewaySettings) -> None:
    limits = replace(Limits(), simulations=1, wait_seconds=0.005)
    async with open_gateway(settings, MachineClock(), limits) as (gateway, _):
        burning = [asyncio.create_task(ask(gateway, "eth_call", {"data": BURN})) for _ in range(12)]
        await asyncio.sleep(0)
        assert (await ask(gateway, "eth_blockNumber"))["result"] == "0x0"
        assert await send(gateway, Draft())
        answers = await asyncio.gather(*burning)
        codes = [one["error"]["code"] for one in answers]
        assert -32005 in codes  # who waited too long was told so
        assert not gateway.broken.is_set()
        assert (await ask(gateway, "eth_call", {"data": "0x"}))["result"] == "0x"
