"""What the hub does by itself, once a second: nobody asks for it, and nothing waits for it."""

from __future__ import annotations

import logging
import threading
from typing import Final

from fraud_check.callers import SpentTokens
from fraud_check.checks import CheckSessions
from fraud_check.hub import Hub
from fraud_check.use_cases.tell_lapses import tell_lapses
from passport.errors import PassportError
from service.logs import log_event

logger = logging.getLogger(__name__)

TICK_SECONDS: Final = 1.0


class Tending:
    """A thread that looks after the hub until it is stopped."""

    def __init__(
        self, hub: Hub, spent: SpentTokens, sessions: CheckSessions, seconds: float = TICK_SECONDS
    ) -> None:
        self._hub = hub
        self._spent = spent
        self._sessions = sessions
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tending", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until it has."""
        self._stopping.set()
        self._thread.join()
        self._tend()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            self._tend()

    def _tend(self) -> None:
        try:
            told = tell_lapses(self._hub)
            self._sessions.tend()
            self._spent.forget(at=self._hub.now())
        except PassportError as error:
            log_event(logger, "tending_failed", level=logging.WARNING, failure=error)
        else:
            if told:
                log_event(logger, "lapses_told", level=logging.INFO, count=told)
