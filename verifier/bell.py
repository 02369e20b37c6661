"""Wakes requests that wait for a settlement; rung from the worker's threads, heard in the event loop.

Ringing says only "something was settled": who waits looks again. Nothing is lost when nobody waits.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Self


class SettlementBell:
    """``Bell`` for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._lock:
            waiting = tuple(self._waiting)
        for loop, event in waiting:
            # A loop that closed meanwhile has nobody left to wake.
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def hear(self) -> Hearing:
        """Begin to listen; look at the state after this and before waiting, and no ring is missed."""
        return Hearing(self)

    def _enter(self, entry: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        with self._lock:
            self._waiting.add(entry)

    def _leave(self, entry: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        with self._lock:
            self._waiting.discard(entry)


class Hearing:
    """One listener, as a context manager within the event loop."""

    def __init__(self, bell: SettlementBell) -> None:
        self._bell = bell
        self._event = asyncio.Event()
        self._entry = (asyncio.get_running_loop(), self._event)

    def __enter__(self) -> Self:
        self._bell._enter(self._entry)  # noqa: SLF001 - the bell's other half
        return self

    def __exit__(self, *_: object) -> None:
        self._bell._leave(self._entry)  # noqa: SLF001 - the bell's other half

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()
