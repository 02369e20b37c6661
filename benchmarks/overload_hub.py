"""The hub of ``benchmarks.overload``: questions signed beforehand, each a verdict that is signed and on the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from fastapi import FastAPI

from benchmarks.hub_verdicts import prepare
from benchmarks.overload_load import Journey, Line, Refused
from benchmarks.overload_services import JSON
from fraud_check.quotas import QuotaLimits
from fraud_check.wiring import hub_app
from passport.fraud.names import QUESTIONS_PATH
from tests.simulators.hub_cast import Cast
from tests.simulators.hub_world import HubWorld

_NO_END = 10**9
_SIGNERS = 2
_SIGNING: list[Cast] = []
"""For the processes that sign: keys and connections are not sent to them, they are there when those begin."""


class OverloadedHub:
    """A journey is one question of a verifier's."""

    keeps_lines = True
    name, first, whole, most_expected = "hub", "verdicts", "verdicts", 300

    def __init__(self, folder: Path, database_url: str) -> None:
        self._world = HubWorld(
            folder, limits=QuotaLimits(questions_a_minute=_NO_END), database_url=database_url
        )
        # What is signed beforehand must not grow stale before it is asked.
        now = datetime.now(UTC)
        self._world.clock.now = lambda: now  # type: ignore[method-assign]  # a clock that stands still
        self.listener = self._world.listener
        self._world.start()
        self._cast = Cast(self._world)
        self._cast.offer()
        self._world.stop()
        self._questions: deque[tuple[bytes, str]] = deque()

    def build(self) -> FastAPI:
        """The hub, on what it remembers."""
        return hub_app(self._world.reopen(), {})

    def prepare(self, number: int) -> None:
        """Sign questions, on every core."""
        _SIGNING[:] = [self._cast]
        with get_context("fork").Pool(_SIGNERS) as pool:
            parts = pool.map(_sign, [number // _SIGNERS + 1] * _SIGNERS)
        self._questions = deque(one for part in parts for one in part)

    def next_journey(self) -> Journey:
        """The next question; one that was refused unread may be asked again."""
        body, token = question = self._questions.popleft()
        headers = {"Authorization": f"Bearer {token}", **JSON}

        async def journey(line: Line, begun: Callable[[], None]) -> None:
            try:
                await line.ask("POST", QUESTIONS_PATH, body, headers)
            except Refused:
                self._questions.append(question)
                raise
            begun()

        return journey


def _sign(number: int) -> list[tuple[bytes, str]]:
    return prepare(_SIGNING[0], number)
