"""The gateway over HTTP: JSON-RPC by POST to ``/``, and the two health answers to GET and HEAD.

A bare ASGI application, since there is one route. It answers only requests that name a loopback host and say that
they carry JSON, so that no page in a browser can reach the chain (DNS rebinding, cross-site form posts).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from ledger.embedded.gateway import Gateway, Limits

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_CLOSE: Final = (b"connection", b"close")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class _TooLarge(Exception):
    """The body is longer than it may be."""


class GatewayApp:
    """An ASGI application over a gateway."""

    def __init__(self, gateway: Gateway, limits: Limits) -> None:
        """Serve ``gateway``."""
        self._gateway = gateway
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "").rsplit(":", 1)[0].lower()
        method, path = scope["method"], scope["path"]
        if host not in _LOOPBACK:
            await _reply(send, 421, {"error": "expected a loopback host name"})
        elif path in {"/health/live", "/health/ready"}:
            await self._health(send, method, path)
        elif path != "/":
            await _reply(send, 404, {"error": "expected / or /health/live or /health/ready"})
        elif method != "POST":
            await _reply(send, 405, {"error": f"expected POST, got {method}"}, (b"allow", b"POST"))
        elif headers.get(b"content-type", "").split(";")[0].strip().lower() != "application/json":
            await _reply(send, 415, {"error": "expected content-type application/json"})
        else:
            await self._call(receive, send)

    async def _call(self, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                body = await self._body(receive)
        except TimeoutError:
            problem = f"expected the body within {self._limits.body_seconds:g} s"
            await _reply(send, 408, {"error": problem}, _CLOSE)
            return
        except _TooLarge:
            problem = f"expected a body of at most {self._limits.body_bytes} bytes"
            await _reply(send, 413, {"error": problem}, _CLOSE)
            return
        if body is None:
            return
        answer = await self._gateway.answer(body)
        if answer is None:
            # JSON-RPC 2.0 section 4.1: nothing at all is returned for notifications.
            await _send_bytes(send, 204, None)
        else:
            await _send_bytes(send, 200, answer)

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body, or nothing if the caller is gone before its end."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._limits.body_bytes:
                raise _TooLarge
            if not message.get("more_body", False):
                return bytes(body)

    async def _health(self, send: Send, method: str, path: str) -> None:
        if method not in {"GET", "HEAD"}:
            await _reply(send, 405, {"error": f"expected GET, got {method}"}, (b"allow", b"GET, HEAD"))
        elif path == "/health/live":
            await _reply(send, 200, {"status": "live"})
        elif self._gateway.broken.is_set():
            await _reply(send, 503, {"status": "stopping"})
        else:
            await _reply(send, 200, {"status": "ready", "block": self._gateway.block_number})


async def _reply(send: Send, status: int, content: dict[str, str | int], *more: tuple[bytes, bytes]) -> None:
    await _send_bytes(send, status, json.dumps(content).encode(), *more)


async def _send_bytes(send: Send, status: int, body: bytes | None, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"cache-control", b"no-store"), *more]
    if body is not None:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    # To HEAD the server sends the headers alone.
    await send({"type": "http.response.body", "body": body or b""})
