"""Work on a clock: anchoring, tending status lists, reading the hub's stream, forgetting.

Each job has a thread of its own, so that a ledger that hangs stops nothing else. After a failure the next tick tries
again; failures in a row are logged at the 1st, 2nd, 4th, 8th and so on.
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
        failures = 0
        while True:
            try:
                job.work()
            except (PassportError, OSError) as error:
                failures += 1
                _report(job, failures, error, level=logging.WARNING)
            except Exception as error:  # noqa: BLE001 - a bug in one tick must not end anchoring for good
                failures += 1
                _report(job, failures, error, level=logging.ERROR)
            else:
                if failures:
                    log_event(logger, "job_recovered", level=logging.INFO, kind=job.name, count=failures)
                failures = 0
            if self._stop.wait(job.seconds):
                return


def _report(job: Job, failures: int, error: Exception, *, level: int) -> None:
    """The first failure in a row and then ever more rarely: an hour without the ledger must not fill the disk."""
    if failures & (failures - 1) == 0:
        log_event(logger, "job_failed", level=level, failure=error, kind=job.name, count=failures)
