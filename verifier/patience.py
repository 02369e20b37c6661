"""Waiting a moment for the local follower, by looking again and again at what it knows."""

from __future__ import annotations

import time
from collections.abc import Callable


class ShortPatience:
    """``Patience`` by the monotonic clock: a jump of the wall clock neither cuts it short nor stretches it."""

    def __init__(self, seconds: float, *, pause: float = 0.02) -> None:
        self._seconds = seconds
        self._pause = pause

    def until(self, condition: Callable[[], bool]) -> bool:
        """Whether the condition became true in time; asked at least once, and once more at the end."""
        deadline = time.monotonic() + self._seconds
        while not condition():
            if time.monotonic() >= deadline:
                return False
            time.sleep(self._pause)
        return True
