"""``/health/live`` and ``/health/ready``: is the process up, and can it do its work?

Both are answered beside everything else: connections have spare places for them (``service.connections``), no admission
counts them, and the checks run in a thread of their own, once for all who ask at the same time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from passport.errors import PassportError
from service.access import OpenTo
from service.logs import log_event

logger = logging.getLogger(__name__)

Check = Callable[[], None]
"""Returns when the part works, else raises a PassportError or OSError."""


def health_routes(checks: Mapping[str, Check]) -> APIRouter:
    """Both routes; ready answers 503 with the names of the parts that do not work."""
    state = _State(checks)
    router = APIRouter(dependencies=[Depends(OpenTo("says only which parts work"))], include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        parts = await state.look()
        well = all(parts.values())
        words = {name: "ok" if works else "failing" for name, works in parts.items()}
        return JSONResponse(
            {"status": "ready" if well else "degraded", "parts": words},
            status_code=200 if well else 503,
        )

    return router


class _State:
    """Which parts work, looked at by one thread at a time; who asks meanwhile gets what that look finds."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._looking: asyncio.Task[Mapping[str, bool]] | None = None
        self._thread: CapacityLimiter | None = None
        self._failing: set[str] = set()

    async def look(self) -> Mapping[str, bool]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look())
        # Who hangs up takes the look from nobody else.
        return await asyncio.shield(self._looking)

    async def _look(self) -> Mapping[str, bool]:
        if self._thread is None:
            self._thread = CapacityLimiter(1)
        return await to_thread.run_sync(self._all, limiter=self._thread)

    def _all(self) -> Mapping[str, bool]:
        return {name: self._works(name, check) for name, check in self._checks.items()}

    def _works(self, name: str, check: Check) -> bool:
        """Told once when a part fails and once when it is well again: probes ask every second, for as long as it lasts."""
        try:
            check()
        except (PassportError, OSError) as error:
            if name not in self._failing:
                self._failing.add(name)
                log_event(logger, "health_part_failing", level=logging.WARNING, failure=error, kind=name)
            return False
        if name in self._failing:
            self._failing.remove(name)
            log_event(logger, "health_part_well_again", level=logging.WARNING, kind=name)
        return True
