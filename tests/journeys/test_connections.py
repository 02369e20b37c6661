"""Every port of a running world, by raw sockets: silence, endless headers, answers that nobody keeps (T57, w5, w7)."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass

import pytest

from sandbox.installation import LOOPBACK
from tests.simulators.abroad import Abroad

pytestmark = pytest.mark.journey

SERVERS = ("ledger", "bank_a", "bank_x", "bank_x_issuer", "hub")
SILENT = 700
"""More than the 512 that closed a service to everybody; fewer than this process may have files."""


@dataclass(frozen=True)
class Port:
    """One server's port."""

    number: int

    def open(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.number), timeout=30)

    def ask(self, *pieces: bytes) -> tuple[bytes, bytes]:
        """What comes back until the connection is closed: header and body."""
        with self.open() as one:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    one.sendall(piece)
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := one.recv(65536):
                    received += piece
        header, _, body = received.partition(b"\r\n\r\n")
        return header, body

    def get(self, path: str, method: str = "GET") -> tuple[bytes, bytes]:
        return self.ask(f"{method} {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode())


@pytest.fixture(params=SERVERS)
def port(abroad: Abroad, request: pytest.FixtureRequest) -> Port:
    return Port(abroad.standing.installation.ports()[request.param])


def test_silent_connections_close_nothing(port: Port) -> None:
    with contextlib.ExitStack() as crowd:
        for number in range(SILENT):
            silent = crowd.enter_context(port.open())
            if number % 3:
                silent.sendall(
                    (b"GET /health/live HTTP", b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ")[number % 3 - 1]
                )
        for path in ("/health/live", "/health/ready", "/nowhere"):
            header, _ = port.get(path)
            assert header.startswith(b"HTTP/1.1 404 " if path == "/nowhere" else b"HTTP/1.1 200 "), header


def test_header_is_bounded(port: Port) -> None:
    began = time.monotonic()
    endless = port.ask(f"GET / HTTP/1.1\r\nHost: {LOOPBACK}\r\nX-Long: ".encode(), *[b"y" * (1 << 20)] * 32)[
        0
    ]
    assert endless[:12] in {b"", b"HTTP/1.1 431"}
    assert time.monotonic() - began < 20
    too_long, _ = port.get("/" + "y" * 40_000)
    assert too_long.startswith(b"HTTP/1.1 431 ")
    assert b"cache-control: no-store" in too_long
    assert port.get("/health/live")[0].startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_no_answer_before_a_route_may_be_kept(port: Port, method: str) -> None:
    for path in ("/health/live", "/nowhere", "/", "/.well-known/nothing"):
        header, _ = port.get(path, method)
        assert header.lower().count(b"cache-control: no-store") == 1, header


def test_head_is_get_without_a_body(port: Port) -> None:
    for path in ("/health/live", "/health/ready", "/nowhere"):
        (got, body), (asked, nothing) = port.get(path), port.get(path, "HEAD")
        assert nothing == b""
        assert without_date(asked) == without_date(got)
        assert f"content-length: {len(body)}".encode() in asked


def without_date(header: bytes) -> list[bytes]:
    return [line for line in header.split(b"\r\n") if not line.startswith(b"date:")]


@pytest.mark.parametrize(
    ("party", "path"),
    [
        ("bank_a", "/.well-known/openid-credential-issuer"),
        ("bank_a", "/.well-known/oauth-authorization-server"),
        ("bank_a", "/status/1"),
        ("hub", "/.well-known/fraud-check"),
    ],
)
def test_documents_answer_head_too_and_keep_their_own_word(abroad: Abroad, party: str, path: str) -> None:
    port = Port(abroad.standing.installation.ports()[party])
    (got, body), (asked, nothing) = port.get(path), port.get(path, "HEAD")
    assert got.startswith(b"HTTP/1.1 200 ")
    assert (nothing, f"content-length: {len(body)}".encode() in asked) == (b"", True)
    assert without_date(asked) == without_date(got)
    assert got.count(b"cache-control:") == 1


@pytest.mark.parametrize(
    ("party", "path"),
    [
        ("bank_a", "/oid4vci/nonce"),
        ("bank_a", "/oid4vci/token"),
        ("bank_a", "/oid4vci/credential"),
        ("bank_x", "/v1/applications"),
        ("hub", "/v1/transfers"),
    ],
)
def test_broken_json_gets_an_answer_that_nobody_keeps(abroad: Abroad, party: str, path: str) -> None:
    body = b'{"a":'
    request = (
        f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    header, _ = Port(abroad.standing.installation.ports()[party]).ask(request.encode() + body)
    assert header.startswith(b"HTTP/1.1 400 ")
    assert header.count(b"cache-control: no-store") == 1


def test_a_quiet_world_writes_next_to_nothing(abroad: Abroad) -> None:
    """Bank A asks the hub for alerts five times a second; that is no news each time."""

    def lines() -> int:
        return sum(child.log.read_bytes().count(b"\n") for child in abroad.standing.children.values())

    before = lines()
    time.sleep(5)
    assert lines() - before <= 10
