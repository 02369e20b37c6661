"""Work on a clock: anchoring, tending status lists, reading the hub's stream, forgetting.

Each job has a thread of its own, so that a ledger that hangs stops nothing else. A failure is logged and the next tick
tries again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from passport.errors import PassportError
from service.logs import log_event

logger = logging.getLogger(__name__)

_JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """What is done, and every how many seconds."""

    name: str
    seconds: float
    work: Callable[[], object]


class Background:
    """Runs jobs until stopped."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = tuple(jobs)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every job; the first tick is at once."""
        for job in self._jobs:
            thread = threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let every job finish its tick."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        self._threads.clear()

    def _run(self, job: Job) -> None:
        while True:
            try:
                job.work()
            except (PassportError, OSError) as error:
                log_event(logger, "job_failed", level=logging.WARNING, failure=error, kind=job.name)
            except Exception as error:  # noqa: BLE001 - a bug in one tick must not end anchoring for good
                log_event(logger, "job_broken", level=logging.ERROR, failure=error, kind=job.name)
            if self._stop.wait(job.seconds):
                return
