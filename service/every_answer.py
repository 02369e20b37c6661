"""What holds for every answer of a service, whoever gives it: a route, a wall before the routes, or the framework.

Nobody may keep an answer (``no-store``, RFC 9111 section 5.2.2.5) but a document that says how long it may be kept: what
is refused before a route is reached has no route to say so. And where GET is answered HEAD is, with the same header and
no body (RFC 9110 sections 9.1 and 9.3.2).
"""

from __future__ import annotations

from typing import Final

from starlette.types import Message, Scope, Send

_NO_STORE: Final = (b"cache-control", b"no-store")
_METHOD_NOT_ALLOWED: Final = 405


def as_asked(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """The request as the service sees it, and where its answer goes."""
    head = scope["method"] == "HEAD"

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _completed(message["status"], list(message.get("headers", ())))}
        elif head and message["type"] == "http.response.body":
            if message.get("more_body", False):
                return
            message = {**message, "body": b""}
        await send(message)

    return ({**scope, "method": "GET"} if head else scope), answer


def _completed(status: int, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    if not any(name.lower() == _NO_STORE[0] for name, _ in headers):
        headers.append(_NO_STORE)
    if status == _METHOD_NOT_ALLOWED:
        return [(name, _with_head(value) if name.lower() == b"allow" else value) for name, value in headers]
    return headers


def _with_head(allowed: bytes) -> bytes:
    """RFC 9110 section 10.2.1: the methods that are answered, HEAD among them."""
    methods = [one.strip() for one in allowed.split(b",")]
    return b", ".join([*methods, b"HEAD"] if b"GET" in methods and b"HEAD" not in methods else methods)
