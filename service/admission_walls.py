"""The two walls of admission: one before a request is read, one before it is worked for.

The outer wall refuses at once, with JSON and ``Retry-After``, what would wait too long; it reads no body, writes no line
of its own in the log (a line for each refusal would cost as much as the answer) and touches no thread. The inner one
stands behind the body gate, so that a slow sender takes no place, and waits for a place; when the caller goes away
meanwhile, nothing is worked for. The framework's own threads are then never the queue: no more requests are inside than
there are places.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.admission import Admitting, Kind, Ticket, name_of
from service.error_answers import Answer
from service.logs import log_event

logger = logging.getLogger(__name__)

_PICKED: Final = "service.picked"
_JOURNEY: Final = "service.journey"
_TOLD_SECONDS: Final = 1.0
TEMPORARILY_UNAVAILABLE: Final = "temporarily_unavailable"
"""The word of RFC 6749 section 4.1.2.1, for a service that cannot take more just now."""


def begin_journey(request: Request, secret: str) -> None:
    """The route says: this answer hands out ``secret``, and whoever shows it later goes on with what was begun."""
    request.scope[_JOURNEY] = (name_of(secret), True)


def end_journey(request: Request) -> None:
    """The route says: of this journey nothing that costs anything is to come."""
    picked = request.scope.get(_PICKED)
    if isinstance(picked, _Picked) and picked.journey is not None:
        request.scope[_JOURNEY] = (picked.journey, False)


@dataclass(frozen=True, slots=True)
class _Picked:
    kind: Kind
    journey: bytes | None


class _Refusals:
    """How many were refused early, told once a second by kind."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def add(self, kind: str) -> None:
        if not self._count:
            asyncio.get_running_loop().call_later(_TOLD_SECONDS, self._tell)
        self._count[kind] += 1

    def _tell(self) -> None:
        for kind, count in self._count.items():
            log_event(logger, "refused_early", level=logging.WARNING, kind=kind, count=count)
        self._count.clear()


class EarlyRefusal:
    """The outer wall."""

    def __init__(self, app: ASGIApp, admitting: Admitting) -> None:
        self._app = app
        self._admitting = admitting
        self._refusals = _Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say at once who must come again."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        rule = self._admitting.find(scope["method"], scope["path"])
        if rule.kind is not None:
            journey = _journey_of(scope, in_path=rule.journey_in_path)
            seconds = self._admitting.admission.retry_after(rule.kind, journey)
            if seconds is not None:
                self._refusals.add(rule.kind.name)
                await _come_again(seconds)(scope, receive, send)
                return
            scope[_PICKED] = _Picked(rule.kind, journey)
        await self._app(scope, receive, send)


class Turns:
    """The inner wall."""

    def __init__(self, app: ASGIApp, admitting: Admitting) -> None:
        self._app = app
        self._admission = admitting.admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a place, and work in it."""
        picked = scope.get(_PICKED)
        if not isinstance(picked, _Picked):
            await self._app(scope, receive, send)
            return
        seconds = self._admission.retry_after(picked.kind, picked.journey)
        if seconds is not None:  # Others came in while this body was on its way.
            await _come_again(seconds)(scope, receive, send)
            return
        turn = asyncio.Event()
        ticket = self._admission.queue(picked.kind, picked.journey, turn.set)
        caller = _Caller(receive)
        try:
            if turn.is_set() or await caller.waits_for(turn, picked.kind.patience):
                await self._work(ticket, scope, caller, send)
            elif not caller.is_gone:
                await _come_again(1)(scope, receive, send)
        finally:
            self._admission.withdraw(ticket)
            caller.release()

    async def _work(self, ticket: Ticket, scope: Scope, caller: _Caller, send: Send) -> None:
        good = False

        async def answer(message: Message) -> None:
            nonlocal good
            if message["type"] == "http.response.start":
                good = message["status"] < 300  # noqa: PLR2004 - RFC 9110 section 15.3
            elif not message.get("more_body", False):
                # The work is done; how fast the answer is read is no matter of the place.
                self._admission.done(ticket)
                self._note_journey(ticket.kind, scope, good=good)
            await send(message)

        await self._app(scope, caller.receive, answer)

    def _note_journey(self, kind: Kind, scope: Scope, *, good: bool) -> None:
        name, begins = scope.pop(_JOURNEY, (None, False))
        if name is None or not good:
            return
        if begins:
            self._admission.journeys.begin(name)
        else:
            self._admission.end_journey(kind.pool, name)


class _Caller:
    """The other end of a request whose body is here in one piece: what comes next can only be that it left."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole: Message | None = None
        self._next: asyncio.Task[Message] | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the connection ended while we waited."""
        return self._next is not None and self._next.done()

    async def waits_for(self, turn: asyncio.Event, seconds: float) -> bool:
        """Whether the turn came in time and the caller was there to see it."""
        self._whole = await self._receive()
        self._next = asyncio.ensure_future(self._left())
        came = asyncio.ensure_future(turn.wait())
        try:
            await asyncio.wait({came, self._next}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            came.cancel()
        return turn.is_set() and not self._next.done()

    async def receive(self) -> Message:
        """What the application reads."""
        if self._whole is not None:
            message, self._whole = self._whole, None
            return message
        return await self._receive() if self._next is None else await asyncio.shield(self._next)

    def release(self) -> None:
        """Listen no more."""
        if self._next is not None:
            self._next.cancel()

    async def _left(self) -> Message:
        return await self._receive()


def _journey_of(scope: Scope, *, in_path: bool) -> bytes | None:
    if in_path:
        return name_of(str(scope["path"]).rpartition("/")[2])
    for name, value in scope["headers"]:
        if name == b"authorization":
            return name_of(bytes(value).partition(b" ")[2].strip())
    return None


def _come_again(seconds: int) -> JSONResponse:
    description = (
        f"more is asked for than can be answered just now; nothing was done; come again in {seconds} s"
    )
    answer = Answer(503, TEMPORARILY_UNAVAILABLE, description)
    return JSONResponse(
        answer.body(), answer.status, {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    )
