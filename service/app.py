"""The house application: every service wears the same walls, and adds its routers.

In order from the outside: a log line per request (route template, never the path, which may hold a secret id), the
body gate, then routes with declared access and one error table. Leaves out what a service says: that is its ``http/``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passport.errors import PassportError
from service.access import declared_access
from service.body_gate import BodyGate, BodyLimits
from service.error_answers import BASE_TABLE, INTERNAL_ERROR, Answer, ErrorTable, answer_for
from service.health import Check, health_routes
from service.logs import log_event

logger = logging.getLogger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_CODES: Final[Mapping[int, str]] = {404: "not_found", 405: "method_not_allowed"}
_MAX_NAMED_FIELDS: Final = 5


@dataclass(frozen=True, slots=True)
class HouseApp:
    """What one service adds to the house application."""

    title: str
    routers: Sequence[APIRouter]
    checks: Mapping[str, Check] = field(default_factory=dict)
    errors: ErrorTable = field(default_factory=lambda: BASE_TABLE)
    limits: BodyLimits = field(default_factory=BodyLimits)
    lifespan: Lifespan | None = None


def create_app(house: HouseApp) -> FastAPI:
    """The application, ready to serve.

    Raises:
        Misconfigured: a route declares no access rule.
    """
    app = FastAPI(title=house.title, docs_url=None, redoc_url=None, openapi_url=None, lifespan=house.lifespan)
    for router in (*house.routers, health_routes(house.checks)):
        app.include_router(router)
    declared_access(app.routes)
    _answer_errors(app, house.errors)
    app.add_middleware(BodyGate, limits=house.limits)
    app.add_middleware(RequestLog)
    return app


def error_response(answer: Answer) -> JSONResponse:
    """The answer as JSON that nobody may keep (RFC 6749 section 5.2 asks so of token errors)."""
    return JSONResponse(answer.body(), answer.status, {"Cache-Control": "no-store", **answer.headers})


def _answer_errors(app: FastAPI, table: ErrorTable) -> None:
    async def ours(_: Request, error: Exception) -> Response:
        answer = answer_for(error, table) if isinstance(error, PassportError) else INTERNAL_ERROR
        level = logging.ERROR if answer.status == INTERNAL_ERROR.status else logging.INFO
        failure = error if level == logging.ERROR else None
        log_event(
            logger, "request_refused", level=level, failure=failure, code=answer.code, status=answer.status
        )
        return error_response(answer)

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

    app.add_exception_handler(PassportError, ours)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(OSError, _storage_failed)


async def _storage_failed(_: Request, error: Exception) -> Response:
    """A full or failing disk: nothing was acknowledged, so the caller may try again (threats.md F14)."""
    log_event(logger, "storage_failed", level=logging.ERROR, failure=error)
    description = "this service cannot write just now; nothing was done"
    return error_response(Answer(503, "storage_unavailable", description, {"Retry-After": "5"}))


class RequestLog:
    """Logs each request's method, route template, status and time; answers what nobody caught with plain words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
        route = getattr(scope.get("route"), "path", "unknown")
        log_event(
            logger, "request", level=logging.INFO, method=scope["method"], route=route, status=status,
            ms=round((time.monotonic() - started) * 1000),
        )  # fmt: skip
