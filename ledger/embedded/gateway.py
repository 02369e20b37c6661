"""Who may ask the chain what, and how a transaction gets in.

Reads are an allow-list (``ledger.embedded.reads``), and ``eth_sendRawTransaction`` is the one that writes; everything
else, above all what lets a caller rewrite the chain (``anvil_*``, ``evm_*``, ``hardhat_*``, ``debug_*``,
``eth_sendTransaction``), answers -32601 (JSON-RPC 2.0 section 5.1). A transaction is checked against every rule of a
block, then journaled and synced before the chain sees it, one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, cast

from ledger.embedded.chain import Chain, Mined, Refused
from ledger.embedded.ipc import CALL_TIMEOUT, Answer, IpcConnection, Json
from ledger.embedded.journal import LONGEST_TRANSACTION, Entry, Journal, JournalFull
from ledger.embedded.reads import READS, CallRefused, Code, read_octets, refused
from ledger.embedded.shortcut import Shortcut
from ledger.embedded.transactions import Offered, Unmineable, read_transaction
from passport import strict_json
from passport.clock import Clock, to_epoch
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Unavailable

SEND: Final = "eth_sendRawTransaction"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one caller may ask at once, and how much all of them."""

    body_bytes: int = 1024 * 1024
    body_seconds: float = 10.0
    batch: int = 100
    batch_seconds: float = 30.0
    depth: int = 16
    answer_bytes: int = 16 * 1024 * 1024
    simulations: int = 4
    """How many calls may run contracts at once: each may take half a second of a processor, an estimate several."""
    reads: int = 32
    wait_seconds: float = 15.0
    """How long a call waits for its turn; the answer is then that the gateway is busy."""


def _error(call_id: Json, code: int, message: str) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": call_id, "error": {"code": int(code), "message": message}}


