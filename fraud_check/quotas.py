"""Quotas and alarms: how much a caller may ask, and what a person at the hub should look at.

Evaluations are counted durably per day, since the hub cannot see whose number it evaluates. Questions, checks and traces are
counted in memory per minute. One alarm per caller and kind and day is enough to be seen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fraud_check.storage.counters import Budget, spend, writes_alarm
from fraud_check.storage.facts import microseconds
from fraud_check.storage.writes import Write
from passport.errors import Reason, Rejected
from service.database import Database
from service.logs import log_event

logger = logging.getLogger(__name__)

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """Per caller."""

    evaluations_a_day: int = 500_000
    questions_a_minute: int = 12_000
    traces_a_minute: int = 120
    checks_a_minute: int = 120_000
    corrections_a_minute: int = 6
    holder_changes_a_minute: int = 60


class Quotas:
    """Counts, refuses beyond the limits, and raises alarms."""

    def __init__(self, database: Database, limits: QuotaLimits) -> None:
        self.limits = limits
        self._database = database
        self._lock = threading.Lock()
        self._minutes: dict[tuple[str, str], tuple[int, int]] = {}
        self._alarmed: set[tuple[str, str, str]] = set()

    def spend_evaluations(self, caller: str, count: int, *, at: datetime) -> None:
        """Count evaluations, durably, before they are made.

        Raises:
            Rejected: LIMIT_EXCEEDED; nothing more is evaluated for this caller today, and an alarm is raised.
        """
        budget = Budget(caller, "evaluate", at.date().isoformat(), self.limits.evaluations_a_day)
        if not spend(self._database, budget, count):
            self.alarm(caller, "evaluations_exhausted", at=at)
            raise Rejected(
                Reason.LIMIT_EXCEEDED, f"expected at most {self.limits.evaluations_a_day} evaluations a day"
            )

    def spend_question(self, caller: str, *, at: datetime) -> None:
        """Count a question.

        Raises:
            Rejected: LIMIT_EXCEEDED, with an alarm.
        """
        self._spend_minute(caller, "question", self.limits.questions_a_minute, at)

    def spend_trace(self, caller: str, *, at: datetime) -> None:
        """Count a trace; raises as ``spend_question``."""
        self._spend_minute(caller, "trace", self.limits.traces_a_minute, at)

    def spend_check(self, caller: str, *, at: datetime) -> None:
        """Count a check of an own account; raises as ``spend_question``."""
        self._spend_minute(caller, "check", self.limits.checks_a_minute, at)

    def spend_correction(self, caller: str, *, at: datetime) -> None:
        """Count a correction, which makes the hub build its graph anew; raises as ``spend_question``."""
        self._spend_minute(caller, "correction", self.limits.corrections_a_minute, at)

    def spend_holder_changes(self, caller: str, count: int, *, at: datetime) -> None:
        """Count other holders named for known accounts, each a task for people elsewhere; raises as ``spend_question``."""
        if count:
            self._spend_minute(caller, "holder_change", self.limits.holder_changes_a_minute, at, count)

    def alarm(self, caller: str, kind: str, *, at: datetime) -> None:
        """Note that a person should look, once per caller, kind and day.

        Raises:
            Unavailable: it cannot be kept; the next one is noted in its place.
        """
        self._note(caller, kind, at, self._database.write)

    def _note(self, caller: str, kind: str, at: datetime, write: Callable[[Write], None]) -> None:
        key = (caller, kind, at.date().isoformat())
        with self._lock:
            if key in self._alarmed:
                return
            self._alarmed.add(key)
        log_event(logger, "alarm", level=logging.WARNING, kind=kind)
        try:
            write(writes_alarm(caller, kind, at))
        except BaseException:
            self._alarmed.discard(key)
            raise

    def _spend_minute(self, caller: str, action: str, limit: int, at: datetime, count: int = 1) -> None:
        minute = microseconds(at) // _MINUTE_US
        with self._lock:
            counted, used = self._minutes.get((caller, action), (minute, 0))
            used = used + count if counted == minute else count
            self._minutes[caller, action] = (minute, used)
        if used > limit:
            # Checks are counted where everybody waits: what is noted about them waits for no disk.
            self._note(caller, f"{action}s_exceeded", at, self._database.write_soon)
            raise Rejected(Reason.LIMIT_EXCEEDED, f"expected at most {limit} {action}s a minute")
