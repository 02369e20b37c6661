"""No transaction stops the ledger: what a block cannot hold is refused before it is written down (T53)."""

from __future__ import annotations

import asyncio
import json
import os
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger import AccountKey
from ledger.embedded.gateway import Gateway, Limits
from ledger.embedded.journal import Entry, Genesis, Journal
from ledger.embedded.process import HARDFORK
from ledger.embedded.serve import open_gateway
from ledger.embedded.settings import GatewaySettings
from tests.simulators.transactions import (
    CHAIN_ID,
    MINED,
    POOLED_AND_NEVER_MINED,
    REFUSED_BY_THE_NODE,
    REFUSED_BY_US,
    SLOT,
    SOMEBODY,
    Draft,
)

UNMINABLE = {**POOLED_AND_NEVER_MINED, **REFUSED_BY_THE_NODE, **REFUSED_BY_US}
GENESIS = Genesis(CHAIN_ID, 1_700_000_000, HARDFORK)
OTHER_KEY = b"\x09" * 32


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    return GatewaySettings(state_dir=tmp_path / "state")


@pytest.fixture
def journal_path(settings: GatewaySettings) -> Path:
    settings.state_dir.mkdir(parents=True)
    return settings.state_dir / "chain.journal"


async def ask(gateway: Gateway, method: str, *parameters: object) -> Any:
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
    answer = await asyncio.wait_for(gateway.answer(json.dumps(call).encode()), 60)
    assert answer is not None
    return json.loads(answer)


async def send(gateway: Gateway, raw: bytes) -> Any:
    return await ask(gateway, "eth_sendRawTransaction", f"0x{raw.hex()}")


async def head(gateway: Gateway) -> str:
    block = (await ask(gateway, "eth_getBlockByNumber", "latest", False))["result"]
    return str(block["hash"])


def records(path: Path) -> int:
    journal = Journal.open(path, GENESIS)
    journal.close()
    return journal.records


async def test_every_kind_of_unminable_transaction_is_refused_and_replays(
    settings: GatewaySettings, journal_path: Path
) -> None:
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        before = await head(gateway)
        for name, raw in UNMINABLE.items():
            assert (await send(gateway, raw))["error"]["code"] in {-32602, -32003}, name
            assert not gateway.broken.is_set(), name
            assert await head(gateway) == before, name
        assert "result" in await send(gateway, Draft().raw())
        assert "nonce too low" in (await send(gateway, Draft().raw()))["error"]["message"]
        after = await head(gateway)
    # Nothing of all that was written down.
    assert records(journal_path) == 1
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert await head(gateway) == after
        assert "result" in await send(gateway, Draft(nonce=1).raw())


@pytest.mark.parametrize("name", POOLED_AND_NEVER_MINED)
async def test_journal_that_holds_an_unminable_transaction_heals(
    settings: GatewaySettings, journal_path: Path, name: str
) -> None:
    """What a gateway wrote that did not check first: it ended at this record, and again at every start."""
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert "result" in await send(gateway, Draft(key=OTHER_KEY).raw())
        newest = bytes.fromhex((await head(gateway))[2:])
    journal = Journal.open(journal_path, GENESIS)
    written = int(datetime.now(UTC).timestamp())
    journal.append(Entry(written, newest, POOLED_AND_NEVER_MINED[name]))
    journal.close()

    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, connection):
        assert await connection.result("txpool_status") == {"pending": "0x0", "queued": "0x0"}
        assert "result" in await send(gateway, Draft(key=OTHER_KEY, nonce=1).raw())
        after = await head(gateway)
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert await head(gateway) == after
        assert "result" in await send(gateway, Draft(key=OTHER_KEY, nonce=2).raw())


async def test_journal_that_holds_refused_and_odd_transactions_replays(
    settings: GatewaySettings, journal_path: Path
) -> None:
    """A gateway that journaled first wrote refused ones down as well, and took the odd ones that are refused now."""
    journal = Journal.open(journal_path, GENESIS)
    journal.close()
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        first = bytes.fromhex((await head(gateway))[2:])
    journal = Journal.open(journal_path, GENESIS)
    written = int(datetime.now(UTC).timestamp())
    for raw in (*REFUSED_BY_THE_NODE.values(), REFUSED_BY_US["the higher s"]):
        journal.append(Entry(written, first, raw))
    journal.close()
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert gateway.block_number == 1
        assert "result" in await send(gateway, Draft(key=OTHER_KEY).raw())
        after = await head(gateway)
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert await head(gateway) == after


