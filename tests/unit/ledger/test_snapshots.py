"""A snapshot is a shortcut: none that cannot be taken or used costs more than a line in the log."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.embedded import chain as chain_module
from ledger.embedded import ipc, snapshot
from ledger.embedded.chain import Chain
from ledger.embedded.gateway import Gateway, Limits
from ledger.embedded.ipc import IpcConnection
from ledger.embedded.serve import open_gateway
from ledger.embedded.settings import GatewaySettings
from ledger.embedded.shortcut import Shortcut
from passport.errors import Reason, Unavailable
from tests.simulators.transactions import Draft


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    return GatewaySettings(state_dir=tmp_path / "state", snapshot_every=4)


async def send(gateway: Gateway, nonce: int, data: bytes = b"") -> Any:
    raw = Draft(nonce=nonce, gas=21_000 + 40 * len(data), data=data).raw()
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [f"0x{raw.hex()}"]}
    answer = await gateway.answer(json.dumps(call).encode())
    assert answer is not None
    return json.loads(answer)


async def head(connection: IpcConnection) -> Any:
    block = await connection.result("eth_getBlockByNumber", "latest", False)
    assert isinstance(block, dict)
    return block["hash"]


def events(capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [line for line in lines if line["event"] == name]


def noise(seed: int) -> bytes:
    """What does not compress."""
    return random.Random(seed).randbytes(95_000)  # noqa: S311


async def test_state_that_is_longer_than_an_answer_may_be_is_dumped_and_loaded(
    settings: GatewaySettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seventy large transactions made the state longer than 16 MiB, and the gateway ended at each write for ever."""
    monkeypatch.setattr(ipc, "LONGEST_ANSWER", 256 * 1024)
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, connection):
        for nonce in range(6):
            assert "result" in await send(gateway, nonce, noise(nonce))
            assert not gateway.broken.is_set()
        after = await head(connection)
    assert (settings.state_dir / "chain.snapshot").stat().st_size > 256 * 1024
    assert not events(capsys, "snapshot_not_taken")
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, connection):
        assert await head(connection) == after
        assert not (settings.state_dir / "anvil" / "state.json").exists()
        assert "result" in await send(gateway, 6)
    ready = events(capsys, "chain_ready")
    assert ready[0]["replayed"] == 2


async def test_state_past_every_bound_costs_a_line_and_a_later_try(
    settings: GatewaySettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ipc, "LONGEST_ANSWER", 384 * 1024)
    monkeypatch.setattr(chain_module, "LONGEST_STATE", 512 * 1024)
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, connection):
        for nonce in range(17):
            assert "result" in await send(gateway, nonce, noise(nonce) if nonce < 3 else b"")
            assert not gateway.broken.is_set()
        after = await head(connection)
    told = events(capsys, "snapshot_not_taken")
    # At the 4th record, then twice as far apart: at the 8th and at the 16th.
    assert [one["records"] for one in told] == [4, 8, 16]
    assert "524288 bytes" in told[0]["problem"]
    for nonce in (17, 18):
        async with open_gateway(settings, MachineClock(), Limits()) as (gateway, connection):
            assert await head(connection) == after
            assert "result" in await send(gateway, nonce)
            after = await head(connection)
    assert not events(capsys, "snapshot_not_taken")


@pytest.mark.parametrize(
    "problem", [Unavailable(Reason.LEDGER_UNAVAILABLE, "late"), OSError("full"), ValueError("no hexadecimal")]
)
async def test_no_failure_to_take_a_snapshot_stops_a_transaction(
    settings: GatewaySettings, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    async def fail(_: Chain) -> bytes:
        raise problem

    monkeypatch.setattr(Chain, "dump", fail)
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, _):
        for nonce in range(9):
            assert "result" in await send(gateway, nonce)
        assert not gateway.broken.is_set()


async def test_snapshots_stand_further_apart_as_the_journal_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes as long as all that came before: at a fixed distance a long journal would do nothing else."""
    taken: list[int] = []

    async def nothing(_: Chain) -> bytes:
        return b""

    monkeypatch.setattr(Chain, "dump", nothing)
    monkeypatch.setattr(
        "ledger.embedded.shortcut.save_snapshot", lambda _, snapshot: taken.append(snapshot.records)
    )
    chain = Chain.__new__(Chain)
    chain.head = chain_module.Head(0, bytes(32), 0)
    shortcut = Shortcut(tmp_path / "none", 10, 0, lambda _, problem: pytest.fail(problem))
    for records in range(2000):
        if records % 7 == 0:  # Started again: what is due does not depend on how often.
            shortcut = Shortcut(tmp_path / "none", 10, records, lambda _, problem: pytest.fail(problem))
        await shortcut.take_if_due(chain, records)
    assert taken[:4] == [10, 20, 30, 40]
    assert taken[-2:] == [1840, 1920]
    assert len(taken) == len(set(taken)) < 80


def test_snapshot_that_the_disk_does_not_take_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal needs the room more."""

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("ledger.embedded.snapshot.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        snapshot.save_snapshot(tmp_path / "chain.snapshot", snapshot.Snapshot(1, bytes(32), b"x" * 1000))
    assert list(tmp_path.iterdir()) == []


async def test_an_answer_within_its_own_bound_arrives_whole_beside_others(
    settings: GatewaySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_gateway(settings, MachineClock(), Limits()) as (gateway, connection):
        assert "result" in await send(gateway, 0, noise(0))
        monkeypatch.setattr(ipc, "LONGEST_ANSWER", 4 * 1024)
        connection._reader._limit = 4 * 1024  # type: ignore[attr-defined]  # as opened with the bound above
        long, number, refused = await asyncio.gather(
            connection.call("anvil_dumpState", longest=1 << 20),
            connection.call("eth_blockNumber"),
            connection.call("eth_getBlockByNumber", "0x1", True),
        )
        assert len(str(long.result)) > 100_000
        assert number.result == "0x1"
        assert refused.error is not None
        assert "4096 bytes" in str(refused.error["message"])
