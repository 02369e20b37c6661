"""JSON-RPC to anvil over its Unix socket: one connection, many calls under way, answers matched by id."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from passport.errors import Reason, Unavailable

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

LONGEST_ANSWER: Final = 16 * 1024 * 1024
LONGEST_STATE: Final = 256 * 1024 * 1024
"""What the whole state may have, as hexadecimal: about 200,000 of the house's transactions. Past it no snapshot is taken."""
CALL_TIMEOUT: Final = 20.0
"""How long a caller waits for a read."""
_LOST_SECONDS: Final = 120.0
"""How long a call may take at all: a block on a busy machine is late, and not lost."""
_TOO_LONG: Final = -32005
_ID: Final = re.compile(rb'"id":\s*(\d{1,18})[,}]')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to: its result, or the chain's own error object."""

    result: Json = None
    error: dict[str, Json] | None = None


class IpcConnection:
    """A connection to the chain. Once lost it stays lost: the gateway ends and the next start replays."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use ``connect`` instead."""
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._longer: dict[int, int] = {}
        self._next_id = 0
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, folder: Path, name: str) -> IpcConnection:
        """Connect to the socket ``name`` in ``folder``.

        By way of a descriptor: a socket's path may have 108 bytes, and a state folder may lie deeper than that.
        """
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            path = f"/proc/self/fd/{descriptor}/{name}"
            reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_ANSWER)
        finally:
            os.close(descriptor)
        return cls(reader, writer)

    async def call(self, method: str, *parameters: Json, longest: int | None = None) -> Answer:
        """Ask the chain. ``longest`` is for the gateway's own questions, whose answers may be longer than a caller's.

        Raises:
            Unavailable: the chain is gone, or does not answer.
        """
        if self._listener.done():
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the chain has gone")
        self._next_id += 1
        call_id = self._next_id
        request = {"jsonrpc": "2.0", "id": call_id, "method": method, "params": list(parameters)}
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = future
        if longest is not None:
            self._longer[call_id] = longest
        try:
            self._writer.write(json.dumps(request, separators=(",", ":")).encode() + b"\n")
            return await asyncio.wait_for(future, _LOST_SECONDS)
        except (TimeoutError, ConnectionError) as failed:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the chain does not answer") from failed
        finally:
            self._waiting.pop(call_id, None)
            self._longer.pop(call_id, None)

    async def result(self, method: str, *parameters: Json, longest: int | None = None) -> Json:
        """The result of a call that must succeed.

        Raises:
            Unavailable: it did not.
        """
        answer = await self.call(method, *parameters, longest=longest)
        if answer.error is not None:
            raise Unavailable(
                Reason.LEDGER_UNAVAILABLE, f"the chain refused {method}: {answer.error.get('message')}"
            )
        return answer.result

    async def _listen(self) -> None:
        try:
            while True:
                try:
                    line = await self._reader.readuntil()
                except asyncio.LimitOverrunError as overrun:
                    await self._take_long(overrun.consumed)
                    continue
                self._take(line)
        except asyncio.IncompleteReadError:
            return
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(Unavailable(Reason.LEDGER_UNAVAILABLE, "the chain has gone"))

    def _take(self, line: bytes | bytearray) -> None:
        message = json.loads(line)
        self._hand_over(message.get("id"), Answer(message.get("result"), message.get("error")))

    async def _take_long(self, arrived: int) -> None:
        """Read a long answer to its end, and keep it only if its caller may have so much: all the others wait."""
        piece = await self._reader.readexactly(arrived)
        found = _ID.search(piece[:128])
        call_id = int(found[1]) if found else None
        bound = self._longer.get(call_id, 0) if call_id is not None else 0
        kept, ended = bytearray(), False
        while True:
            if len(kept) + len(piece) <= bound:
                kept += piece
            else:
                bound = 0
                kept.clear()
            if ended:
                break
            try:
                piece = await self._reader.readuntil()
                ended = True
            except asyncio.LimitOverrunError as more:
                piece = await self._reader.readexactly(more.consumed)
        if kept:
            self._take(kept)
        elif call_id is not None:
            most = self._longer.get(call_id, LONGEST_ANSWER)
            message = f"the answer has more than {most} bytes: ask for less at once"
            self._hand_over(call_id, Answer(error={"code": _TOO_LONG, "message": message}))

    def _hand_over(self, call_id: int, answer: Answer) -> None:
        waiting = self._waiting.get(call_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def lost(self) -> None:
        """Wait until the connection is lost."""
        with contextlib.suppress(Exception):
            await asyncio.shield(self._listener)

    async def close(self) -> None:
        """Hang up."""
        self._listener.cancel()
        self._writer.close()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._listener
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
