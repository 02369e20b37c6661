"""The access log grows with what is different, not with what is asked again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from passport.errors import Reason, Rejected
from service import request_log
from service.access import OpenTo
from service.app import HouseApp, create_app

Connect = Callable[[FastAPI], Awaitable[httpx.AsyncClient]]
Lines = Callable[[], list[dict[str, object]]]


def sample() -> FastAPI:
    router = APIRouter(dependencies=[Depends(OpenTo("a test"))])

    @router.get("/polled")
    def polled() -> int:
        return 1

    @router.get("/bug")
    def bug() -> None:
        raise RuntimeError

    @router.get("/refused/{name}")
    def refused(name: str) -> None:
        raise Rejected(Reason.NOT_FOUND, f"no {len(name)}")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    return create_app(HouseApp("sample", [router], lifespan=lifespan))


async def test_a_poller_has_a_line_at_once_and_then_one_a_minute(
    connect: Connect, log_lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "_GATHER_SECONDS", 0.5)
    client = await connect(sample())
    await client.get("/polled")
    assert [line["event"] for line in log_lines()] == ["request"]
    polls = 0
    while sum(line["event"] == "requests" for line in log_lines()) < 2:
        await client.get("/polled")
        polls += 1
    told = [(line["event"], line.get("count")) for line in log_lines()]
    assert [event for event, _ in told] == ["request", "requests", "requests"]
    assert polls - 1 <= sum(int(str(count)) for _, count in told[1:]) <= polls
    assert all(line["route"] == "/polled" and line["status"] == 200 for line in log_lines())
    # After a while without any, the next one is news again.
    await asyncio.sleep(1.6)
    await client.get("/polled")
    assert log_lines()[-1]["event"] == "request"


async def test_what_strangers_ask_for_in_vain_has_no_line_each(connect: Connect, log_lines: Lines) -> None:
    client = await connect(sample())
    for number in range(50):
        await client.get(f"/refused/{number}")
        await client.get(f"/nowhere/{number}")
    told = [(line["event"], line.get("route"), line["status"]) for line in log_lines()]
    assert sorted(map(str, told)) == sorted(
        map(
            str,
            [
                ("request_refused", None, 404),
                ("request", "/refused/{name}", 404),
                ("request", "unknown", 404),
            ],
        )
    )


async def test_each_fault_of_ours_has_its_line(connect: Connect, log_lines: Lines) -> None:
    client = await connect(sample())
    for _ in range(5):
        await client.get("/bug")
    told = [line["event"] for line in log_lines()]
    assert told == ["request_failed", "request"] * 5


async def test_what_was_gathered_is_told_at_the_end(connect: Connect, log_lines: Lines) -> None:
    app = sample()
    incoming: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    incoming.put_nowait({"type": "lifespan.startup"})
    started = asyncio.Event()

    async def send(_: object) -> None:
        started.set()

    running = asyncio.create_task(app({"type": "lifespan", "app": app, "state": {}}, incoming.get, send))
    await started.wait()
    client = await connect(app)
    for _ in range(7):
        await client.get("/polled")
    incoming.put_nowait({"type": "lifespan.shutdown"})
    await running
    assert [(line["event"], line.get("count")) for line in log_lines()] == [
        ("request", None),
        ("requests", 6),
    ]