async def test_every_kind_that_a_block_can_hold_is_mined(settings: GatewaySettings) -> None:
    """The checks are no stricter than the chain: each kind at its edge goes in, from an account of its own."""
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        for place, (name, draft) in enumerate(MINED.items()):
            number = gateway.block_number
            answer = await send(gateway, replace(draft, key=bytes([place + 1]) * 32).raw())
            assert "result" in answer, (name, answer)
            assert gateway.block_number == number + 1, name
            receipt = await ask(gateway, "eth_getTransactionReceipt", answer["result"])
            assert receipt["result"]["blockNumber"] == hex(number + 1), name


async def test_no_random_transaction_stops_the_gateway_and_all_replay(
    settings: GatewaySettings, journal_path: Path
) -> None:
    """Fields at their edges in every combination: what is let through is mined, the rest is written nowhere."""
    chosen = random.Random(8)  # noqa: S311
    lists: tuple[Any, ...] = ((), [[SOMEBODY, []]], [[SOMEBODY, [SLOT] * 7]], [[SOMEBODY, [SLOT]]] * 2)
    mined = 0
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        for _ in range(4000 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 300):
            draft = Draft(
                kind=chosen.choice((0, 1, 2)),
                chain_id=chosen.choice((CHAIN_ID, CHAIN_ID, CHAIN_ID, CHAIN_ID, None, 0, 1, 1 << 40)),
                nonce=mined + chosen.choice((0,) * 12 + (1, -1 if mined else 0)),
                gas=chosen.choice((21_000, 21_016, 23_400, 25_300, 53_000, 60_000, 100_000, 4_000_000, 30_000_000, 0)),
                to=chosen.choice((SOMEBODY, SOMEBODY, b"", bytes(20), bytes(19) + b"\x05")),
                data=chosen.choice((b"", b"\x00", b"\x01" * 31, bytes(64), b"\x5b5f56", b"\xfe", os.urandom(90))),
                access_list=chosen.choice(lists),
                value=chosen.choice((0,) * 9 + (1,)),
                fee=chosen.choice((0,) * 9 + (1,)),
                high_s=chosen.random() < 0.03,
            )  # fmt: skip
            raw, number = bytearray(draft.raw()), gateway.block_number
            if chosen.random() < 0.1:
                raw[chosen.randrange(len(raw))] ^= 1 << chosen.randrange(8)
            answer = await send(gateway, bytes(raw))
            assert not gateway.broken.is_set(), draft
            if "result" in answer:
                assert gateway.block_number == number + 1, draft
                mined = await next_nonce(gateway, AccountKey(draft.key))
            else:
                assert answer["error"]["code"] in {-32602, -32003}, (draft, answer)
                assert gateway.block_number == number, draft
        after, blocks = await head(gateway), gateway.block_number
    assert mined > 20
    assert records(journal_path) == blocks
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert await head(gateway) == after


async def next_nonce(gateway: Gateway, account: AccountKey) -> int:
    counted = await ask(gateway, "eth_getTransactionCount", str(account.address), "latest")
    return int(counted["result"], 16)


async def test_gas_of_a_whole_block_changes_nothing_for_those_who_come_after(
    settings: GatewaySettings, journal_path: Path
) -> None:
    """EIP-1559 would raise the base fee after a full block; here it stays zero, or nobody could send any more.

    Only a journal from before a transaction's gas was bounded holds such blocks: it is replayed as it was written.
    """
    written, endless = int(datetime.now(UTC).timestamp()), bytes.fromhex("5b5f56")
    for nonce in range(3):
        full = Draft(to=b"", gas=30_000_000, data=endless, nonce=nonce)
        async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
            assert gateway.block_number == nonce
            assert (await send(gateway, full.raw()))["error"]["code"] == -32003
            newest = bytes.fromhex((await head(gateway))[2:])
        journal = Journal.open(journal_path, GENESIS)
        journal.append(Entry(written, newest, full.raw()))
        journal.close()
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        assert gateway.block_number == 3
        assert "result" in await send(
            gateway, replace(full, nonce=3, to=SOMEBODY, gas=21_000, data=b"").raw()
        )
