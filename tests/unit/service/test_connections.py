"""Connections, by raw sockets: what no client library would send (T57)."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request

from service.access import OpenTo
from service.app import HouseApp, create_app
from service.connections import ConnectionLimits, Connections, Phase, Place, Proxies, share_of
from service.server import bind, server_config

LIMITS = ConnectionLimits(
    header_bytes=4096,
    header_lines=20,
    first_byte_seconds=1.0,
    header_seconds=1.0,
    body_seconds=2.0,
    idle_seconds=1.0,
    unread_seconds=2.0,
    connections=32,
    requests=8,
    spare=4,
    pipelined=4,
)
LIVE = b"GET /health/live HTTP/1.1\r\nHost: house.test\r\n\r\n"
CLOSE = b"GET /health/live HTTP/1.1\r\nHost: house.test\r\nConnection: close\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: house.test\r\n\r\n"


def sample() -> tuple[FastAPI, threading.Event]:
    gate, router = threading.Event(), APIRouter(dependencies=[Depends(OpenTo("a test"))])

    @router.get("/slow")
    def slow() -> str:
        gate.wait(20)
        return "slow"

    @router.get("/long")
    def long() -> str:
        return "x" * (32 * 1024 * 1024)

    @router.post("/echo")
    async def echo(request: Request) -> dict[str, Any]:
        size = len(await request.body())
        client = request.client.host if request.client else ""
        return {"size": size, "headers": sorted(request.headers), "client": client}

    return create_app(HouseApp("sample", [router])), gate


@dataclass
class Served:
    """A service on a port, and the gate that its slow answers wait for."""

    port: int
    gate: threading.Event
    server: uvicorn.Server

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        with closing(self.open()) as one:
            one.sendall(request)
            return read_answer(one)


def read_answer(one: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer's status, headers and body; a status of 0 says that the connection ended without any."""
    received = b""
    while b"\r\n\r\n" not in received:
        try:
            piece = one.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return 0, {}, received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    while len(body) < int(headers.get("content-length", "0")):
        body += one.recv(65536)
    return int(first.split()[1]), headers, body


def ended(one: socket.socket) -> bool:
    """Whether the other side closes, however it does; raises if it leaves us waiting."""
    with suppress(ConnectionResetError):
        while one.recv(65536):
            pass
    return True


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    running: list[tuple[Served, threading.Thread]] = []

    def start(limits: ConnectionLimits = LIMITS, proxies: tuple[str, ...] = ()) -> Served:
        app, gate = sample()
        listener = bind("127.0.0.1", 0)
        server = uvicorn.Server(server_config(app, limits, proxies=proxies))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.005)
        running.append((Served(listener.getsockname()[1], gate, server), thread))
        return running[-1][0]

    yield start
    for served, thread in running:
        served.gate.set()
        served.server.should_exit = True
        thread.join(20)


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    return serve()


# --- silent ones ----------------------------------------------------------------------------------------------


