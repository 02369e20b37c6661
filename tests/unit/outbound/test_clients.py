"""Both clients against a server that misbehaves: the same answers, the same refusals."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outbound import (
    AnswerLost,
    AsyncHttpClient,
    FetchLimits,
    HttpAnswer,
    HttpClient,
    InsecureLoopback,
    Origin,
    OutboundPolicy,
)
from passport.errors import Malformed, Reason, Rejected, Unavailable

Fetch = Callable[[str], HttpAnswer]
POLICY = OutboundPolicy(InsecureLoopback("sandbox"))
LIMITS = FetchLimits(max_bytes=2000, seconds=0.4)


class Server(Protocol):
    """What the fixture tells."""

    url: str
    port: int
    connections: int
    hosts: list[str]
    bodies: list[bytes]
    headers: list[dict[str, str]]


def get_sync(url: str) -> HttpAnswer:
    with HttpClient(POLICY, limits=LIMITS) as client:
        return client.get(url)


def get_async(url: str) -> HttpAnswer:
    async def run() -> HttpAnswer:
        async with AsyncHttpClient(POLICY, limits=LIMITS) as client:
            return await client.get(url)

    return asyncio.run(run())


def post_sync(url: str) -> HttpAnswer:
    with HttpClient(POLICY, limits=LIMITS) as client:
        return client.post(url, body=b"{}")


def post_async(url: str) -> HttpAnswer:
    async def run() -> HttpAnswer:
        async with AsyncHttpClient(POLICY, limits=LIMITS) as client:
            return await client.post(url, body=b"{}")

    return asyncio.run(run())


both = pytest.mark.parametrize("fetch", [get_sync, get_async])
every = pytest.mark.parametrize("fetch", [get_sync, get_async, post_sync, post_async])


@every
def test_answer_comes_back_whole(server: Server, fetch: Fetch) -> None:
    answer = fetch(f"{server.url}/json?x=%41")
    assert (answer.status, answer.media_type, answer.body, answer.ok) == (
        200,
        "application/json",
        b'{"a":1}',
        True,
    )
    assert server.hosts == [f"127.0.0.1:{server.port}"]


@every
def test_protocol_error_is_an_answer(server: Server, fetch: Fetch) -> None:
    answer = fetch(f"{server.url}/error")
    assert (answer.status, answer.body, answer.ok) == (400, b'{"error":"invalid_grant"}', False)


@every
def test_empty_success_needs_no_content_type(server: Server, fetch: Fetch) -> None:
    assert fetch(f"{server.url}/empty").status == 204


@every
def test_redirect_is_refused_not_followed(server: Server, fetch: Fetch) -> None:
    with pytest.raises(Rejected) as caught:
        fetch(f"{server.url}/redirect")
    assert caught.value.reason is Reason.DESTINATION_NOT_ALLOWED
    assert len(server.hosts) == 1


@every
@pytest.mark.parametrize("path", ["html", "gzip"])
def test_unexpected_content_is_malformed(server: Server, fetch: Fetch, path: str) -> None:
    with pytest.raises(Malformed):
        fetch(f"{server.url}/{path}")


@every
def test_answer_above_the_limit_is_refused_while_it_arrives(server: Server, fetch: Fetch) -> None:
    with pytest.raises(Rejected) as caught:
        fetch(f"{server.url}/chunks")
    assert caught.value.reason is Reason.LIMIT_EXCEEDED


@every
@pytest.mark.parametrize("path", ["drip", "drip-head"])
def test_slow_drip_ends_at_the_total_deadline(server: Server, fetch: Fetch, path: str) -> None:
    started = time.monotonic()
    with pytest.raises(AnswerLost):
        fetch(f"{server.url}/{path}")
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize("fetch", [post_sync, post_async])
def test_cut_answer_to_a_post_is_lost_and_not_sent_again(server: Server, fetch: Fetch) -> None:
    with pytest.raises(AnswerLost):
        fetch(f"{server.url}/cut")
    assert len(server.hosts) == 1


@both
def test_cut_answer_to_a_get_is_asked_once_more(server: Server, fetch: Fetch) -> None:
    with pytest.raises(AnswerLost):
        fetch(f"{server.url}/cut")
    assert len(server.hosts) == 2


@every
def test_closed_port_is_unavailable_and_certainly_not_received(fetch: Fetch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        fetch(f"http://127.0.0.1:{port}/")
    assert not isinstance(caught.value, AnswerLost)


def test_connection_is_reused_and_no_cookie_is_kept(server: Server) -> None:
    with HttpClient(POLICY) as client:
        for _ in range(3):
            client.get(f"{server.url}/cookie")
    assert server.connections == 1
    assert all("Cookie" not in headers for headers in server.headers)


def test_async_connection_is_reused(server: Server) -> None:
    async def run() -> None:
        async with AsyncHttpClient(POLICY) as client:
            for _ in range(3):
                await client.get(f"{server.url}/json")

    asyncio.run(run())
    assert server.connections == 1


def test_proxy_from_the_environment_is_ignored(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get_sync(f"{server.url}/json").ok
    assert get_async(f"{server.url}/json").ok


@pytest.mark.parametrize("bad", [{"X": "a\r\nEvil: 1"}, {"Ho st": "x"}, {"Host": "evil"}, {"X": "ä"}])
def test_header_that_could_inject_is_malformed(server: Server, bad: dict[str, str]) -> None:
    with HttpClient(POLICY) as client, pytest.raises(Malformed):
        client.get(f"{server.url}/json", headers=bad)
    assert server.hosts == []


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, private


@pytest.mark.parametrize(("host", "fits"), [("bank.example", True), ("other.example", False)])
def test_tls_name_stays_while_the_socket_goes_to_the_pinned_address(
    tmp_path: Path, host: str, *, fits: bool
) -> None:
    chain, private = make_certificate(tmp_path, "bank.example")
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        connection, _ = listener.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(4096)
                secure.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                )
        except OSError:
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    trust = ssl.create_default_context(cafile=str(chain))
    client = HttpClient(
        OutboundPolicy(frozenset({Origin("https", host, port)})),
        tls=trust,
        resolver=lambda _host, _port: ["127.0.0.1"],
    )
    with client:
        if fits:
            assert client.get(f"https://{host}:{port}/").ok
        else:
            with pytest.raises(Unavailable):
                client.get(f"https://{host}:{port}/")
    thread.join()
    listener.close()
    assert names == [host]
