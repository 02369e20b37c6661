"""Files of banks: whatever is not the file is *could not tell*, and an address is compared by its origin."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from outbound import HttpClient, InsecureLoopback, OutboundPolicy
from passport.errors import Malformed, Reason, Unavailable
from passport.urls import origin_of
from verifier.remote.bank_files import BankFiles

STATUSES = {"/here": 200, "/gone": 404, "/moved": 302, "/broken": 500}


class _Bank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(STATUSES[self.path])
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Location", "/here")
        self.end_headers()
        self.wfile.write(b"leaves")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the base class
        """Say nothing."""


@pytest.fixture
def bank() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def read(url: str, kind: str = "application/octet-stream") -> bytes:
    with HttpClient(OutboundPolicy(allowed=InsecureLoopback("sandbox"))) as http:
        return BankFiles(http).get(url, accept=[kind], max_bytes=100)


def test_file_is_read(bank: str) -> None:
    assert read(f"{bank}/here") == b"leaves"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/gone", "application/octet-stream"),
        ("/broken", "application/octet-stream"),
        ("/moved", "application/octet-stream"),
        ("/here", "application/statuslist+jwt"),
    ],
)
def test_anything_else_is_could_not_tell(bank: str, path: str, kind: str) -> None:
    with pytest.raises(Unavailable) as told:
        read(bank + path, kind)
    assert told.value.reason is Reason.UPSTREAM_UNAVAILABLE


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://bank-a.example", "https://bank-a.example:443"),
        ("https://BANK-A.example:443/status/1", "https://bank-a.example:443"),
        ("http://127.0.0.1:8001/x", "http://127.0.0.1:8001"),
    ],
)
def test_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "bank-a.example",
        "ftp://bank-a.example",
        "https://",
        "https://u@bank-a.example",
        "https://bank-a.example:x",
    ],
)
def test_address_without_an_origin_is_malformed(url: str) -> None:
    with pytest.raises(Malformed):
        origin_of(url)