def test_silent_connections_close_nothing(served: Served) -> None:
    """Many more than there are places, all of one address: each newcomer is answered, and so is health."""
    with ExitStack() as crowd:
        for number in range(12 * LIMITS.connections):
            silent = crowd.enter_context(closing(served.open()))
            if number % 3:
                silent.sendall((b"GET", b"GET / HTTP/1.1\r\nHost: x\r\nX: ")[number % 3 - 1])
            if number % 40 == 39:
                assert served.ask(LIVE)[0] == 200
        assert served.ask(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")[0] == 200


def test_silent_connection_is_closed_and_half_a_header_hears_why(served: Served) -> None:
    with closing(served.open()) as silent, closing(served.open()) as half, closing(served.open()) as blank:
        half.sendall(b"GET / HTTP/1.1\r\nHost: house.test\r\n")
        blank.sendall(b"\r\n\r\n")
        status, headers, body = read_answer(half)
        assert (status, headers["cache-control"], headers["connection"]) == (408, "no-store", "close")
        assert json.loads(body)["error"] == "invalid_request"
        assert ended(half)
        assert ended(silent)
        assert ended(blank)


def test_a_header_in_drops_is_not_waited_for(served: Served) -> None:
    with closing(served.open()) as dripping:
        began = time.monotonic()
        dripping.settimeout(0.1)
        dripping.sendall(b"GET / HTTP/1.1\r\nX: ")
        answered = b""
        for _ in range(200):
            try:
                dripping.sendall(b"X")
                answered = dripping.recv(4096)
            except TimeoutError:
                continue
            break
        assert answered.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < 15


def test_idle_connection_is_kept_for_a_while_and_then_closed(served: Served) -> None:
    with closing(served.open()) as kept:
        for _ in range(3):
            kept.sendall(LIVE)
            assert read_answer(kept)[0] == 200
        assert ended(kept)


def test_connection_that_is_worked_for_gives_way_to_nobody(serve: Callable[..., Served]) -> None:
    served = serve(replace(LIMITS, requests=64))
    with ExitStack() as crowd:
        working = [crowd.enter_context(closing(served.open())) for _ in range(8)]
        for one in working:
            one.sendall(SLOW)
        time.sleep(0.2)
        for _ in range(3 * LIMITS.connections):
            crowd.enter_context(closing(served.open()))
        assert served.ask(LIVE)[0] == 200
        served.gate.set()
        assert [read_answer(one)[0] for one in working] == [200] * 8


def test_health_answers_where_every_place_is_taken_by_work(serve: Callable[..., Served]) -> None:
    served = serve(replace(LIMITS, connections=16, requests=16))
    with ExitStack() as crowd:
        for _ in range(16):
            crowd.enter_context(closing(served.open())).sendall(SLOW)
        time.sleep(0.3)
        for _ in range(5):
            crowd.enter_context(closing(served.open()))  # Silent ones take the spare places, and give way.
            assert served.ask(LIVE)[0] == 200
            assert (
                served.ask(b"HEAD /health/ready HTTP/1.1\r\nHost: x\r\n\r\n".replace(b"HEAD", b"GET"))[0]
                == 200
            )
            status, headers, body = served.ask(SLOW)
            assert (status, headers["retry-after"], headers["cache-control"]) == (503, "1", "no-store")
            assert json.loads(body)["error"] == "temporarily_unavailable"


def test_more_requests_than_may_be_under_way_hear_so_at_once(served: Served) -> None:
    with ExitStack() as crowd:
        for _ in range(LIMITS.requests):
            crowd.enter_context(closing(served.open())).sendall(SLOW)
        time.sleep(0.3)
        assert served.ask(SLOW)[0] == 503
        assert served.ask(LIVE)[0] == 200
        served.gate.set()
        time.sleep(0.3)
        assert served.ask(SLOW)[0] == 200


def test_requests_whose_bodies_do_not_come_close_nothing(served: Served) -> None:
    """Of as many as may be under way, the one that was awaited longest gives way to the next."""
    body = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
    with ExitStack() as crowd:
        slow = [crowd.enter_context(closing(served.open())) for _ in range(2 * LIMITS.requests)]
        for one in slow:
            one.sendall(body)
        assert served.ask(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")[0] == 404
        assert served.ask(body + b"hi")[0] == 200
        assert read_answer(slow[0])[0] == 0
        slow[-1].sendall(b"hi")
        assert read_answer(slow[-1])[0] == 200


def test_what_is_worked_for_gives_way_to_no_request(served: Served) -> None:
    with ExitStack() as crowd:
        for _ in range(LIMITS.requests):
            crowd.enter_context(closing(served.open())).sendall(SLOW)
        time.sleep(0.3)
        assert served.ask(SLOW)[0] == 503


# --- headers --------------------------------------------------------------------------------------------------


def header_of(size: int) -> bytes:
    """A request whose header is counted as ``size`` bytes: the target and each line with its separators."""
    start, line = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ", b"\r\n\r\n"
    counted = len("/health/live") + len("Hostx") + 4 + len("X-Long") + 4
    return start + b"y" * (size - counted) + line


def test_header_is_bounded(served: Served) -> None:
    assert served.ask(header_of(LIMITS.header_bytes - 64))[0] == 200
    status, headers, body = served.ask(header_of(LIMITS.header_bytes + 1))
    assert (status, headers["cache-control"], headers["connection"]) == (431, "no-store", "close")
    assert "at most 4096 bytes" in json.loads(body)["error_description"]


@pytest.mark.parametrize(
    "endless",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * (8 << 20),
        b"GET /" + b"y" * (8 << 20),
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"y" * (8 << 20),
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * (1 << 20),
        b"GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n " + b" \r\n" * (1 << 20),
        b"\r\n" * (4 << 20),
        b"G" * (8 << 20),
    ],
    ids=["value", "target", "name", "lines", "folded", "blank lines", "method"],
)
def test_endless_header_costs_no_more_than_its_bound(served: Served, endless: bytes) -> None:
    began = time.process_time()
    with closing(served.open()) as one:
        with suppress(BrokenPipeError, ConnectionResetError):  # To be cut off is what the bound is for.
            one.sendall(endless)
        status = read_answer(one)[0] if endless[:3] != b"GGG" else 400
        assert status in {0, 400, 431}
    # Both ends run in this process; 128 MiB cost 24 s of the server's alone.
    assert time.process_time() - began < 3
    assert served.ask(LIVE)[0] == 200


def test_header_of_too_many_lines_is_refused(served: Served) -> None:
    def request(lines: int) -> bytes:
        return b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * (lines - 1) + b"\r\n"

    assert served.ask(request(LIMITS.header_lines))[0] == 200
    assert served.ask(request(LIMITS.header_lines + 1))[0] == 431


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /health/live HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_an_answer_that_nobody_keeps(served: Served, request_bytes: bytes) -> None:
    status, headers, body = served.ask(request_bytes)
    assert (status, headers["cache-control"], headers["content-type"]) == (
        400,
        "no-store",
        "application/json",
    )
    assert json.loads(body)["error"] == "invalid_request"


def test_upgrade_is_answered_as_if_it_were_not_asked_for(served: Served) -> None:
    asked = LIVE[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert served.ask(asked + b"\x81\x05hello" * 100)[0] == 200


# --- bodies ---------------------------------------------------------------------------------------------------

CHUNKED = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_chunks_of_one_byte_are_read(served: Served) -> None:
    status, _, body = served.ask(CHUNKED + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n")
    assert (status, json.loads(body)["size"]) == (200, 50_000)


@pytest.mark.parametrize(
    "parts", [(CHUNKED, b"1;" + b"e" * 18_000), (CHUNKED + b"1;" + b"e" * 22_000,)], ids=["after", "with"]
)
def test_a_long_extension_of_a_chunk_is_refused_at_once(served: Served, parts: tuple[bytes, ...]) -> None:
    """A header's length was allowed on top, and with the defaults 70 kB of it had the body's whole deadline (408)."""
    with closing(served.open()) as one:
        for part in parts:
            one.sendall(part)
            time.sleep(0.2)
        assert read_answer(one)[0] == 400


@pytest.mark.parametrize(
    "wrapping",
    [
        b"1;" + b"e" * (4 << 20) + b"\r\nx\r\n",
        b"1;e=f\r\nx\r\n0\r\n" + b"a: b\r\n" * (1 << 20),
        b"0\r\nX: " + b"y" * (4 << 20),
        b"0" * (4 << 20),
    ],
    ids=["extension", "trailer lines", "trailer", "size"],
)
def test_a_body_that_is_all_wrapping_is_ended(served: Served, wrapping: bytes) -> None:
    with closing(served.open()) as one:
        with suppress(BrokenPipeError, ConnectionResetError):
            one.sendall(CHUNKED + wrapping)
        assert read_answer(one)[0] in {0, 400}
    assert served.ask(LIVE)[0] == 200


def test_a_trailer_says_nothing_that_a_header_says(served: Served) -> None:
    """Merged into the header, it would come after the body gate had looked at the header."""
    trailer = b"5\r\nhello\r\n0\r\nContent-Type: application/json\r\nAuthorization: Bearer x\r\n\r\n"
    status, _, body = served.ask(CHUNKED + trailer)
    assert (status, json.loads(body)["headers"]) == (200, ["host", "transfer-encoding"])


def test_a_slow_body_is_not_waited_for(served: Served) -> None:
    with closing(served.open()) as slow:
        slow.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhi")
        assert read_answer(slow)[0] == 408
        assert ended(slow)


def test_an_answer_that_is_not_read_is_not_kept_for_ever(served: Served) -> None:
    with closing(served.open()) as deaf:
        deaf.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        until = time.monotonic() + 15
        while served.server.server_state.connections and time.monotonic() < until:
            time.sleep(0.05)
        assert not served.server.server_state.connections


# --- pipelining -----------------------------------------------------------------------------------------------


def test_requests_sent_at_once_are_answered_in_order(served: Served) -> None:
    with closing(served.open()) as one:
        one.sendall(LIVE + b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + CLOSE)
        received = b"".join(iter(lambda: one.recv(65536), b""))
    assert [line.split()[1] for line in received.split(b"HTTP/1.1")[1:] for line in [b"x" + line]] == [
        b"200",
        b"404",
        b"200",
    ]


def test_a_flood_of_requests_on_one_connection_is_not_read_ahead(served: Served) -> None:
    with closing(served.open()) as one:
        received = bytearray()
        with suppress(BrokenPipeError, ConnectionResetError):
            one.sendall(LIVE * 20_000)
        with suppress(ConnectionResetError):
            while piece := one.recv(65536):
                received += piece
    # Each piece that is read ahead brings no more than may stand in the queue; then the connection is closed.
    assert received.count(b"HTTP/1.1 200") <= 2 * LIMITS.pipelined
    assert served.ask(LIVE)[0] == 200


def test_a_bad_request_behind_a_good_one_takes_no_answer_of_it(served: Served) -> None:
    with closing(served.open()) as one:
        one.sendall(SLOW + b"NONSENSE\r\n\r\n")
        time.sleep(0.2)
        served.gate.set()
        received = b"".join(iter(lambda: one.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b'"slow"')


# --- addresses ------------------------------------------------------------------------------------------------


class HeldPlace:
    def __init__(self) -> None:
        self.gave_way = False

    def expire(self, phase: Phase) -> None:
        raise AssertionError(phase)

    def give_way(self) -> None:
        self.gave_way = True


@pytest.fixture
def told() -> list[tuple[str, int]]:
    return []


async def arrive(connections: Connections, peer: str, count: int) -> list[tuple[HeldPlace, Place]]:
    held = [HeldPlace() for _ in range(count)]
    return [(one, connections.arrive(one, peer)) for one in held]


async def test_one_address_takes_no_more_than_its_share(told: list[tuple[str, int]]) -> None:
    connections = Connections(replace(LIMITS, connections=64), Proxies(), lambda *said: told.append(said))
    citizen = await arrive(connections, "203.0.113.7", 1)
    greedy = await arrive(connections, "198.51.100.9", 200)
    assert sum(not held.gave_way for held, _ in greedy) == connections.share == 16
    assert not any(held.gave_way for held, _ in greedy[-16:])
    assert not citizen[0][0].gave_way
    assert len(connections) == 17


async def test_one_network_of_ipv6_is_one_address(told: list[tuple[str, int]]) -> None:
    connections = Connections(replace(LIMITS, connections=64), Proxies(), lambda *said: told.append(said))
    for number in range(200):
        await arrive(connections, f"2001:db8:1:2::{number:x}", 1)
    assert len(connections) == connections.share
    assert share_of("::ffff:203.0.113.7") == "203.0.113.7"


async def test_where_all_share_an_address_the_longest_wait_gives_way(told: list[tuple[str, int]]) -> None:
    connections = Connections(LIMITS, Proxies(["10.0.0.1"]), lambda *said: told.append(said))
    crowd = await arrive(connections, "127.0.0.1", 40)
    assert [held.gave_way for held, _ in crowd] == [True] * 8 + [False] * 32
    behind_proxy = await arrive(connections, "10.0.0.1", 32)
    assert all(held.gave_way for held, _ in crowd)
    assert not any(held.gave_way for held, _ in behind_proxy)


async def test_requests_of_one_address_are_counted_behind_a_proxy_too(told: list[tuple[str, int]]) -> None:
    limits = replace(LIMITS, connections=64, requests=1000)
    connections = Connections(limits, Proxies(["10.0.0.0/8"]), lambda *said: told.append(said))
    ((_, place),) = await arrive(connections, "10.0.0.1", 1)
    went_in = [connections.begin(place, "198.51.100.9", 0, health=False) for _ in range(20)]
    assert went_in == [True] * connections.share + [False] * 4
    assert connections.begin(place, "203.0.113.7", 0, health=False)
    assert connections.begin(place, "198.51.100.9", 0, health=True)
    for _ in range(21):
        connections.end("198.51.100.9")
    assert connections.begin(place, "198.51.100.9", 0, health=False)


async def test_of_one_addresses_requests_the_slowest_body_gives_way_to_its_next(
    told: list[tuple[str, int]],
) -> None:
    connections = Connections(replace(LIMITS, connections=64), Proxies(), lambda *said: told.append(said))
    crowd = await arrive(connections, "198.51.100.9", connections.share)
    for _, place in crowd:
        assert connections.begin(place, "198.51.100.9", 0, health=False)
    newest = crowd[-1][1]
    assert not connections.begin(newest, "198.51.100.9", 0, health=False)
    connections.move(crowd[1][1], Phase.REST)
    for held, place in crowd[2:4]:
        connections.move(place, Phase.BODY)
        assert not held.gave_way
    assert connections.begin(newest, "198.51.100.9", 0, health=False)
    assert [held.gave_way for held, _ in crowd[:5]] == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("peer", "said", "caller"),
    [
        ("203.0.113.7", [b"198.51.100.1"], "203.0.113.7"),  # no proxy of ours: it may say what it likes
        ("10.0.0.1", [b"198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [b"1.2.3.4, 198.51.100.1"], "198.51.100.1"),  # the left one was written by the caller
        ("10.0.0.1", [b"1.2.3.4", b"198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [b"198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"10.0.0.3"], "10.0.0.1"),
    ],
)
def test_a_forwarding_header_counts_from_a_configured_proxy_alone(
    peer: str, said: list[bytes], caller: str
) -> None:
    assert Proxies(["10.0.0.0/8"]).caller(peer, [(b"x-forwarded-for", one) for one in said]) == caller
    assert Proxies().caller(peer, [(b"x-forwarded-for", one) for one in said]) == peer


def test_the_caller_behind_a_proxy_is_told_to_the_service(serve: Callable[..., Served]) -> None:
    request = b"POST /echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\nContent-Length: 0\r\n\r\n"
    assert json.loads(serve(LIMITS, ("127.0.0.1",)).ask(request)[2])["client"] == "198.51.100.1"
    assert json.loads(serve(LIMITS).ask(request)[2])["client"] == "127.0.0.1"


def test_what_strangers_do_fills_no_log(
    serve: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        served = serve()
        for _ in range(60):
            served.ask(b"NONSENSE\r\n\r\n")
            served.ask(header_of(8192))
    assert len(caplog.records) < 20
