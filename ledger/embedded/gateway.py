"""Who may ask the chain what, and how a transaction gets in.

An allow-list of reads, and ``eth_sendRawTransaction``; everything else, above all what lets a caller rewrite the chain
(``anvil_*``, ``evm_*``, ``hardhat_*``, ``debug_*``, ``eth_sendTransaction``), answers -32601 (JSON-RPC 2.0 section 5.1).
A transaction is journaled and synced before the chain sees it, one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, cast

from ledger.embedded.chain import Chain, Mined, Refused
from ledger.embedded.ipc import IpcConnection, Json
from ledger.embedded.journal import LONGEST_TRANSACTION, Entry, Journal, JournalFull
from ledger.embedded.snapshot import Snapshot, save_snapshot
from passport import strict_json
from passport.clock import Clock, to_epoch
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Unavailable

SEND: Final = "eth_sendRawTransaction"
READS: Final = frozenset(
    {
        "eth_accounts",
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getBlockReceipts",
        "eth_getBlockTransactionCountByHash",
        "eth_getBlockTransactionCountByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getProof",
        "eth_getStorageAt",
        "eth_getTransactionByBlockHashAndIndex",
        "eth_getTransactionByBlockNumberAndIndex",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
        "eth_syncing",
        "net_listening",
        "net_version",
        "web3_clientVersion",
        "web3_sha3",
    }
)


_SIMULATIONS: Final = frozenset({"eth_call", "eth_estimateGas"})
_CALL_AND_BLOCK: Final = 2
_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_TYPES: Final = frozenset({1, 2})  # EIP-2718 types; blobs and set-code transactions have no use here.
_RLP_LIST: Final = 0xC0  # A legacy transaction is a bare RLP list.


class Code(IntEnum):
    """JSON-RPC 2.0 error codes (section 5.1), and two of EIP-1474."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    RESOURCE_UNAVAILABLE = -32002
    LIMIT_EXCEEDED = -32005


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one caller may ask at once."""

    body_bytes: int = 1024 * 1024
    batch: int = 100
    parameters: int = 8
    depth: int = 16
    simulated_gas: int = 30_000_000
    """A call that costs more could keep the chain's processor busy for days; this is a block's whole gas."""


class _CallRefused(Exception):
    """This call will not be carried out."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def _error(call_id: Json, code: int, message: str) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": call_id, "error": {"code": int(code), "message": message}}


