from __future__ import annotations

import gc
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel

from passport import strict_json
from passport.errors import Malformed, Misconfigured, Reason, Rejected, Unavailable
from service import body_gate
from service.access import BearerSecret, OpenTo, declared_access
from service.app import HouseApp, create_app
from service.body_gate import BodyLimits
from service.database_errors import outcome_unknown
from service.error_answers import BASE_TABLE, missing_from
from service.logs import log_event

Connect = Callable[[FastAPI], Awaitable[httpx.AsyncClient]]


class Note(BaseModel):
    amount: int


def sample_router() -> APIRouter:
    router = APIRouter()
    failures: dict[str, Exception] = {
        "malformed": Malformed("expected a number"),
        "refused": Rejected(Reason.NOT_FOUND, "expected an offer of yours"),
        "twice": Rejected(Reason.ALREADY_RECEIVED, "once is enough"),
        "away": Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger does not answer"),
        "ours": Misconfigured("the secret file /secret/path is missing"),
        "bug": RuntimeError("canary-5512"),
        "disk": OSError(28, "No space left on device"),
        "lost": outcome_unknown(),
    }

    @router.get("/fail/{kind}", dependencies=[Depends(OpenTo("a test"))])
    def fail(kind: str) -> None:
        raise failures[kind]

    @router.post("/notes", dependencies=[Depends(BearerSecret("the operator", "s3cret-token"))])
    def notes(note: Note) -> dict[str, int]:
        return {"amount": note.amount}

    return router


@pytest.fixture
def app() -> FastAPI:
    return create_app(HouseApp("sample", [sample_router()], limits=BodyLimits(max_bytes=64, seconds=0.2)))


BEARER = {"Authorization": "Bearer s3cret-token"}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("malformed", 400, "malformed"),
        ("refused", 404, "not_found"),
        ("twice", 409, "already_received"),
        ("away", 503, "ledger_unavailable"),
        ("ours", 500, "misconfigured"),
        ("bug", 500, "internal_error"),
        ("disk", 503, "storage_unavailable"),
        ("lost", 503, "outcome_unknown"),
    ],
)
async def test_error_becomes_its_status_and_code(
    app: FastAPI, connect: Connect, kind: str, status: int, code: str
) -> None:
    answer = await (await connect(app)).get(f"/fail/{kind}")
    assert answer.status_code == status
    assert answer.json()["error"] == code
    assert "canary" not in answer.text
    assert "/secret/path" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ["disk", "lost"])
async def test_what_may_be_done_is_never_told_as_nothing_done(
    app: FastAPI, connect: Connect, kind: str
) -> None:
    answer = await (await connect(app)).get(f"/fail/{kind}")
    assert "not known whether" in answer.json()["error_description"]
    assert "nothing was done" not in answer.text
    assert answer.headers["retry-after"]


async def test_unavailable_says_when_to_come_back(app: FastAPI, connect: Connect) -> None:
    assert (await (await connect(app)).get("/fail/away")).headers["retry-after"] == "2"


def test_every_error_class_has_a_row() -> None:
    assert missing_from(BASE_TABLE, ("passport.errors", "service")) == frozenset()


def test_an_error_class_without_a_row_is_named() -> None:
    class Novel(Rejected):
        pass

    assert missing_from(BASE_TABLE, [Novel.__module__]) == {f"{Novel.__module__}.{Novel.__qualname__}"}
    del Novel
    gc.collect()  # so that no other test finds the class


