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
        self._faults = 0
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
        """Each part for itself: one that fails, for whatever reason, keeps neither the others nor the next second."""
        parts = (
            self._tell_lapses,
            self._catch_up,
            self._sessions.tend,
            self._forget_spent,
            self._tell_faults,
        )
        for part in parts:
            try:
                part()
            except PassportError as error:
                log_event(logger, "tending_failed", level=logging.WARNING, failure=error)
            except Exception as error:  # noqa: BLE001 - a bug in one part must not end the query log for good
                log_event(logger, "tending_failed", level=logging.ERROR, failure=error)

    def _tell_lapses(self) -> None:
        told = tell_lapses(self._hub)
        if told:
            log_event(logger, "lapses_told", level=logging.INFO, count=told)

    def _catch_up(self) -> None:
        # A look without the lock is enough: whoever left the graph behind has said so to its caller, and this comes again.
        if self._hub.graph_is_behind:
            with self._hub.ingest:
                self._hub.catch_up()

    def _forget_spent(self) -> None:
        self._spent.forget(at=self._hub.now())

    def _tell_faults(self) -> None:
        """A caught fault hurts nobody, but somebody should mend it."""
        faults = self._hub.flow.faults
        if faults > self._faults:
            log_event(logger, "engine_faults", level=logging.ERROR, count=faults - self._faults)
        self._faults = faults
