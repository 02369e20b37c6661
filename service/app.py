"""The house application: every service wears the same walls, and adds its routers.

In order from the outside: who must come again (``service.admission_walls``), a log line per request (route template, never
the path, which may hold a secret id), the body gate, turns, then routes with declared access and one error table; a lane
(``service.lanes``) stands within the body gate and the log.
Leaves out what a service says: that is its ``http/``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passport.errors import PassportError
from service.access import declared_access
from service.admission import Admitting
from service.admission_walls import EarlyRefusal, Turns
from service.body_gate import BodyGate, BodyLimits
from service.database_errors import NOT_KNOWN
from service.error_answers import BASE_TABLE, INTERNAL_ERROR, Answer, ErrorTable, answer_for
from service.health import Check, health_routes
from service.lanes import OURS, ErrorAnswer, HouseApplication, Lane, LaneEnd
from service.logs import log_event

logger = logging.getLogger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_CODES: Final[Mapping[int, str]] = {404: "not_found", 405: "method_not_allowed"}
_MAX_NAMED_FIELDS: Final = 5
_GATHER_SECONDS: Final = 1.0
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class HouseApp:
    """What one service adds to the house application."""

    title: str
    routers: Sequence[APIRouter]
    checks: Mapping[str, Check] = field(default_factory=dict)
    errors: ErrorTable = field(default_factory=lambda: BASE_TABLE)
    limits: BodyLimits = field(default_factory=BodyLimits)
    lifespan: Lifespan | None = None
    lanes: Sequence[Lane] = ()
    admission: Admitting | None = None


def create_app(house: HouseApp) -> FastAPI:
    """The application, ready to serve.

    Raises:
        Misconfigured: a route declares no access rule.
    """

    def on_error(error: Exception) -> Response:
        return _answer_ours(error, house.errors)

    def walled(lane: Lane) -> ASGIApp:
        return RequestLog(BodyGate(LaneEnd(lane, on_error), house.limits), gather=True)

    app = HouseApplication(
        house.title,
        [(lane, walled(lane)) for lane in house.lanes],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # An address with a slash too many is answered here: sent on, the caller would show its token to whatever host the request named.
        redirect_slashes=False,
        lifespan=house.lifespan,
    )
    for lane in house.lanes:
        app.add_api_route(
            lane.path,
            lane.answer,
            methods=[lane.method],
            dependencies=[Depends(lane.access)],
            response_model=None,
        )
    for router in (*house.routers, health_routes(house.checks)):
        app.include_router(router)
    declared_access(app.routes)
    _answer_errors(app, on_error)
    if house.admission is not None:
        app.add_middleware(Turns, admitting=house.admission)
    app.add_middleware(BodyGate, limits=house.limits)
    app.add_middleware(RequestLog)
    if house.admission is not None:
        app.add_middleware(EarlyRefusal, admitting=house.admission)
    return app


def error_response(answer: Answer) -> JSONResponse:
    """The answer as JSON that nobody may keep (RFC 6749 section 5.2 asks so of token errors)."""
    return JSONResponse(answer.body(), answer.status, {"Cache-Control": "no-store", **answer.headers})


def _answer_ours(error: Exception, table: ErrorTable) -> Response:
    if not isinstance(error, PassportError):
        return _storage_failed(error)
    answer = answer_for(error, table)
    level = logging.ERROR if answer.status == INTERNAL_ERROR.status else logging.INFO
    failure = error if level == logging.ERROR else None
    log_event(logger, "request_refused", level=level, failure=failure, code=answer.code, status=answer.status)
    return error_response(answer)


def _storage_failed(error: Exception) -> Response:
    """A full or failing disk (threats.md F14): nothing was acknowledged, and nobody can say how far it came."""
    log_event(logger, "storage_failed", level=logging.ERROR, failure=error)
    description = f"this service cannot write just now; {NOT_KNOWN}"
    return error_response(Answer(503, "storage_unavailable", description, {"Retry-After": "5"}))


def _answer_errors(app: FastAPI, on_error: ErrorAnswer) -> None:
    async def ours(_: Request, error: Exception) -> Response:
        return on_error(error)

    async def shape(_: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else ()
        places = [
            f"{'.'.join(str(part) for part in one['loc'])}: {one['type']}"
            for one in found[:_MAX_NAMED_FIELDS]
        ]
        return error_response(Answer(400, "invalid_request", f"expected another shape: {'; '.join(places)}"))

    async def framework(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        code = _CODES.get(status, "invalid_request")
        return error_response(
            Answer(status, code, "there is nothing here under this method and path", headers)
        )

    for kind in OURS:
        app.add_exception_handler(kind, ours)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, framework)


class _Tally:
    """Good answers of one lane, as one line a second: a line for each would cost as much as the answer."""

    def __init__(self) -> None:
        self._count = 0
        self._slowest = 0.0

    def add(self, route: str, method: str, seconds: float) -> None:
        if not self._count:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._tell, route, method)
        self._count += 1
        self._slowest = max(self._slowest, seconds)

    def _tell(self, route: str, method: str) -> None:
        log_event(
            logger, "requests", level=logging.INFO, method=method, route=route, status=_OK,
            count=self._count, ms=round(self._slowest * 1000),
        )  # fmt: skip
        self._count, self._slowest = 0, 0.0


class RequestLog:
    """Logs each request's method, route template, status and time; answers what nobody caught with plain words.

    With ``gather``, good answers are told together, once a second.
    """

    def __init__(self, app: ASGIApp, *, gather: bool = False) -> None:
        self._app = app
        self._tally = _Tally() if gather else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve and log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
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
                await error_response(INTERNAL_ERROR)(scope, receive, watch)
        route, seconds = getattr(scope.get("route"), "path", "unknown"), time.monotonic() - started
        if self._tally is not None and status == _OK:
            self._tally.add(route, scope["method"], seconds)
            return
        log_event(
            logger, "request", level=logging.INFO, method=scope["method"], route=route, status=status,
            ms=round(seconds * 1000),
        )  # fmt: skip