def _encoded(reply: Json) -> bytes:
    return json.dumps(reply, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class _Request:
    """A request as JSON-RPC 2.0 section 4 has it; without an id it is a notification, which gets no answer at all."""

    method: str
    parameters: list[Json]
    call_id: Json
    notifies: bool


def _request(value: Json) -> _Request:
    """Read one request. ``null`` is an id like any other, if an odd one; a boolean is none."""
    if not isinstance(value, dict):
        raise CallRefused(Code.INVALID_REQUEST, "expected a request, an object")
    call_id = value.get("id")
    if isinstance(call_id, bool) or not isinstance(call_id, str | int | float | None):
        raise CallRefused(Code.INVALID_REQUEST, "expected an id that is text, a number or null")
    method, parameters = value.get("method"), value.get("params", [])
    if value.get("jsonrpc") != "2.0" or not isinstance(method, str) or not isinstance(parameters, list):
        raise CallRefused(Code.INVALID_REQUEST, "expected jsonrpc 2.0, a method and a list of params")
    return _Request(method, parameters, call_id, notifies="id" not in value)


def _id_of(value: Json) -> Json:
    """The id that an answer to an invalid request bears: its own if it has one of the right form, else null."""
    call_id = value.get("id") if isinstance(value, dict) else None
    return call_id if isinstance(call_id, str | int | float) and not isinstance(call_id, bool) else None


class Gateway:
    """The only way to the chain."""

    def __init__(
        self,
        connection: IpcConnection,
        chain: Chain,
        journal: Journal,
        clock: Clock,
        limits: Limits,
        *,
        earliest: int,
        shortcut: Shortcut,
    ) -> None:
        """Take a chain that stands where its journal ends, and whose clock was set to ``earliest``."""
        self._connection = connection
        self._chain = chain
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self._earliest = earliest
        self._shortcut = shortcut
        self._one_at_a_time = asyncio.Lock()
        self._simulations = asyncio.Semaphore(limits.simulations)
        self._reads = asyncio.Semaphore(limits.reads)
        self.broken = asyncio.Event()

    @property
    def block_number(self) -> int:
        """The newest block's number."""
        return self._chain.head.number

    async def answer(self, body: bytes) -> bytes | None:
        """The answer to a request or a batch, or nothing where only notifications came; never raises for what a caller sent."""
        try:
            # What anvil cannot read (NaN, half a character) it would answer with silence.
            limits = strict_json.Limits(size=self._limits.body_bytes, depth=self._limits.depth)
            message = cast("Json", strict_json.loads(body, limits))
        except Malformed as malformed:
            return _encoded(_error(None, Code.PARSE_ERROR, str(malformed)))
        if not isinstance(message, list):
            return await self._one(message)
        if not 1 <= len(message) <= self._limits.batch:
            problem = f"expected a batch of 1 to {self._limits.batch} requests, got {len(message)}"
            return _encoded(_error(None, Code.LIMIT_EXCEEDED if message else Code.INVALID_REQUEST, problem))
        return await self._batch(message)

    async def _batch(self, requests: list[Json]) -> bytes | None:
        """One after another, until their answers are too long or take too long together; the rest is told so."""
        until, size = monotonic() + self._limits.batch_seconds, 0
        replies: list[bytes] = []
        for request in requests:
            if size > self._limits.answer_bytes or monotonic() > until:
                problem = "the answers before this one were too long together, or took too long"
                replies.append(_encoded(_error(_id_of(request), Code.LIMIT_EXCEEDED, problem)))
                continue
            reply = await self._one(request)
            if reply is not None:
                replies.append(reply)
                size += len(reply)
        return b"[" + b",".join(replies) + b"]" if replies else None

    async def _one(self, value: Json) -> bytes | None:
        try:
            request = _request(value)
        except CallRefused as problem:
            return _encoded(_error(_id_of(value), problem.code, str(problem)))
        try:
            outcome = await self._carry_out(request)
        except CallRefused as problem:
            outcome = {"error": {"code": int(problem.code), "message": str(problem)}}
        except Unavailable as unavailable:
            outcome = {"error": {"code": int(Code.RESOURCE_UNAVAILABLE), "message": str(unavailable)}}
        return None if request.notifies else _encoded({"jsonrpc": "2.0", "id": request.call_id, **outcome})

    async def _carry_out(self, request: _Request) -> dict[str, Json]:
        if request.method == SEND:
            return await self._send(request.parameters)
        read = READS.get(request.method)
        if read is None:
            raise CallRefused(Code.METHOD_NOT_FOUND, f"this gateway does not offer {request.method[:64]}")
        read.require(request.parameters, self._chain.head.number)
        slots = self._simulations if read.simulates else self._reads
        answer = await self._in_turn(slots, request.method, read.bounded(request.parameters))
        return {"result": answer.result} if answer.error is None else {"error": answer.error}

    async def _in_turn(self, slots: asyncio.Semaphore, method: str, parameters: list[Json]) -> Answer:
        """Ask the chain when it is this call's turn. A place is free again when the chain has answered, and not before."""
        try:
            async with asyncio.timeout(self._limits.wait_seconds):
                await slots.acquire()
        except TimeoutError:
            raise CallRefused(Code.LIMIT_EXCEEDED, "the gateway is busy: try again") from None
        asked = asyncio.create_task(self._connection.call(method, *parameters))
        asked.add_done_callback(lambda done: _give_back(slots, done))
        async with _in_time():
            return await asyncio.shield(asked)

    async def _send(self, parameters: list[Json]) -> dict[str, Json]:
        transaction = _signed_bytes(parameters)
        try:
            offered = read_transaction(transaction, self._journal.genesis.chain_id)
            # A caller that hangs up must not stop this half-way, nor let the next one in before it is done.
            outcome = await asyncio.shield(self._journal_and_apply(transaction, offered))
        except Malformed as malformed:
            raise CallRefused(Code.INVALID_PARAMS, str(malformed)) from malformed
        except Unmineable as unmineable:
            raise CallRefused(Code.TRANSACTION_REJECTED, str(unmineable)) from unmineable
        return (
            {"result": outcome.transaction_hash} if isinstance(outcome, Mined) else {"error": outcome.error}
        )

    async def _journal_and_apply(self, transaction: bytes, offered: Offered) -> Mined | Refused:
        async with self._one_at_a_time:
            if self.broken.is_set():
                raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the gateway is stopping")
            # 1. Nothing is written down that a block cannot hold.
            await self._chain.require_takable(offered)
            # Several blocks may share a second; none may be earlier than the one before, whatever the clock does.
            time = max(to_epoch(self._clock.now()), self._chain.head.time, self._earliest)
            await self._shortcut.take_if_due(self._chain, self._journal.records)
            try:
                # 2. Written down, and on the disk.
                self._journal.append(Entry(time, self._chain.head.hash, transaction))
                # 3. Only now the chain sees it.
                return await self._chain.apply(transaction, time)
            except JournalFull:
                raise
            except PassportError:
                # Neither known to be in nor known to be out: only a new start, which replays, can tell.
                self.broken.set()
                raise


def _give_back(slots: asyncio.Semaphore, done: asyncio.Task[Answer]) -> None:
    slots.release()
    if not done.cancelled():
        done.exception()  # Its caller may have gone: then nobody else asks how it ended.


@contextlib.asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(CALL_TIMEOUT):
            yield
    except TimeoutError:
        raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the chain does not answer") from None


def _signed_bytes(parameters: list[Json]) -> bytes:
    text = parameters[0] if len(parameters) == 1 else None
    octets = read_octets(text, LONGEST_TRANSACTION)
    if octets is None:
        raise refused(
            f"expected one signed transaction of at most {LONGEST_TRANSACTION} bytes, as 0x and hexadecimal"
        )
    return octets


async def replay(chain: Chain, entries: Sequence[Entry]) -> None:
    """Bring a chain to where a journal ends, by the entries that it has not seen.

    Raises:
        Misconfigured: the chain takes another way than it took then.
    """
    for entry in entries:
        if entry.parent != chain.head.hash:
            raise Misconfigured(
                f"replaying the journal: expected block {chain.head.number} to be {entry.parent.hex()[:16]}…, got "
                f"{chain.head.hash.hex()[:16]}…; is this the chain binary of package-lock.json?"
            )
        await chain.apply(entry.transaction, entry.time)
