"""What every answer has, a refused one too: ``no-store``; and HEAD wherever there is GET (cases w5, w7)."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from passport.errors import Reason, Rejected, Unavailable
from service.access import BearerSecret, OpenTo
from service.app import HouseApp, create_app
from service.body_gate import BodyLimits
from service.lanes import Lane

Connect = Callable[[FastAPI], Awaitable[httpx.AsyncClient]]
Lines = Callable[[], list[dict[str, object]]]
OPEN = OpenTo("a test")
FOR_A_MINUTE = {"Cache-Control": "max-age=60"}


async def quick(request: Request) -> Response:
    if await request.body() == b"bad":
        raise Rejected(Reason.NOT_FOUND, "no such thing")
    return Response(b"quick")


def sample() -> FastAPI:
    router = APIRouter(dependencies=[Depends(OPEN)])

    @router.get("/plain")
    def plain() -> dict[str, int]:
        return {"amount": 1}

    @router.get("/document")
    def document() -> Response:
        return Response("a document", headers=FOR_A_MINUTE)

    @router.get("/streamed")
    def streamed() -> StreamingResponse:
        return StreamingResponse(iter([b"a", b"b", b"c"]))

    @router.get("/bug")
    def bug() -> None:
        raise RuntimeError("a bug")

    @router.get("/away")
    def away() -> None:
        raise Unavailable(Reason.LEDGER_UNAVAILABLE, "away")

    @router.post("/notes")
    async def notes(request: Request) -> int:
        return len(await request.body())

    guarded = APIRouter(dependencies=[Depends(BearerSecret("the operator", "s3cret"))])
    guarded.add_api_route("/guarded", lambda: 1, methods=["GET"])
    limits = BodyLimits(max_bytes=64, seconds=0.1)
    lane = Lane("/quick", OPEN, quick)
    return create_app(HouseApp("sample", [router, guarded], limits=limits, lanes=[lane]))


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/plain", b"", 200),
        ("GET", "/health/live", b"", 200),
        ("GET", "/nowhere", b"", 404),
        ("GET", "/nowhere%00", b"", 400),
        ("DELETE", "/plain", b"", 405),
        ("GET", "/notes", b"", 405),
        ("GET", "/guarded", b"", 401),
        ("GET", "/bug", b"", 500),
        ("GET", "/away", b"", 503),
        ("POST", "/notes", b'{"a":', 400),
        ("POST", "/notes", b"x" * 65, 413),
        ("POST", "/notes", b"hi", 200),
        ("POST", "/quick", b"hi", 200),
        ("POST", "/quick", b"bad", 404),
        ("POST", "/quick", b"x" * 65, 413),
    ],
)
async def test_no_answer_may_be_kept_also_where_no_route_was_reached(
    connect: Connect, method: str, path: str, content: bytes, status: int
) -> None:
    client = await connect(sample())
    kind = "application/json" if content.startswith(b"{") else "text/plain"
    answer = await client.request(method, path, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.headers.get_list("cache-control")) == (status, ["no-store"])


async def test_body_that_does_not_come_gets_an_answer_that_nobody_keeps() -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(10)
        raise AssertionError

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/notes", "raw_path": b"/notes", "query_string": b"", "headers": [],
        "root_path": "", "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("x", 1),
    }  # fmt: skip
    await sample()(scope, receive, send)
    assert sent[0]["status"] == 408
    assert (b"cache-control", b"no-store") in sent[0]["headers"]  # type: ignore[operator]  # a list


async def test_document_keeps_its_own_word_about_being_kept(connect: Connect) -> None:
    answer = await (await connect(sample())).get("/document")
    assert answer.headers.get_list("cache-control") == ["max-age=60"]


@pytest.mark.parametrize("path", ["/plain", "/document", "/streamed", "/health/live", "/health/ready", "/nowhere", "/guarded", "/away"])  # fmt: skip
async def test_head_is_get_without_a_body(connect: Connect, path: str) -> None:
    client = await connect(sample())
    got, asked = await client.get(path), await client.head(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers == got.headers
    if path != "/streamed":
        assert int(asked.headers["content-length"]) == len(got.content) > 0


async def test_head_of_what_is_only_posted_is_not_allowed(connect: Connect) -> None:
    client = await connect(sample())
    answer = await client.head("/notes")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")
    assert (await client.delete("/plain")).headers["allow"] == "GET, HEAD"


async def test_ready_is_looked_at_once_for_all_who_ask_and_told_when_it_changes(
    connect: Connect, log_lines: Lines
) -> None:
    looks, works = [0], [False]
    here = threading.Event()

    def check() -> None:
        looks[0] += 1
        here.wait(0.3)
        if not works[0]:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "away")

    client = await connect(create_app(HouseApp("sample", [], checks={"ledger": check})))
    answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(100)))
    assert {answer.status_code for answer in answers} == {503}
    assert looks[0] <= 3
    here.set()
    for _ in range(5):
        assert (await client.get("/health/ready")).status_code == 503
    works[0] = True
    for _ in range(5):
        assert json.loads((await client.get("/health/ready")).content)["parts"] == {"ledger": "ok"}
    told = [line["event"] for line in log_lines() if str(line["event"]).startswith("health_part")]
    assert told == ["health_part_failing", "health_part_well_again"]


async def test_live_answers_while_a_check_hangs(connect: Connect) -> None:
    hang = threading.Event()

    def check() -> None:
        hang.wait(10)

    client = await connect(create_app(HouseApp("sample", [], checks={"ledger": check})))
    asked = [asyncio.create_task(client.get("/health/ready")) for _ in range(60)]
    await asyncio.sleep(0.1)
    began = time.monotonic()
    assert (await client.get("/health/live")).status_code == 200
    assert time.monotonic() - began < 5
    hang.set()
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
