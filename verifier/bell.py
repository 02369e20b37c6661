"""Wakes requests that wait for a settlement; rung from the worker's threads, heard in the event loop.

Ringing says only "this one was settled": who waits for it looks again, and nobody else does, since a crowd that looked at
each settlement would read the database as often as it is large. Nothing is lost when nobody waits.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Self

_Entry = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class SettlementBell:
    """``Bell`` for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[_Entry]] = {}

    def ring(self, result_id: str) -> None:
        """Wake everybody who waits for this one."""
        with self._lock:
            waiting = tuple(self._waiting.get(result_id, ()))
        for loop, event in waiting:
            # A loop that closed meanwhile has nobody left to wake.
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def hear(self, result_id: str) -> Hearing:
        """Begin to listen; look at the state after this and before waiting, and no ring is missed."""
        return Hearing(self, result_id)

    def _enter(self, result_id: str, entry: _Entry) -> None:
        with self._lock:
            self._waiting.setdefault(result_id, set()).add(entry)

    def _leave(self, result_id: str, entry: _Entry) -> None:
        with self._lock:
            others = self._waiting.get(result_id, set()) - {entry}
            self._waiting[result_id] = others
            if not others:
                del self._waiting[result_id]


class Hearing:
    """One listener, as a context manager within the event loop."""

    def __init__(self, bell: SettlementBell, result_id: str) -> None:
        self._bell = bell
        self._result_id = result_id
        self._event = asyncio.Event()
        self._entry = (asyncio.get_running_loop(), self._event)

    def __enter__(self) -> Self:
        self._bell._enter(self._result_id, self._entry)  # noqa: SLF001 - the bell's other half
        return self

    def __exit__(self, *_: object) -> None:
        self._bell._leave(self._result_id, self._entry)  # noqa: SLF001 - the bell's other half

    async def wait(self, seconds: float) -> bool:
        """Return at the next ring, or when the time is over; whether it rang."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
