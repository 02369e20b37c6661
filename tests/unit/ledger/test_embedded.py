"""The gateway in this process, with a clock that a test holds."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import AccountKey
from ledger.embedded.chain import Chain, Mined, Refused
from ledger.embedded.gateway import Gateway, Limits
from ledger.embedded.journal import Genesis
from ledger.embedded.process import HARDFORK, start_chain
from ledger.embedded.reads import READS
from ledger.embedded.serve import open_gateway
from ledger.embedded.settings import GatewaySettings
from ledger.embedded.snapshot import read_snapshot, save_snapshot
from passport.errors import Misconfigured, Unavailable

# Creates a contract without code.
EMPTY = bytes.fromhex("00")
# As a call: answers the block's time.
TELL_TIME = "0x425f5260205ff3"


class HandHeldClock:
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


async def ask(gateway: Gateway, method: str, *parameters: object) -> Any:
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
    answer = await gateway.answer(json.dumps(call).encode())
    assert answer is not None
    return json.loads(answer)


def creation(nonce: int, chain_id: int = 31337) -> Any:
    fees = {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    return {"chainId": chain_id, "nonce": nonce, "gas": 100_000, **fees, "to": b"", "value": 0, "data": EMPTY}


async def send(gateway: Gateway, account: AccountKey, nonce: int) -> Any:
    signed = account.sign(creation(nonce))
    return await ask(gateway, "eth_sendRawTransaction", f"0x{signed.raw.hex()}")


async def head(gateway: Gateway) -> tuple[str, str, int]:
    block = (await ask(gateway, "eth_getBlockByNumber", "latest", False))["result"]
    return block["hash"], block["stateRoot"], int(block["timestamp"], 16)


@pytest.fixture
def clock() -> HandHeldClock:
    return HandHeldClock(datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    return GatewaySettings(state_dir=tmp_path / "state")


@pytest.fixture
def account() -> AccountKey:
    return AccountKey(b"\x07" * 32)


async def test_replay_gives_the_same_head_and_state_days_later(
    settings: GatewaySettings, clock: HandHeldClock, account: AccountKey
) -> None:
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        for nonce in range(3):
            assert "result" in await send(gateway, account, nonce)
        before = await head(gateway)
    clock.time += timedelta(days=9)
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert await head(gateway) == before
        assert "result" in await send(gateway, account, 3)
        after = await head(gateway)
    assert after[2] == before[2] + 9 * 86_400
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert await head(gateway) == after


async def test_refused_transactions_are_refused_again_on_replay(
    settings: GatewaySettings, clock: HandHeldClock, account: AccountKey
) -> None:
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert "result" in await send(gateway, account, 0)
        assert "nonce too low" in (await send(gateway, account, 0))["error"]["message"]
        assert "nonce too high" in (await send(gateway, account, 5))["error"]["message"]
        wrong_chain = account.sign(creation(1, chain_id=1))
        assert "error" in await ask(gateway, "eth_sendRawTransaction", f"0x{wrong_chain.raw.hex()}")
        assert "result" in await send(gateway, account, 1)
        # The one from the future is gone: it does not come in when its turn would have come.
        for nonce in range(2, 5):
            assert "result" in await send(gateway, account, nonce)
        assert gateway.block_number == 5
        before = await head(gateway)
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert await head(gateway) == before
        assert "result" in await send(gateway, account, 5)


async def test_several_blocks_share_a_second_and_none_goes_back_in_time(
    settings: GatewaySettings, clock: HandHeldClock, account: AccountKey
) -> None:
    times = []
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        for nonce, step in enumerate((0, 0, 5, -3600, 1)):
            clock.time += timedelta(seconds=step)
            assert "result" in await send(gateway, account, nonce)
            times.append((await head(gateway))[2])
        before = await head(gateway)
    start = times[0]
    assert times == [start, start, start + 5, start + 5, start + 5]
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert await head(gateway) == before


async def test_what_is_simulated_after_a_late_start_has_todays_time(
    settings: GatewaySettings, account: AccountKey
) -> None:
    clock = HandHeldClock(datetime.now(UTC) - timedelta(days=20))
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert "result" in await send(gateway, account, 0)
    clock.time = datetime.now(UTC)
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        told = int((await ask(gateway, "eth_call", {"data": TELL_TIME}, "pending"))["result"], 16)
    assert abs(told - clock.time.timestamp()) < 30


async def test_transactions_sent_at_once_go_in_one_by_one(
    settings: GatewaySettings, clock: HandHeldClock
) -> None:
    accounts = [AccountKey(bytes([number]) * 32) for number in range(1, 21)]
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        answers = await asyncio.gather(*(send(gateway, one, 0) for one in accounts))
        assert all("result" in answer for answer in answers)
        assert gateway.block_number == 20
        before = await head(gateway)
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert await head(gateway) == before


async def test_caller_that_hangs_up_leaves_nothing_half_done(
    settings: GatewaySettings, clock: HandHeldClock, account: AccountKey
) -> None:
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        hasty = asyncio.create_task(send(gateway, account, 0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        hasty.cancel()
        assert "result" in await send(gateway, AccountKey(b"\x08" * 32), 0)
        before = await head(gateway)
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert await head(gateway) == before


async def test_lost_chain_is_unavailable_and_breaks_the_gateway(
    settings: GatewaySettings, clock: HandHeldClock, account: AccountKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_gateway(settings, clock, Limits()) as (gateway, connection):
        apply = Chain.apply

        async def lost_first(chain: Chain, transaction: bytes, when: int) -> Mined | Refused:
            await connection.close()
            return await apply(chain, transaction, when)

        monkeypatch.setattr(Chain, "apply", lost_first)
        assert (await send(gateway, account, 0))["error"]["code"] == -32002
        monkeypatch.setattr(Chain, "apply", apply)
        assert gateway.broken.is_set()
        assert (await ask(gateway, "eth_chainId"))["error"]["code"] == -32002
        with pytest.raises(Unavailable):
            await connection.result("eth_chainId")
    # It was written down before the chain was lost, so it counts; the caller was told "not known".
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert gateway.block_number == 1


async def test_chain_that_is_lost_before_a_transaction_is_checked_leaves_nothing_written(
    settings: GatewaySettings, clock: HandHeldClock, account: AccountKey
) -> None:
    async with open_gateway(settings, clock, Limits()) as (gateway, connection):
        await connection.close()
        assert (await send(gateway, account, 0))["error"]["code"] == -32002
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        assert gateway.block_number == 0


async def test_journal_of_another_chain_is_not_replayed(
    settings: GatewaySettings, clock: HandHeldClock
) -> None:
    async with open_gateway(settings, clock, Limits()):
        pass
    other = settings.model_copy(update={"chain_id": 31338})
    with pytest.raises(Misconfigured, match="expected a journal of chain 31338"):
        async with open_gateway(other, clock, Limits()):
            pass


async def test_state_is_for_its_owner_alone(settings: GatewaySettings, clock: HandHeldClock) -> None:
    async with open_gateway(settings, clock, Limits()):
        assert settings.state_dir.stat().st_mode & 0o077 == 0
        for path in settings.state_dir.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
        assert (settings.state_dir / "anvil" / "anvil.ipc").is_socket()


def test_chain_runs_without_a_namespace_where_none_is_allowed(
    tmp_path: Path, settings: GatewaySettings
) -> None:
    # A kernel that forbids namespaces answers like one that is asked for an impossible one.
    started = start_chain(
        settings.anvil, tmp_path / "anvil", Genesis(31337, 1_700_000_000, HARDFORK), namespaces=1
    )
    try:
        assert not started.isolated
        assert started.process.poll() is None
    finally:
        started.stop()


def test_chain_runs_in_a_namespace_of_its_own_where_allowed(
    tmp_path: Path, settings: GatewaySettings
) -> None:
    started = start_chain(settings.anvil, tmp_path / "anvil", Genesis(31337, 1_700_000_000, HARDFORK))
    try:
        if started.isolated:
            own = Path("/proc/self/ns/net").readlink()
            assert Path(f"/proc/{started.process.pid}/ns/net").readlink() != own
    finally:
        started.stop()


async def test_no_read_with_odd_parameters_leaves_the_gateway_silent(
    settings: GatewaySettings, clock: HandHeldClock
) -> None:
    chosen = random.Random(1)  # noqa: S311
    names = (
        "latest",
        "earliest",
        "pending",
        "safe",
        "0x0",
        "0xffffffffffffffff",
        "0x" + "00" * 20,
        "zz",
        "\0",
        "é",
    )
    others: tuple[object, ...] = (None, True, 0, -1, 1.5, 2**53 - 1, [], {}, ["0x0"], [25, 75], [[[[[]]]]])
    calls = (
        {"data": "0x5b5f56"},
        {"data": "0xzz"},
        {"to": "0x"},
        {"gas": "0x0"},
        {"blockHash": "0x" + "00" * 32},
    )
    logs = ({"fromBlock": "0x0", "toBlock": "0xffffffffffffffff"}, {"address": [], "topics": [None] * 9})
    odd = [*names, *others, *calls, *logs]
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        for _ in range(5000 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 600):
            parameters = [chosen.choice(odd) for _ in range(chosen.randrange(4))]
            method = chosen.choice(sorted(READS))
            answer = await asyncio.wait_for(ask(gateway, method, *parameters), 5)
            assert ("result" in answer) != ("error" in answer)
            assert answer.get("error", {}).get("code") != -32002, (method, parameters)
        assert not gateway.broken.is_set()


@pytest.fixture
async def snapped(settings: GatewaySettings, clock: HandHeldClock, account: AccountKey) -> GatewaySettings:
    """A state with a snapshot after three records of five."""
    often = settings.model_copy(update={"snapshot_every": 3})
    async with open_gateway(often, clock, Limits()) as (gateway, _):
        for nonce in range(5):
            assert "result" in await send(gateway, account, nonce)
    return often


async def heads(settings: GatewaySettings, clock: HandHeldClock) -> tuple[str, str, int]:
    async with open_gateway(settings, clock, Limits()) as (gateway, _):
        return await head(gateway)


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return {line["event"]: line for line in lines}


async def test_snapshot_saves_replaying_and_comes_to_the_same_head(
    snapped: GatewaySettings, clock: HandHeldClock, account: AccountKey, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with_snapshot = await heads(snapped, clock)
    assert said(capsys)["chain_ready"]["replayed"] == 2
    (snapped.state_dir / "chain.snapshot").rename(snapped.state_dir / "kept")
    assert await heads(snapped, clock) == with_snapshot
    assert said(capsys)["chain_ready"]["replayed"] == 5
    (snapped.state_dir / "kept").rename(snapped.state_dir / "chain.snapshot")
    async with open_gateway(snapped, clock, Limits()) as (gateway, _):
        assert "result" in await send(gateway, account, 5)
        after = await head(gateway)
    (snapped.state_dir / "chain.snapshot").unlink()
    assert await heads(snapped, clock) == after


@pytest.mark.parametrize(
    "spoil", ["cut", "flip", "foreign", "empty", "state of another head", "no later record"]
)
async def test_snapshot_that_does_not_fit_is_not_used(
    snapped: GatewaySettings, clock: HandHeldClock, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    path = snapped.state_dir / "chain.snapshot"
    before, content, whole = await heads(snapped, clock), path.read_bytes(), read_snapshot(path)
    assert whole is not None
    match spoil:
        case "cut":
            path.write_bytes(content[:-1])
        case "flip":
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "foreign":
            path.write_bytes(b"x" * 100)
        case "empty":
            path.write_bytes(b"")
        case "state of another head":
            async with open_gateway(snapped, clock, Limits()) as (_, connection):
                later = bytes.fromhex(str(await connection.result("anvil_dumpState"))[2:])
            save_snapshot(path, replace(whole, state=later))
        case "no later record":
            save_snapshot(path, replace(whole, records=5))
    capsys.readouterr()
    assert await heads(snapped, clock) == before
    assert said(capsys)["chain_ready"]["replayed"] == 5


async def test_snapshot_whose_state_was_altered_is_not_used(
    snapped: GatewaySettings, clock: HandHeldClock, account: AccountKey, capsys: pytest.CaptureFixture[str]
) -> None:
    path = snapped.state_dir / "chain.snapshot"
    before, whole = await heads(snapped, clock), read_snapshot(path)
    assert whole is not None
    state = json.loads(gzip.decompress(whole.state))
    state["accounts"][str(account.address)]["balance"] = "0xffff"
    save_snapshot(path, replace(whole, state=gzip.compress(json.dumps(state).encode())))
    capsys.readouterr()
    assert await heads(snapped, clock) == before
    assert said(capsys)["snapshot_not_used"]["records"] == 3
