"""Wires the gateway and serves it until it is told to stop, or the chain is lost."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import signal
import socket
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final

import uvicorn

from ledger.embedded.chain import Chain
from ledger.embedded.gateway import Gateway, Limits, replay
from ledger.embedded.http import GatewayApp
from ledger.embedded.ipc import IpcConnection
from ledger.embedded.journal import Genesis, Journal
from ledger.embedded.process import HARDFORK, SOCKET_NAME, ChainProcess, start_chain
from ledger.embedded.settings import GatewaySettings
from ledger.embedded.shortcut import Shortcut
from ledger.embedded.snapshot import Snapshot, read_snapshot
from passport.clock import Clock, to_epoch
from passport.errors import Misconfigured, Unavailable
from service.connections import ConnectionLimits, within_descriptors
from service.http_protocol import bounded_protocol

HOST: Final = "127.0.0.1"
_START_TIMEOUT: Final = 15.0
_LOAD_TIMEOUT: Final = 60.0
_UNUSABLE: Final = (Misconfigured, Unavailable, OSError, EOFError, zlib.error)
"""What may come of a snapshot that is no good. The whole journal then decides, and says what is wrong if it is the journal."""
_DRAIN_SECONDS: Final = 5
_BACKLOG: Final = 1024
_IDLE_SECONDS: Final = 75.0
"""A reader of the ledger keeps its connections; where places are wanted, the longest idle ones give way."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)


class _Server(uvicorn.Server):
    """uvicorn, with signals left to us: it would raise them again and end the process before the chain is stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def say(event: str, **fields: str | int | bool) -> None:
    """One line of JSON on standard error; only numbers, flags and texts of ours go in."""
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201 - the gateway's log


def _snapshot_not_taken(records: int, problem: str) -> None:
    say(
        "snapshot_not_taken",
        records=records,
        problem=problem,
        hint="nothing is lost: the next start replays more",
    )


def server_config(app: GatewayApp) -> uvicorn.Config:
    """How the gateway is served: under the same limits of connections as every service."""
    connections = within_descriptors(ConnectionLimits(idle_seconds=_IDLE_SECONDS))
    return uvicorn.Config(
        app,
        http=bounded_protocol(
            connections, lambda reason, count: say("connections_ended", reason=reason, count=count)
        ),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def bind(port: int) -> socket.socket:
    """The listening socket, taken before anything else starts.

    Raises:
        Misconfigured: the port is taken.
    """
    # With the protocol named, the event loop sets TCP_NODELAY on what it accepts; else each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError as taken:
        listener.close()
        raise Misconfigured(
            f"expected port {port} of {HOST} to be free, it is taken ({taken.strerror}); "
            "stop what uses it or set LEDGER_PORT"
        ) from taken
    return listener


@contextlib.asynccontextmanager
async def open_gateway(
    settings: GatewaySettings, clock: Clock, limits: Limits
) -> AsyncIterator[tuple[Gateway, IpcConnection]]:
    """A gateway over a chain that stands where the journal in ``settings.state_dir`` ends.

    Raises:
        Misconfigured: a missing binary, a held or damaged journal, a chain that does not start.
    """
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    genesis = Genesis(settings.chain_id, to_epoch(clock.now()), HARDFORK)
    journal = Journal.open(settings.state_dir / "chain.journal", genesis)
    with contextlib.closing(journal):
        began = monotonic()
        if journal.torn_bytes:
            say("journal_tail_put_aside", bytes=journal.torn_bytes)
        path = settings.state_dir / "chain.snapshot"
        async with _standing_chain(settings, journal, read_snapshot(path)) as (connection, chain, loaded):
            # Replaying set the chain's clock to the last block's; what it simulates must have today's time.
            today = max(to_epoch(clock.now()), chain.head.time)
            await connection.result("evm_setTime", today)
            say(
                "chain_ready",
                chain_id=journal.genesis.chain_id,
                block=chain.head.number,
                replayed=journal.records - loaded,
                milliseconds=int((monotonic() - began) * 1000),
            )
            shortcut = Shortcut(path, settings.snapshot_every, journal.records, _snapshot_not_taken)
            yield (
                Gateway(connection, chain, journal, clock, limits, earliest=today, shortcut=shortcut),
                connection,
            )


@contextlib.asynccontextmanager
async def _standing_chain(
    settings: GatewaySettings, journal: Journal, snapshot: Snapshot | None
) -> AsyncIterator[tuple[IpcConnection, Chain, int]]:
    """A chain that stands where the journal ends, and how many of its records a snapshot saved from replaying."""
    if snapshot is not None and snapshot.follows(journal.recovered):
        async with contextlib.AsyncExitStack() as attempt:
            try:
                # In another thread: a state has megabytes.
                state = await asyncio.to_thread(gzip.decompress, snapshot.state)
                loaded = _running_chain(settings, journal, state)
                connection, chain = await attempt.enter_async_context(loaded)
                fits = await _caught_up(chain, journal, snapshot)
            except _UNUSABLE:
                fits = False
            if fits:
                yield connection, chain, snapshot.records
                return
        say("snapshot_not_used", records=snapshot.records)
    async with _running_chain(settings, journal) as (connection, chain):
        await replay(chain, journal.recovered)
        yield connection, chain, 0


async def _caught_up(chain: Chain, journal: Journal, snapshot: Snapshot) -> bool:
    """Whether the chain that a snapshot was loaded into came to the journal's end."""
    if chain.head.hash != snapshot.head or not await chain.holds_its_state():
        return False
    await replay(chain, journal.recovered[snapshot.records :])
    return True


