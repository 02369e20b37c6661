"""Answers that are given before there is an application to give them: to a connection, or in an application's place."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

Send = Callable[[dict[str, Any]], Awaitable[None]]

_BUSY_SECONDS: Final = 1


def refusal(
    code: str, description: str, *more: tuple[bytes, bytes]
) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The headers and the body of an answer that ends its connection; nobody may keep it (RFC 9111 section 5.2.2.5)."""
    body = json.dumps({"error": code, "error_description": description}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *more,
        (b"connection", b"close"),
    ]
    return headers, body


def refusal_bytes(status: HTTPStatus, description: str) -> bytes:
    """Such an answer to a request that cannot be read, as it goes over the wire."""
    headers, body = refusal("invalid_request", description)
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}".encode(),
        *(name + b": " + value for name, value in headers),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def busy(_scope: Any, _receive: Any, send: Send) -> None:
    """An application that says: come again. It stands in the place of a service where a request may not go in."""
    description = (
        f"more is asked for than can be answered just now; nothing was done; come again in {_BUSY_SECONDS} s"
    )
    headers, body = refusal(
        "temporarily_unavailable", description, (b"retry-after", str(_BUSY_SECONDS).encode())
    )
    await send(
        {"type": "http.response.start", "status": HTTPStatus.SERVICE_UNAVAILABLE.value, "headers": headers}
    )
    await send({"type": "http.response.body", "body": body})
