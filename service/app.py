"""The house application: every service wears the same walls, and adds its routers.

In order from the outside: what every answer has (``service.every_answer``), who must come again
(``service.admission_walls``), the access log (``service.request_log``), the body gate, turns, then routes with declared access and one error table; a lane
(``service.lanes``) stands within the body gate and the log.
Leaves out what a service says: that is its ``http/``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from passport.errors import PassportError
from passport.shape_faults import told
from service.access import declared_access
from service.admission import Admitting
from service.admission_walls import EarlyRefusal, Turns
from service.body_gate import BodyGate, BodyLimits
from service.database_errors import NOT_KNOWN
from service.error_answers import BASE_TABLE, INTERNAL_ERROR, Answer, ErrorTable, answer_for
from service.health import Check, health_routes
from service.lanes import OURS, ErrorAnswer, HouseApplication, Lane, LaneEnd
from service.logs import log_event
from service.request_log import Lines, RequestLog

logger = logging.getLogger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_CODES: Final[Mapping[int, str]] = {404: "not_found", 405: "method_not_allowed"}


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
    lines = Lines()

    def on_error(error: Exception) -> Response:
        return _answer_ours(error, house.errors, lines)

    def walled(lane: Lane) -> ASGIApp:
        return RequestLog(BodyGate(LaneEnd(lane, on_error), house.limits), lines, _broken, lane=True)

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
    app.add_middleware(RequestLog, lines=lines, failed=_broken)
    if house.admission is not None:
        app.add_middleware(EarlyRefusal, admitting=house.admission)
    return app


def error_response(answer: Answer) -> JSONResponse:
    """The answer as JSON that nobody may keep (RFC 6749 section 5.2 asks so of token errors)."""
    return JSONResponse(answer.body(), answer.status, {"Cache-Control": "no-store", **answer.headers})


def _broken() -> Response:
    return error_response(INTERNAL_ERROR)


def _answer_ours(error: Exception, table: ErrorTable, lines: Lines) -> Response:
    if not isinstance(error, PassportError):
        return _storage_failed(error)
    answer = answer_for(error, table)
    if answer.status == INTERNAL_ERROR.status:
        log_event(
            logger,
            "request_refused",
            level=logging.ERROR,
            failure=error,
            code=answer.code,
            status=answer.status,
        )
    else:
        lines.add("request_refused", (("code", answer.code), ("status", answer.status)))
    return error_response(answer)


def _storage_failed(error: Exception) -> Response:
    """A full or failing disk (threats.md F14): nothing was acknowledged, and nobody can say how far it came."""
    log_event(logger, "storage_failed", level=logging.ERROR, failure=error)
    description = f"this service cannot write just now; {NOT_KNOWN}"
    return error_response(Answer(503, "storage_unavailable", description, {"Retry-After": "5"}))


def _shape_told(error: RequestValidationError) -> str:
    """Where in the request; a name in the address or a header has one step, which the fault itself says."""
    faults = error.errors()
    around: dict[str, dict[str, object]] = {}
    for fault in faults:
        where, *names = fault["loc"]
        if names:
            around.setdefault(where, {})[names[0]] = fault["input"]
    return told(faults, {**around, "body": error.body})


def _answer_errors(app: FastAPI, on_error: ErrorAnswer) -> None:
    async def ours(_: Request, error: Exception) -> Response:
        return on_error(error)

    async def shape(_: Request, error: Exception) -> Response:
        said = f": {_shape_told(error)}" if isinstance(error, RequestValidationError) else ""
        return error_response(Answer(400, "invalid_request", f"expected another shape{said}"))

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
