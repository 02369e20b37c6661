"""The real clock and the real randomness, handed in by each process's ``wiring.py``."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> datetime:
        """The time, timezone-aware, in UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """Gives bytes of the operating system's generator."""

    def token(self, size: int) -> bytes:
        """``size`` unpredictable bytes."""
        return secrets.token_bytes(size)
