"""The access log: what is alike is told together, so that a poller, a probe or a stranger fills no disk.

The first request of a kind (method, route template, status) has its line at once; those that follow within a minute have
one line together, with their number and the slowest of them, and so on while they go on. A fault of ours (500) has its
line each time. The route is a template, never the path, which may hold a secret id.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.error_answers import INTERNAL_ERROR
from service.logs import log_event

logger = logging.getLogger(__name__)

_GATHER_SECONDS: Final = 60.0
_GATHER_SECONDS_OF_A_LANE: Final = 10.0
_PLURAL: Final = {"request": "requests", "request_refused": "requests_refused"}

Fields = tuple[tuple[str, str | int], ...]


@dataclass(slots=True)
class _Kind:
    count: int = 0
    slowest_ms: int = 0


class Lines:
    """Lines of the access log that may be gathered."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, Fields, bool], _Kind] = {}

    def add(self, event: str, fields: Fields, ms: int = 0, *, lane: bool = False) -> None:
        """Tell it now, or with the others of its kind.

        A ``lane`` is asked a thousand times a second: of it even the first good answer waits for the others.
        """
        key = (event, fields, lane)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Kind()
            seconds = _GATHER_SECONDS_OF_A_LANE if lane else _GATHER_SECONDS
            asyncio.get_running_loop().call_later(seconds, self._tell, key)
            if not lane:
                log_event(logger, event, level=logging.INFO, ms=ms, **_named(fields))
                return
        kind.count += 1
        kind.slowest_ms = max(kind.slowest_ms, ms)

    def flush(self) -> None:
        """Tell what is gathered, at the end."""
        for key in list(self._kinds):
            self._say(key)

    def _tell(self, key: tuple[str, Fields, bool]) -> None:
        _, _, lane = key
        if self._say(key) and not lane:
            # They go on: the next ones have no line of their own either.
            self._kinds[key] = _Kind()
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._tell, key)

    def _say(self, key: tuple[str, Fields, bool]) -> bool:
        kind = self._kinds.pop(key, None)
        if kind is None or not kind.count:
            return False
        event, fields, _ = key
        log_event(
            logger, _PLURAL[event], level=logging.INFO, count=kind.count, ms=kind.slowest_ms, **_named(fields)
        )
        return True


class RequestLog:
    """Logs each request's method, route template, status and time; answers what nobody caught with plain words."""

    def __init__(
        self, app: ASGIApp, lines: Lines, failed: Callable[[], ASGIApp], *, lane: bool = False
    ) -> None:
        """``failed`` makes the answer to a request that broke."""
        self._app = app
        self._lines = lines
        self._failed = failed
        self._lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve and log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            self._lines.flush()
            return
        started = time.monotonic()
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - the last wall: no trace reaches a caller
            log_event(logger, "request_failed", level=logging.ERROR, failure=error)
            if status == 0:
                await self._failed()(scope, receive, watch)
        self._note(scope, status, round((time.monotonic() - started) * 1000))

    def _note(self, scope: Scope, status: int, ms: int) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        fields = (("method", scope["method"]), ("route", route), ("status", status))
        if status == INTERNAL_ERROR.status:
            log_event(logger, "request", level=logging.INFO, ms=ms, **_named(fields))
        else:
            self._lines.add("request", fields, ms, lane=self._lane and status == 200)  # noqa: PLR2004 - RFC 9110, 15.3.1


def _named(fields: Fields) -> dict[str, Any]:
    """As keyword arguments of ``log_event``, whose own are of other types."""
    return dict(fields)
