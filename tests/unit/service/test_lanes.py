"""A lane answers within the same walls as every other route."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.types import Message, Receive, Scope, Send

from passport.errors import Malformed, Reason, Rejected
from service import request_log
from service.access import BearerSecret, declared_access
from service.app import HouseApp, create_app
from service.body_gate import BodyLimits, json_of
from service.lanes import Lane

Connect = Callable[[FastAPI], Awaitable[httpx.AsyncClient]]
Lines = Callable[[], list[dict[str, object]]]
BEARER = {"Authorization": "Bearer s3cret-token"}


async def fast(request: Request) -> Response:
    asked = json_of(request, max_bytes=40)
    failures: dict[str, Exception] = {
        "refused": Rejected(Reason.CONFLICT, "once is enough"),
        "disk": OSError(28, "No space left on device"),
        "bug": RuntimeError("canary-5512"),
    }
    if isinstance(asked, str):
        raise failures[asked]
    if asked is None:
        raise Malformed("expected something")
    return Response(json.dumps(asked), media_type="application/json")


@pytest.fixture
def app() -> FastAPI:
    lane = Lane("/fast", BearerSecret("the operator", "s3cret-token"), fast)
    return create_app(HouseApp("sample", [], limits=BodyLimits(max_bytes=64, seconds=0.2), lanes=[lane]))


async def ask(app: FastAPI, connect: Connect, body: bytes, **headers: str) -> httpx.Response:
    sent = {**BEARER, "Content-Type": "application/json", **headers}
    return await (await connect(app)).post("/fast", content=body, headers=sent)


async def test_the_house_answers_without_the_framework(
    app: FastAPI, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def framework(_self: FastAPI, _scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("the framework was asked")

    monkeypatch.setattr(FastAPI, "__call__", framework)
    answer = await ask(app, connect, b'{"a":1}')
    assert (answer.status_code, answer.json()) == (200, {"a": 1})


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b'{"a":1}', {"Authorization": "Bearer wrong"}, (401, "not_authorised")),
        (b'"refused"', {}, (409, "conflict")),
        (b'"disk"', {}, (503, "storage_unavailable")),
        (b'"bug"', {}, (500, "internal_error")),
        (b'{"a":1,"a":2}', {}, (400, "invalid_request")),
        (b'{"a":1}', {"Content-Type": "text/plain"}, (400, "malformed")),
        (b'{"a":1}'.ljust(41), {}, (400, "malformed")),
        (b'{"a":1}'.ljust(65), {}, (413, "request_too_large")),
        (b"", {}, (400, "malformed")),
    ],
)
async def test_the_walls_stand_around_a_lane(
    app: FastAPI, connect: Connect, body: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = await ask(app, connect, body, **headers)
    assert (answer.status_code, answer.json()["error"]) == expected
    assert "canary" not in answer.text


async def test_a_body_that_dawdles_is_refused(app: FastAPI) -> None:
    async def dawdle() -> Message:
        await asyncio.sleep(5)
        return {"type": "http.request", "body": b"", "more_body": False}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/fast", "headers": [], "query_string": b""}
    await app(scope, dawdle, send)
    assert sent[0]["status"] == 408


async def test_a_body_in_pieces_over_the_limit_is_refused(app: FastAPI, connect: Connect) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 8

    answer = await (await connect(app)).post("/fast", content=pieces(), headers=BEARER)
    assert answer.status_code == 413


async def test_a_lane_is_a_route_like_any_other(app: FastAPI, connect: Connect) -> None:
    assert declared_access(app.routes)["POST", "/fast"] == "bearer secret: the operator"
    answer = await (await connect(app)).get("/fast")
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
    # By another spelling it is the framework that answers, by the same rule and the same words.
    answer = await (await connect(app)).post("/%66ast", json={"a": 1})
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authorised")


async def test_good_answers_are_logged_together_and_others_alone(
    app: FastAPI, connect: Connect, log_lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "_GATHER_SECONDS_OF_A_LANE", 0.05)
    for body in (b'{"a":1}', b'{"a":2}', b'"refused"', b'{"a":3}'):
        await ask(app, connect, body)
    await asyncio.sleep(0.15)
    await ask(app, connect, b'{"a":4}')
    await asyncio.sleep(0.15)
    told = [line for line in log_lines() if line["event"] in {"request", "requests"}]
    assert [(one["event"], one["status"], one.get("count"), one["route"]) for one in told] == [
        ("request", 409, None, "/fast"),
        ("requests", 200, 3, "/fast"),
        ("requests", 200, 1, "/fast"),
    ]
