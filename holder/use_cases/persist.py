"""Trying again where trying again is safe: a bank that restarts should not be a person's problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from holder.ports import Pause
from passport.errors import Unavailable

_PAUSES: Final = (0.2, 0.5, 1.0)
T = TypeVar("T")


def persist(attempt: Callable[[], T], pause: Pause) -> T:
    """The result of ``attempt``, tried up to four times within two seconds; only for idempotent requests.

    Raises:
        Unavailable: the last attempt's; and whatever else an attempt raises, at once.
    """
    for seconds in _PAUSES:
        try:
            return attempt()
        except Unavailable:
            pause(seconds)
    return attempt()
