"""Lanes: the few routes that are asked a thousand times a second.

A lane is a route of the application like any other, with its declared access. But a request for exactly its method and
path is answered by the house itself, within the same walls: finding a route and resolving its dependencies takes the
framework longer than such a route's own work. Leaves out parameters and shapes: a lane reads the request itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from passport.errors import PassportError
from service.access import AccessRule
from service.every_answer import as_asked

ErrorAnswer = Callable[[Exception], Response]
OURS: Final = (PassportError, OSError)
"""What the house answers by its table; for anything else the last wall has words."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One such route."""

    path: str
    access: AccessRule
    answer: Callable[[Request], Awaitable[Response]]
    method: str = "POST"


class LaneEnd:
    """Answers a lane's requests, behind the walls."""

    def __init__(self, lane: Lane, on_error: ErrorAnswer) -> None:
        self._lane = lane
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the access, then answer."""
        scope["route"] = self._lane
        request = Request(scope, receive)
        try:
            await self._lane.access(request)
            answer = await self._lane.answer(request)
        except OURS as error:
            answer = self._on_error(error)
        await answer(scope, receive, send)


class HouseApplication(FastAPI):
    """An application some of whose routes have a lane."""

    def __init__(self, title: str, lanes: Sequence[tuple[Lane, ASGIApp]], **options: object) -> None:
        super().__init__(title=title, **options)  # type: ignore[arg-type]  # FastAPI's own options, passed on
        self._lanes = {(lane.method, lane.path): walled for lane, walled in lanes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the lane where there is one."""
        key = None
        if scope["type"] == "http":
            scope, send = as_asked(scope, send)
            key = (scope["method"], scope["path"])
        walled = None if key is None else self._lanes.get(key)
        if walled is None:
            await super().__call__(scope, receive, send)
        else:
            await walled(scope, receive, send)