@pytest.mark.parametrize(
    "header", [None, "Bearer wrong", "Basic s3cret-token", "Bearer s3cret-token x", "Bearer é"]
)
async def test_wrong_bearer_is_refused(app: FastAPI, connect: Connect, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = await (await connect(app)).post("/notes", json={"amount": 1}, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_authorised"


async def test_right_bearer_passes(app: FastAPI, connect: Connect) -> None:
    answer = await (await connect(app)).post("/notes", json={"amount": 1}, headers=BEARER)
    assert (answer.status_code, answer.json()) == (200, {"amount": 1})


async def test_body_of_the_limit_passes_and_one_more_byte_does_not(app: FastAPI, connect: Connect) -> None:
    client = await connect(app)
    headers = {**BEARER, "Content-Type": "application/json"}
    exact = b'{"amount":1}'.ljust(64)
    assert (await client.post("/notes", content=exact, headers=headers)).status_code == 200
    answer = await client.post("/notes", content=exact + b" ", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "request_too_large")


async def test_a_large_body_is_read_beside_the_event_loop(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may post megabytes that take a second to read; nobody else waits for it (T47)."""
    readers: list[tuple[int, bool]] = []

    def loads(body: bytes, limits: strict_json.Limits) -> strict_json.JsonValue:
        readers.append((len(body), threading.get_ident() == loop))
        return strict_json.loads(body, limits)

    loop = threading.get_ident()
    monkeypatch.setattr(body_gate, "strict_json", SimpleNamespace(loads=loads, Limits=strict_json.Limits))
    app = create_app(HouseApp("sample", [sample_router()], limits=BodyLimits(max_bytes=1 << 20)))
    headers = {**BEARER, "Content-Type": "application/json"}
    client = await connect(app)
    for size in (64, 16 * 1024, 16 * 1024 + 1, 1 << 20):
        body = b'{"amount":1}'.ljust(size)
        assert (await client.post("/notes", content=body, headers=headers)).status_code == 200
    assert readers == [(64, True), (16 * 1024, True), (16 * 1024 + 1, False), (1 << 20, False)]
    broken = b'{"amount":1,"amount":2}'.ljust(1 << 19)
    assert (await client.post("/notes", content=broken, headers=headers)).status_code == 400


async def test_chunked_body_over_the_limit_is_refused(app: FastAPI, connect: Connect) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 8

    answer = await (await connect(app)).post("/notes", content=chunks(), headers=BEARER)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount":1,"amount":2}',
        b'{"amount":NaN}',
        b'{"amount":' + b"9" * 40 + b"}",
        b"[" * 30 + b"]" * 30,
        b"{",
        b"\xff",
    ],
)
async def test_json_that_two_parsers_could_read_differently_is_refused(
    app: FastAPI, connect: Connect, body: bytes
) -> None:
    headers = {**BEARER, "Content-Type": "application/json; charset=utf-8"}
    answer = await (await connect(app)).post("/notes", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "spelled",
    [
        [b"application/json\xa0"],
        [b"\xa0application/json"],
        [b"application/vnd.sample+json\x85"],
        [b"application/json", b"text/plain"],
        [b"text/plain", b"application/json"],
    ],
)
async def test_no_spelling_of_its_type_takes_json_past_the_gate(
    app: FastAPI, connect: Connect, spelled: list[bytes]
) -> None:
    headers = [
        (b"Authorization", BEARER["Authorization"].encode()),
        *((b"Content-Type", one) for one in spelled),
    ]
    answer = await (await connect(app)).post("/notes", content=b'{"amount":1,"amount":2}', headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "Content-Type" in answer.text or "each member name once" in answer.text


async def test_a_slash_too_many_sends_nobody_elsewhere(app: FastAPI, connect: Connect) -> None:
    answer = await (await connect(app)).post(
        "/notes/", json={"amount": 1}, headers={**BEARER, "Host": "evil.example"}
    )
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


async def test_wrong_shape_names_the_field_and_no_value(app: FastAPI, connect: Connect) -> None:
    answer = await (await connect(app)).post("/notes", json={"amount": "canary-5512"}, headers=BEARER)
    assert answer.status_code == 400
    assert "body.amount" in answer.json()["error_description"]
    assert "canary" not in answer.text


async def test_unknown_path_and_method_are_json(app: FastAPI, connect: Connect) -> None:
    client = await connect(app)
    assert (await client.get("/nowhere")).json()["error"] == "not_found"
    answer = await client.put("/notes")
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")


def test_a_route_without_declared_access_stops_the_start() -> None:
    router = APIRouter()
    router.add_api_route("/open-by-accident", lambda: None)
    with pytest.raises(Misconfigured, match="/open-by-accident"):
        create_app(HouseApp("sample", [router]))


def test_every_route_has_declared_auth(app: FastAPI) -> None:
    declared = declared_access(app.routes)
    assert declared["POST", "/notes"] == "bearer secret: the operator"
    assert {path for _, path in declared} == {"/fail/{kind}", "/notes", "/health/live", "/health/ready"}


async def test_ready_names_the_part_that_fails(connect: Connect) -> None:
    def broken() -> None:
        raise Unavailable(Reason.LEDGER_UNAVAILABLE, "away")

    client = await connect(create_app(HouseApp("s", [], checks={"ledger": broken, "clock": lambda: None})))
    assert (await client.get("/health/live")).json() == {"status": "live"}
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"ledger": "failing", "clock": "ok"}


Lines = Callable[[], list[dict[str, object]]]


async def test_request_log_has_the_template_and_not_the_path(
    app: FastAPI, connect: Connect, log_lines: Lines
) -> None:
    await (await connect(app)).get("/fail/refused?secret=canary-5512")
    line = next(one for one in log_lines() if one["event"] == "request")
    assert line["route"] == "/fail/{kind}"
    assert line["status"] == 404
    assert "canary" not in json.dumps(log_lines())


async def test_a_bug_is_logged_by_place_and_not_by_its_text(
    app: FastAPI, connect: Connect, log_lines: Lines
) -> None:
    await (await connect(app)).get("/fail/bug")
    line = next(one for one in log_lines() if one["event"] == "request_failed")
    assert line["error"] == "RuntimeError"
    assert "test_app.py" in str(line["trace"])
    assert "canary" not in json.dumps(log_lines())


def test_a_field_that_is_not_allowed_is_dropped(log_lines: Lines) -> None:
    log_event(logging.getLogger("service.x"), "thing", count=3, name="canary-5512")
    assert log_lines()[0]["count"] == 3
    assert "canary" not in json.dumps(log_lines())
