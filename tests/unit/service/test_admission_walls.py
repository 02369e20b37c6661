"""The walls of admission over ASGI: refused before anything is read, worked for in turn, left alone when nobody waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.types import Message

from service.access import OpenTo
from service.admission import FIRST_STEP, HEALTH, Admission, Admitting, Kind, Rule, name_of
from service.admission_walls import begin_journey, end_journey
from service.app import HouseApp, create_app

Connect = Callable[[FastAPI], Awaitable[httpx.AsyncClient]]
FIRST = Kind("first", "main", rank=FIRST_STEP, wait=0.005, begins=True)
LATER = Kind("later", "main", wait=60.0, belongs=True)
ACT = Kind("act", "acts", wait=60.0)
HASTY = Kind("hasty", "main", wait=60.0, patience=0.01)


@dataclass
class Service:
    """Two places; ``/first`` and ``/later/x`` wait until told to go on."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    worked_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.admission = Admission({"main": 2, "acts": 1}, clock=lambda: 0.0)
        router = APIRouter(dependencies=[Depends(OpenTo("a test"))])

        async def work(request: Request, name: str) -> dict[str, str]:
            self.worked_for.append(f"{request.url.path} {name}")
            if name:
                await self.go_on.wait()
            return {"name": name}

        @router.post("/first")
        async def first(request: Request, name: str = "") -> dict[str, str]:
            begin_journey(request, f"secret of {name}")
            return await work(request, name)

        @router.post("/later/{secret}")
        async def later(request: Request, secret: str, name: str = "") -> dict[str, str]:
            assert secret
            end_journey(request)
            return await work(request, name)

        @router.post("/act")
        async def act(request: Request) -> dict[str, str]:
            return await work(request, "")

        @router.post("/hasty")
        async def hasty(request: Request) -> dict[str, str]:
            return await work(request, "")

        rules = (
            HEALTH,
            Rule(FIRST, "/first"),
            Rule(LATER, "/later/*", journey_in_path=True),
            Rule(HASTY, "/hasty"),
            Rule(ACT, "*"),
        )
        self.app = create_app(HouseApp("sample", [router], admission=Admitting(self.admission, rules)))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - admission has no event for who only looks
                await asyncio.sleep(0)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def full(service: Service, connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    """Both places are taken."""
    client = await connect(service.app)
    busy = [asyncio.create_task(client.post("/first", params={"name": f"busy {n}"})) for n in range(2)]
    await service.until(lambda: len(service.worked_for) == 2)
    yield client
    service.go_on.set()
    assert [(await one).status_code for one in busy] == [200, 200]


async def call(app: FastAPI, path: str, receive: Callable[[], Awaitable[Message]]) -> list[Message]:
    """One request by hand; what was sent."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"content-length", b"2")], "scheme": "http", "server": ("house.test", 80), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


async def test_who_would_wait_too_long_hears_at_once_and_is_not_even_read(
    service: Service, full: httpx.AsyncClient
) -> None:
    waits = asyncio.create_task(full.post("/first", params={"name": "waits"}))
    await service.until(lambda: service.admission.waiting("main") == 1)

    async def never() -> Message:
        raise AssertionError("expected nothing to be read")

    sent = await call(service.app, "/first", never)
    assert sent[0]["status"] == 503
    headers = dict(sent[0]["headers"])
    assert int(headers[b"retry-after"]) >= 1
    assert headers[b"cache-control"] == b"no-store"
    assert json.loads(sent[1]["body"])["error"] == "temporarily_unavailable"
    assert len(service.worked_for) == 2
    service.go_on.set()
    assert (await waits).status_code == 200


async def test_what_was_begun_is_finished_while_first_steps_are_refused(
    service: Service, full: httpx.AsyncClient
) -> None:
    waits = [
        asyncio.create_task(full.post(path, params={"name": "x"})) for path in ("/first", "/later/stranger")
    ]
    await service.until(lambda: service.admission.waiting("main") == 2)
    service.admission.journeys.begin(name_of("known"))
    waits.append(asyncio.create_task(full.post("/later/known", params={"name": "x"})))
    await service.until(lambda: service.admission.waiting("main") == 3)
    assert (await full.post("/first")).status_code == 503
    service.go_on.set()
    assert [(await one).status_code for one in waits] == [200, 200, 200]
    assert [one.split()[0] for one in service.worked_for[2:]] == ["/later/known", "/first", "/later/stranger"]


async def test_health_and_acts_are_answered_while_all_else_waits(
    service: Service, full: httpx.AsyncClient
) -> None:
    assert (await full.get("/health/live")).status_code == 200
    assert (await full.get("/health/ready")).status_code == 200
    assert (await full.post("/act")).status_code == 200
    assert not service.go_on.is_set()


async def test_a_request_whose_caller_is_gone_is_not_worked_for(
    service: Service, full: httpx.AsyncClient
) -> None:
    leave = asyncio.Event()
    first = True

    async def leaves() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"{}", "more_body": False}
        await leave.wait()
        return {"type": "http.disconnect"}

    waits = asyncio.create_task(call(service.app, "/later/any", leaves))
    await service.until(lambda: service.admission.waiting("main") == 1)
    leave.set()
    assert await waits == []
    assert service.admission.waiting("main") == 0
    service.go_on.set()
    assert (await full.post("/first")).status_code == 200
    assert not [one for one in service.worked_for if "/later" in one]


async def test_nobody_waits_longer_than_the_kind_allows(service: Service, full: httpx.AsyncClient) -> None:
    answer = await full.post("/hasty")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert service.admission.waiting("main") == 0


async def test_a_place_is_given_back_whatever_comes_of_it(service: Service, connect: Connect) -> None:
    client = await connect(service.app)
    for _ in range(5):
        assert (await client.get("/first")).status_code == 405
    assert (await client.post("/first")).status_code == 200


async def test_a_slow_body_takes_no_place(service: Service, connect: Connect) -> None:
    client = await connect(service.app)
    arrives = asyncio.Event()

    async def slow() -> Message:
        await arrives.wait()
        return {"type": "http.request", "body": b"{}", "more_body": False}

    slow_ones = [asyncio.create_task(call(service.app, "/first", slow)) for _ in range(5)]
    await asyncio.sleep(0)
    assert (await client.post("/first")).status_code == 200
    arrives.set()
    assert {(await one)[0]["status"] for one in slow_ones} <= {200, 503}


async def test_a_journey_begins_with_a_yes_and_ends_with_its_last_step(
    service: Service, connect: Connect
) -> None:
    client, journeys = await connect(service.app), service.admission.journeys
    await client.get("/first", params={"name": ""})
    assert journeys.under_way() == 0
    service.go_on.set()
    await client.post("/first", params={"name": "one"})
    assert journeys.knows(name_of("secret of one"))
    assert journeys.under_way() == 1
    await client.post("/later/somebody else's")
    assert journeys.under_way() == 1
    await client.post("/later/secret of one")
    assert journeys.under_way() == 0
    assert journeys.knows(name_of("secret of one"))


async def test_refusals_are_told_once_a_second_and_not_one_by_one(
    service: Service, full: httpx.AsyncClient, log_lines: Callable[[], list[dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("service.admission_walls._TOLD_SECONDS", 0)
    waits = asyncio.create_task(full.post("/first", params={"name": "waits"}))
    await service.until(lambda: service.admission.waiting("main") == 1)

    async def never() -> Message:
        raise AssertionError("expected nothing to be read")

    loop = asyncio.get_running_loop()
    told: list[Callable[[], None]] = []
    monkeypatch.setattr(loop, "call_later", lambda _, tell: told.append(tell))
    for _ in range(7):
        await call(service.app, "/first", never)
    monkeypatch.undo()
    assert len(told) == 1
    told[0]()
    lines = [one for one in log_lines() if one["event"] == "refused_early"]
    assert [(one["kind"], one["count"]) for one in lines] == [("first", 7)]
    service.go_on.set()
    await waits