class Shortcut:
    """Snapshots now and then, so that a start need not replay everything."""

    def __init__(self, path: Path, every: int, taken_at: int) -> None:
        """Snapshots go to ``path``, ``every`` so many records; the last was taken after ``taken_at``."""
        self._path = path
        self._every = every
        self._taken_at = taken_at

    async def take_if_due(self, chain: Chain, records: int) -> None:
        """Take one, if it is time. Before a record is written: that record then vouches for the snapshot's head."""
        if records - self._taken_at < self._every:
            return
        self._taken_at = records
        state = await chain.dump()
        # A full disk costs the shortcut and nothing else.
        with contextlib.suppress(OSError):
            await asyncio.to_thread(save_snapshot, self._path, Snapshot(records, chain.head.hash, state))


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
        self.broken = asyncio.Event()

    @property
    def block_number(self) -> int:
        """The newest block's number."""
        return self._chain.head.number

    async def answer(self, body: bytes) -> bytes:
        """The answer to a request or a batch; never raises for what a caller sent."""
        try:
            # What anvil cannot read (NaN, half a character) it would answer with silence.
            limits = strict_json.Limits(size=self._limits.body_bytes, depth=self._limits.depth)
            message = cast("Json", strict_json.loads(body, limits))
        except Malformed as malformed:
            return json.dumps(_error(None, Code.PARSE_ERROR, str(malformed))).encode()
        reply: Json
        if isinstance(message, list):
            if not 1 <= len(message) <= self._limits.batch:
                problem = f"expected a batch of 1 to {self._limits.batch} requests, got {len(message)}"
                reply = _error(None, Code.LIMIT_EXCEEDED if message else Code.INVALID_REQUEST, problem)
            else:
                reply = [await self._one(request) for request in message]
        else:
            reply = await self._one(message)
        return json.dumps(reply, separators=(",", ":")).encode()

    async def _one(self, request: Json) -> dict[str, Json]:
        call_id = request.get("id") if isinstance(request, dict) else None
        if not isinstance(call_id, str | int):
            call_id = None
        try:
            outcome = await self._carry_out(*self._permitted(request))
        except _CallRefused as refused:
            outcome = {"error": {"code": int(refused.code), "message": str(refused)}}
        except Unavailable as unavailable:
            outcome = {"error": {"code": int(Code.RESOURCE_UNAVAILABLE), "message": str(unavailable)}}
        return {"jsonrpc": "2.0", "id": call_id, **outcome}

    def _permitted(self, request: Json) -> tuple[str, list[Json]]:
        """The method and parameters of a request that may be carried out."""
        if not isinstance(request, dict) or not isinstance(request.get("id"), str | int):
            raise _CallRefused(Code.INVALID_REQUEST, "expected a request whose id is text or a whole number")
        method, parameters = request.get("method"), request.get("params", [])
        if request.get("jsonrpc") != "2.0" or not isinstance(method, str) or not isinstance(parameters, list):
            raise _CallRefused(Code.INVALID_REQUEST, "expected jsonrpc 2.0, a method and a list of params")
        if method not in READS and method != SEND:
            raise _CallRefused(Code.METHOD_NOT_FOUND, f"this gateway does not offer {method[:64]}")
        if len(parameters) > self._limits.parameters:
            raise _CallRefused(Code.INVALID_PARAMS, f"expected at most {self._limits.parameters} params")
        if method in _SIMULATIONS:
            self._require_modest(parameters)
        return method, parameters

    def _require_modest(self, parameters: list[Json]) -> None:
        """A simulation within a block's gas, on the chain's own state."""
        if len(parameters) > _CALL_AND_BLOCK:
            raise _CallRefused(Code.INVALID_PARAMS, "expected a call and a block, got overrides too")
        call = parameters[0] if parameters else None
        gas = call.get("gas") if isinstance(call, dict) else None
        if gas is None:
            return
        if (
            not isinstance(gas, str)
            or not _QUANTITY.fullmatch(gas)
            or int(gas, 16) > self._limits.simulated_gas
        ):
            raise _CallRefused(Code.INVALID_PARAMS, f"expected at most {self._limits.simulated_gas} gas")

    async def _carry_out(self, method: str, parameters: list[Json]) -> dict[str, Json]:
        if method != SEND:
            answer = await self._connection.call(method, *parameters)
            return {"result": answer.result} if answer.error is None else {"error": answer.error}
        transaction = _signed_bytes(parameters)
        # A caller that hangs up must not stop this half-way, nor let the next one in before it is done.
        outcome = await asyncio.shield(self._journal_and_apply(transaction))
        return (
            {"result": outcome.transaction_hash} if isinstance(outcome, Mined) else {"error": outcome.error}
        )

    async def _journal_and_apply(self, transaction: bytes) -> Mined | Refused:
        async with self._one_at_a_time:
            if self.broken.is_set():
                raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the gateway is stopping")
            # Several blocks may share a second; none may be earlier than the one before, whatever the clock does.
            time = max(to_epoch(self._clock.now()), self._chain.head.time, self._earliest)
            try:
                await self._shortcut.take_if_due(self._chain, self._journal.records)
                # 1. Written down, and on the disk.
                self._journal.append(Entry(time, self._chain.head.hash, transaction))
                # 2. Only now the chain sees it.
                return await self._chain.apply(transaction, time)
            except JournalFull:
                raise
            except PassportError:
                # Neither known to be in nor known to be out: only a new start, which replays, can tell.
                self.broken.set()
                raise


def _signed_bytes(parameters: list[Json]) -> bytes:
    expected = (
        f"expected one signed transaction of at most {LONGEST_TRANSACTION} bytes, as 0x and hexadecimal"
    )
    text = parameters[0] if len(parameters) == 1 else None
    if not isinstance(text, str) or not text.startswith("0x") or len(text) > 2 + 2 * LONGEST_TRANSACTION:
        raise _CallRefused(Code.INVALID_PARAMS, expected)
    try:
        transaction = bytes.fromhex(text[2:])
    except ValueError:
        raise _CallRefused(Code.INVALID_PARAMS, expected) from None
    if not transaction or not (transaction[0] in _TYPES or transaction[0] >= _RLP_LIST):
        raise _CallRefused(Code.INVALID_PARAMS, "expected a legacy, EIP-2930 or EIP-1559 transaction")
    return transaction


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
