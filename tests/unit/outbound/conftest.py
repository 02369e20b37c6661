"""A server on loopback that misbehaves on request."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Behaviour:
    """What the server saw."""

    url: str = ""
    port: int = 0
    connections: int = 0
    hosts: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    seen: Behaviour

    def handle_error(self, *_: object) -> None:
        """A client that hangs up early is what half of the tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.seen.connections += 1

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.server.seen.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.do_GET()

    def do_GET(self) -> None:
        self.server.seen.hosts.append(self.headers.get("Host", ""))
        self.server.seen.headers.append(dict(self.headers))
        name = self.path.partition("?")[0].strip("/").replace("-", "_")
        getattr(self, f"answer_{name}")()

    def answer(self, body: bytes, kind: str = "application/json", status: int = 200, **extra: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in extra.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self) -> None:
        self.answer(b'{"a":1}')

    def answer_cookie(self) -> None:
        self.answer(b"{}", Set_Cookie="track=1")

    def answer_html(self) -> None:
        self.answer(b"<html>", "text/html")

    def answer_error(self) -> None:
        self.answer(b'{"error":"invalid_grant"}', status=400)

    def answer_redirect(self) -> None:
        self.answer(b"", status=302, Location="/json")

    def answer_gzip(self) -> None:
        self.answer(b"x", Content_Encoding="gzip")

    def answer_empty(self) -> None:
        self.send_response(204)
        self.end_headers()

    def answer_chunks(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")

    def answer_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n")
        self.drip()

    def answer_drip_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self.drip()

    def answer_cut(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        self.close_connection = True

    def drip(self) -> None:
        self.close_connection = True
        for _ in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[Behaviour]:
    """The server, and what it saw."""
    running = Server(("127.0.0.1", 0), Handler)
    running.seen = Behaviour(port=running.server_port, url=f"http://127.0.0.1:{running.server_port}")
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running.seen
    running.shutdown()
    running.server_close()
    thread.join()
