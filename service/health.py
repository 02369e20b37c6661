"""``/health/live`` and ``/health/ready``: is the process up, and can it do its work?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

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
    router = APIRouter(dependencies=[Depends(OpenTo("says only which parts work"))], include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    def ready() -> JSONResponse:
        parts = {name: _works(name, check) for name, check in checks.items()}
        well = all(parts.values())
        words = {name: "ok" if works else "failing" for name, works in parts.items()}
        return JSONResponse(
            {"status": "ready" if well else "degraded", "parts": words},
            status_code=200 if well else 503,
        )

    return router


def _works(name: str, check: Check) -> bool:
    try:
        check()
    except (PassportError, OSError) as error:
        log_event(logger, "health_part_failing", level=logging.WARNING, failure=error, kind=name)
        return False
    return True
