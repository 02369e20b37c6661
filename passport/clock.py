"""Time, randomness: handed in, never taken.

The real ones come from each process's ``wiring.py``; tests hand in fixed ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from passport.errors import Malformed


class Clock(Protocol):
    """Tells the time of day."""

    def now(self) -> datetime:
        """The time, timezone-aware, in UTC."""
        ...


class Entropy(Protocol):
    """Gives unpredictable bytes."""

    def token(self, size: int) -> bytes:
        """``size`` bytes from a cryptographically secure source."""
        ...


def to_epoch(moment: datetime) -> int:
    """Whole seconds since 1970-01-01T00:00:00Z (a JWT NumericDate without fraction, RFC 7519 section 2).

    Raises:
        ValueError: ``moment`` carries no timezone.
    """
    if moment.tzinfo is None:
        raise ValueError("expected an aware datetime, got one without a timezone")
    return int(moment.timestamp() // 1)


def from_epoch(seconds: float) -> datetime:
    """The aware UTC datetime of seconds since the epoch, whole or with a fraction (RFC 7519 section 2, NumericDate).

    Raises:
        Malformed: the time lies outside the years 1 to 9999; a number in a token may be any.
    """
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Malformed("expected a time in seconds since 1970, within the years 1 to 9999") from error
