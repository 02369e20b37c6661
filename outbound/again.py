"""Asking again while a party is away for a moment: a restart must not become a doubt that a person has to settle.

Bounded by when the party was first found away, not by who asks: a restart costs everybody a few seconds, and an outage of
an hour costs nobody anything more, since from then on each asks once until one is answered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from passport.errors import Reason, Unavailable

T = TypeVar("T")

AWAY_SECONDS: Final = 4.0
"""A service of ours is up again within three."""
_PAUSE: Final = 0.2


class AskAgain:
    """Of one party; safe to share among threads."""

    def __init__(
        self,
        seconds: float = AWAY_SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._away_since: float | None = None

    def __call__(self, ask: Callable[[], T]) -> T:
        """The answer of ``ask``, which must be safe to repeat.

        Raises:
            Unavailable: the party was away for too long; whatever else ``ask`` raises is raised at once.
        """
        while True:
            began = self._clock()
            try:
                answer = ask()
            except Unavailable as error:
                if not _is_away(error) or self._for_too_long(began):
                    raise
                self._sleep(_PAUSE)
            else:
                with self._lock:
                    self._away_since = None
                return answer

    def _for_too_long(self, began: float) -> bool:
        with self._lock:
            if self._away_since is None:
                self._away_since = began
            return self._clock() + _PAUSE - self._away_since > self._seconds


def _is_away(error: BaseException | None) -> bool:
    """Whether it comes of a party that did not answer, whatever a client of ours made of that."""
    while error is not None:
        if isinstance(error, Unavailable) and error.reason is Reason.UPSTREAM_UNAVAILABLE:
            return True
        error = error.__cause__
    return False
