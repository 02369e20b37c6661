"""Threat T22: where a URL of somebody else's choice may lead us."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from outbound import AsyncHttpClient, HttpClient, InsecureLoopback, Origin, OutboundPolicy, parse_url
from outbound.policy import is_public
from passport.errors import Malformed, Misconfigured, Reason, Rejected, Unavailable

PUBLIC = "93.184.216.34"
UNREADABLE = [
    "",
    "bank.example",
    "//bank.example/x",
    "ftp://bank.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "https://user@bank.example/",
    "https://user:word@bank.example/",
    "https://bank.example@evil.example/",
    "https://bank.example:99999/",
    "https://bank.example:0/",
    "https://bank.example:/",
    "https://bank.example:8x/",
    "https://bank.example\\@evil.example/",
    "https://bank.example/a b",
    "https://bank.example/\r\nHost: evil",
    "https://bank.example/#fragment",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://[fe80::1%25eth0]/",
    "https://[::1/",
    "https://bänk.example/",
    "https://" + "a" * 64 + ".example/",
    "https://x/" + "a" * 5000,
]
FORBIDDEN = [
    "http://bank.example/",
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "https://127.0.0.1:8545/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.168.1.1/",
    "https://0.0.0.0/",
    "https://100.64.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[ff02::1]/",
    "https://bank.example:22/",
]
PRIVATE_ANSWERS = [
    ["127.0.0.1"],
    [PUBLIC, "127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["fe80::1%eth0"],
    ["64:ff9b::a00:1"],
    ["2001::1"],
    ["nonsense"],
    [],
]


def resolver_of(addresses: Sequence[str]) -> tuple[list[str], HttpClient, AsyncHttpClient]:
    asked: list[str] = []

    def resolve(host: str, _port: int, /) -> Sequence[str]:
        asked.append(host)
        return addresses

    return asked, HttpClient(resolver=resolve), AsyncHttpClient(resolver=resolve)


@pytest.mark.parametrize("url", UNREADABLE)
def test_ambiguous_url_is_malformed(url: str) -> None:
    with pytest.raises(Malformed):
        parse_url(url)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_forbidden_destination_is_refused_before_anything_is_resolved(url: str) -> None:
    asked, client, other = resolver_of([PUBLIC])
    with pytest.raises(Rejected) as caught:
        client.get(url)
    with pytest.raises(Rejected):
        asyncio.run(other.get(url))
    assert caught.value.reason is Reason.DESTINATION_NOT_ALLOWED
    assert asked == []


@pytest.mark.parametrize("addresses", PRIVATE_ANSWERS)
def test_name_with_any_address_that_is_not_public_is_refused(addresses: list[str]) -> None:
    asked, client, other = resolver_of(addresses)
    with pytest.raises(Rejected) as caught:
        client.get("https://bank.example/")
    with pytest.raises(Rejected):
        asyncio.run(other.get("https://bank.example/"))
    assert caught.value.reason is Reason.DESTINATION_NOT_ALLOWED
    assert asked == ["bank.example", "bank.example"]


def test_name_that_cannot_be_resolved_is_unavailable() -> None:
    def resolve(_host: str, _port: int, /) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(Unavailable):
        HttpClient(resolver=resolve).get("https://bank.example/")
    with pytest.raises(Unavailable):
        asyncio.run(AsyncHttpClient(resolver=resolve).get("https://bank.example/"))


def test_listed_origin_is_compared_with_scheme_host_and_port() -> None:
    policy = OutboundPolicy(frozenset({Origin.parse("http://127.0.0.1:8080")}))
    policy.check_target(parse_url("http://127.0.0.1:8080/x?y=1"))
    for other in ["http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "http://127.0.0.2:8080/"]:
        with pytest.raises(Rejected):
            policy.check_target(parse_url(other))


def test_loopback_rule_is_for_the_sandbox_and_for_literal_addresses_only() -> None:
    rule = InsecureLoopback("sandbox")
    assert Origin.parse("http://127.0.0.1:1") in rule
    assert Origin.parse("http://[::1]:1") in rule
    assert Origin("http", "localhost", 80) not in rule
    assert Origin.parse("http://10.0.0.1") not in rule
    assert "http://127.0.0.1" not in rule
    with pytest.raises(Misconfigured):
        InsecureLoopback("production")


@pytest.mark.parametrize("address", ["8.8.8.8", PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["https://bank.example", "https://bank.example:8443", "http://[::1]:81"])
def test_origin_survives_being_written_and_read(text: str) -> None:
    assert str(Origin.parse(text)) == text


def test_origin_with_a_path_is_malformed() -> None:
    with pytest.raises(Malformed):
        Origin.parse("https://bank.example/x")
