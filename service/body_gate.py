"""What every request body meets first: a size limit, a deadline, and strict JSON.

A pure ASGI wall, so that no route can forget it. A body that says it is JSON must be JSON of the strict kind
(``passport.strict_json``: no name twice, no NaN, no deep nesting, no huge numbers), whatever parses it later. Reading a
large one takes up to a second of a processor, so it is done in a worker thread: anybody may post, and others are waiting.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import anyio.to_thread
from fastapi import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passport import strict_json
from passport.errors import Malformed
from passport.strict_json import JsonValue
from service.error_answers import Answer

_ARRIVED: Final = "service.arrived"
_READ_AT_ONCE: Final = 16 * 1024
"""Up to so many bytes are read on the event loop: a change of threads would cost more."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, and how long it may take to arrive."""

    max_bytes: int = 256 * 1024
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A body that passed the gate; ``value`` is what it says, if it said that it is JSON."""

    body: bytes
    json: bool = False
    value: JsonValue = None


def json_of(request: Request, *, max_bytes: int | None = None) -> JsonValue:
    """What the body says, which the gate has read already, so that no route need read it again.

    Raises:
        Malformed: it did not say that it is JSON, or is longer than the route wants.
    """
    whole = request.scope[_ARRIVED]
    assert isinstance(whole, _Arrived)  # noqa: S101 - every request passes the gate
    if not whole.json:
        raise Malformed("expected a body of the type application/json")
    if max_bytes is not None and len(whole.body) > max_bytes:
        raise Malformed(f"expected at most {max_bytes} bytes of JSON, got {len(whole.body)}")
    return whole.value


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


def _media_type(scope: Scope) -> str:
    """What the body says it is, read as the framework reads it: what that takes for JSON must not pass here as something else."""
    said = [value for name, value in scope["headers"] if name == b"content-type"]
    if len(said) > 1:
        raise _Refused(Answer(400, "invalid_request", "expected one Content-Type header"))
    return said[0].decode("latin-1").partition(";")[0].strip().lower() if said else ""


def _refuse_nul(scope: Scope) -> None:
    """No name of ours has a NUL; behind the gate it would be a lookup in vain, or what the database is not given."""
    if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
        raise _Refused(Answer(400, "invalid_request", "expected an address without a NUL character"))


class BodyGate:
    """Reads the whole body within the limits, checks it, and hands it on in one piece."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits
        self._json = strict_json.Limits(size=limits.max_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but a bad body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            whole = await self._read(scope, receive)
        except _Refused as refused:
            answer = refused.answer
            headers = {**answer.headers, "Connection": "close"}
            await JSONResponse(answer.body(), answer.status, headers)(scope, receive, send)
            return
        if whole is None:
            return
        scope[_ARRIVED] = whole
        handed_on = False

        async def replay() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": whole.body, "more_body": False}

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> _Arrived | None:
        _refuse_nul(scope)
        headers = {name: value for name, value in scope["headers"] if name == b"content-length"}
        media_type = _media_type(scope)
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared[:20]) > self._limits.max_bytes:
            raise _Refused(self._too_large())
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunks.append(message.get("body", b""))
                    size += len(chunks[-1])
                    if size > self._limits.max_bytes:
                        raise _Refused(self._too_large())
                    if not message.get("more_body", False):
                        break
        except TimeoutError as late:
            description = f"expected the body within {self._limits.seconds:g} s"
            raise _Refused(Answer(408, "request_timeout", description)) from late
        body = b"".join(chunks)
        if body and (media_type == "application/json" or media_type.endswith("+json")):
            return _Arrived(body, json=True, value=await self._json_in(body))
        return _Arrived(body)

    async def _json_in(self, body: bytes) -> JsonValue:
        try:
            if len(body) <= _READ_AT_ONCE:
                value = strict_json.loads(body, self._json)
            else:
                value = await anyio.to_thread.run_sync(strict_json.loads, body, self._json)
        except Malformed as error:
            raise _Refused(Answer(400, "invalid_request", f"the body: {error}")) from error
        # JSON spells it in one way only; the same letters may also follow an escaped backslash.
        if b"\\u0000" in body and b"\\u0000" in strict_json.dumps(value).replace(b"\\\\", b""):
            raise _Refused(Answer(400, "invalid_request", "the body: expected text without a NUL character"))
        return value

    def _too_large(self) -> Answer:
        return Answer(413, "request_too_large", f"expected a body of at most {self._limits.max_bytes} bytes")
