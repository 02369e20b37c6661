"""Work on a clock: one runner for every service.

Each job has a thread of its own, so that a ledger or a bank that hangs stops nothing else. A job runs at the start, then
after every interval, or sooner when its wake-up is given. Failures in a row lengthen the pause up to a bound and are
logged at the 1st, 2nd, 4th, 8th and so on, since an hour without the ledger must not fill the disk; the first round that
works again says so. Leaves out work that somebody waits for: that is a request's, or a pool's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from passport.errors import PassportError
from service.logs import log_event

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS: Final = 2.0
"""However often a job with a shorter interval has failed: what it waits for must be noticed soon after it is back."""

_JOIN_SECONDS: Final = 5.0
_LONGEST_DOUBLING: Final = 16


class WakeUp:
    """Says that there is something to do before the clock does; given while nobody waits, it is not lost."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def give(self) -> None:
        """End the pause that is going on, or the next one."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Pause until it is given, or until the time is over."""
        self._event.wait(seconds)
        self._event.clear()


@dataclass(frozen=True, slots=True)
class Job:
    """What is done and how often.

    ``last_round`` asks for one more round after the others have stopped, for work that must not be left to the next
    start. A wake-up serves one job: the first that it wakes takes it.
    """

    name: str
    seconds: float
    work: Callable[[], object]
    wake_up: WakeUp | None = None
    last_round: bool = False


class JobRunner:
    """Runs jobs until it is stopped."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._running = tuple(_Running(job) for job in jobs)

    def start(self) -> None:
        """Start every job; the first round is at once."""
        for one in self._running:
            one.thread.start()

    def stop(self) -> None:
        """Let every job finish its round, for some seconds; then those that ask for it have their last round."""
        for one in self._running:
            one.end()
        for one in self._running:
            if one.thread.is_alive():
                one.thread.join(_JOIN_SECONDS)
        for one in self._running:
            if one.job.last_round:
                one.round()


class _Running:
    """One job, its thread and how often it has failed in a row."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.thread = threading.Thread(target=self._run, name=job.name, daemon=True)
        self._wake_up = job.wake_up or WakeUp()
        self._stopping = False
        self._failures = 0

    def end(self) -> None:
        self._stopping = True
        self._wake_up.give()

    def round(self) -> None:
        """Do it once; what goes wrong is logged, and ends neither this job nor another."""
        try:
            self.job.work()
        except (PassportError, OSError) as error:
            self._failed(error, logging.WARNING)
        except Exception as error:  # noqa: BLE001 - a bug in one round must not end the job for good
            self._failed(error, logging.ERROR)
        else:
            if self._failures:
                log_event(
                    logger, "job_recovered", level=logging.INFO, kind=self.job.name, count=self._failures
                )
            self._failures = 0

    def _run(self) -> None:
        while not self._stopping:
            self.round()
            if not self._stopping:
                self._wake_up.wait(pause_after(self._failures, self.job.seconds))

    def _failed(self, error: Exception, level: int) -> None:
        self._failures += 1
        if self._failures & (self._failures - 1) == 0:
            log_event(
                logger, "job_failed", level=level, failure=error, kind=self.job.name, count=self._failures
            )


def pause_after(failures: int, seconds: float) -> float:
    """How long a job pauses after so many failures in a row: its interval, doubled each time, up to a bound."""
    doubled = seconds * 2.0 ** min(max(failures - 1, 0), _LONGEST_DOUBLING)
    return min(doubled, max(seconds, LONGEST_PAUSE_SECONDS))
