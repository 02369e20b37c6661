"""Work beside the requests: checks of received answers, and things done on a clock.

A check runs in a thread of its own pool, so that one that waits for an anchor delays no other. Whatever was received
and not settled is begun again when the process starts (fault F07). How long an answer that came now would wait is known at
any time, so that no more are taken than can be decided while they are fresh. Leaves out what a check does.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from passport.errors import PassportError
from service.logs import log_event

logger = logging.getLogger(__name__)

_CHECKS_AT_ONCE = 8
_FIRST_GUESS = 0.05
_WEIGHT = 0.1
"""Of a new measurement against the mean of those before."""


class CheckWorker:
    """Runs one check for each application; an application is never checked twice at the same time."""

    def __init__(
        self,
        check: Callable[[str], None],
        unsettled: Callable[[], Sequence[str]],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._unsettled = unsettled
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(_CHECKS_AT_ONCE, thread_name_prefix="check")
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._each = _FIRST_GUESS
        self._last_begun = seconds()

    def submit(self, application_id: str) -> None:
        """Check this application soon; nothing happens if it is being checked."""
        with self._lock:
            if application_id in self._running:
                return
            self._running.add(application_id)
        try:
            self._pool.submit(self._run, application_id)
        except RuntimeError:
            # The process is stopping; the application is durable, and begun again at the next start.
            self._done(application_id)

    def undecided_seconds(self) -> float:
        """How long an answer that came now would wait for its check to begin."""
        with self._lock:
            waiting = len(self._running) - _CHECKS_AT_ONCE
            if waiting < 0:
                return 0.0
            # Where no check could begin for a while, as long again: what hangs ends none, and no mean would tell.
            return max(waiting * self._each / _CHECKS_AT_ONCE, self._seconds() - self._last_begun)

    def resume(self) -> None:
        """Begin every check that was not finished: at the start, and on a clock after a failure."""
        for application_id in self._unsettled():
            self.submit(application_id)

    def close(self) -> None:
        """Finish what has begun; what waits is begun again at the next start."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, application_id: str) -> None:
        began = self._seconds()
        with self._lock:
            self._last_begun = began
        try:
            self._check(application_id)
        except Exception as error:  # noqa: BLE001 - a failed check stays pending and is begun again, never a yes
            log_event(logger, "check_failed", level=logging.ERROR, failure=error)
        finally:
            with self._lock:
                self._each += _WEIGHT * (self._seconds() - began - self._each)
            self._done(application_id)

    def _done(self, application_id: str) -> None:
        with self._lock:
            self._running.discard(application_id)


class Nudge:
    """Tells whoever listens that there is something to do before the clock says so."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def give(self) -> None:
        """End the pause that is going on, or the next one."""
        self._event.set()

    def await_for(self, seconds: float) -> None:
        """Pause until nudged, or until the time is over."""
        self._event.wait(seconds)
        self._event.clear()


class Ticker:
    """Does one thing again and again, in a thread of its own, until closed."""

    def __init__(
        self, name: str, seconds: float, work: Callable[[], None], *, nudge: Nudge | None = None
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._work = work
        self._nudge = nudge or Nudge()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, at once."""
        self._thread.start()

    def close(self) -> None:
        """Finish the round that has begun."""
        self._stopping = True
        self._nudge.give()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._work()
            except PassportError as error:
                log_event(logger, "round_failed", level=logging.WARNING, failure=error, kind=self._name)
            except Exception as error:  # noqa: BLE001 - the next round may do better, and readiness shows it
                log_event(logger, "round_broken", level=logging.ERROR, failure=error, kind=self._name)
            self._nudge.await_for(self._seconds)