@contextlib.asynccontextmanager
async def _running_chain(
    settings: GatewaySettings, journal: Journal, state: bytes | None = None
) -> AsyncIterator[tuple[IpcConnection, Chain]]:
    """A chain at the journal's genesis, or with a state of later."""
    folder = settings.state_dir / "anvil"
    process = start_chain(settings.anvil, folder, journal.genesis, state=state)
    try:
        if not process.isolated:
            say(
                "chain_not_isolated",
                warning="namespaces are not allowed here: anvil's TCP port is open on loopback",
            )
        connection = await _connect(process, folder, _START_TIMEOUT if state is None else _LOAD_TIMEOUT)
        process.forget_state()
        try:
            yield connection, await Chain.open(connection)
        finally:
            await connection.close()
    finally:
        process.stop()


async def _connect(process: ChainProcess, folder: Path, seconds: float) -> IpcConnection:
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if process.process.poll() is not None:
            raise Misconfigured(f"the chain's binary ended at once: {process.last_words()}")
        with contextlib.suppress(OSError):
            return await IpcConnection.connect(folder, SOCKET_NAME)
        await asyncio.sleep(0.01)
    raise Misconfigured(f"the chain's binary opened no socket within {seconds:.0f} s")


async def serve(settings: GatewaySettings) -> int:
    """Serve until SIGINT or SIGTERM (exit code 0) or until the chain is lost (exit code 1).

    Raises:
        Misconfigured: it cannot start; the message says why.
    """
    limits = Limits()
    with bind(settings.port) as listener:
        async with open_gateway(settings, SystemClock(), limits) as (gateway, connection):
            server = _Server(server_config(GatewayApp(gateway, limits)))
            loop = asyncio.get_running_loop()

            def stop() -> None:
                server.should_exit = True

            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop)
            losses = [asyncio.create_task(connection.lost()), asyncio.create_task(gateway.broken.wait())]
            for loss in losses:
                loss.add_done_callback(lambda _: stop())
            say("listening", host=HOST, port=listener.getsockname()[1])
            await server.serve(sockets=[listener])
            lost = any(loss.done() for loss in losses)
            for loss in losses:
                loss.cancel()
        if lost:
            say("chain_lost", hint="start again: the journal holds everything that was acknowledged")
            return 1
        say("stopped")
        return 0
