"""Addresses as values (RFC 3986 sections 6.2.2 and 6.2.3): every spelling of one is the same, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed
from passport.urls import origin_of, target_of

OURS = "https://bank.example/oid4vci/token"
SAME = [
    "https://bank.example:443/oid4vci/token",
    "https://bank.example:/oid4vci/token",
    "HTTPS://Bank.EXAMPLE/oid4vci/token",
    "https://bank.example/oid4vci/%74oken",
    "https://bank.example/oid4vci/./token",
    "https://bank.example/x/../oid4vci/token",
    "https://bank.example/../oid4vci/token",
    "https://bank.example/oid4vci/token?a=1",
    "https://bank.example/oid4vci/token#here",
    "https://b%61nk.example/oid4vci/token",
]
OTHER = [
    "https://bank.example/oid4vci/Token",
    "https://bank.example/oid4vci/token/",
    "https://bank.example/oid4vci//token",
    "https://bank.example/oid4vci%2Ftoken",
    "https://bank.example/oid4vci/token%20",
    "https://bank.example:80/oid4vci/token",
    "https://bank.example:8443/oid4vci/token",
    "http://bank.example/oid4vci/token",
    "https://bank.example.evil.example/oid4vci/token",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_address_are_one_address(url: str) -> None:
    assert target_of(url) == target_of(OURS)


@pytest.mark.parametrize("url", OTHER)
def test_another_address_stays_another(url: str) -> None:
    assert target_of(url) != target_of(OURS)


def test_escapes_differ_only_by_their_value_and_an_empty_path_is_the_root() -> None:
    assert target_of("https://bank.example/a%c3%a9") == target_of("https://bank.example/a%C3%A9")
    assert target_of("https://bank.example") == target_of("https://bank.example/")
    assert target_of("https://bank.example/a/.") == target_of("https://bank.example/a/")
    assert target_of("https://bank.example/a/b/..") == target_of("https://bank.example/a/")
    assert target_of("https://[2001:DB8::1]:443/a") == target_of("https://[2001:db8::1]/a")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bank.example/token",
        "ftp://bank.example",
        "https://",
        "https://user@bank.example",
        "https://bank.example:x",
        "https://bank.example:0",
        "https://bank.example:65536",
        "https://bank.example/%zz",
        "https://bank.example/a\n",
        "https://ba\tnk.example",
        " https://bank.example",
        "https://bank.example/ä",
        "https://[x",
        "https://bank.example/a\x00",
    ],
)
def test_what_is_no_address_is_malformed(url: str) -> None:
    for read in (target_of, origin_of):
        with pytest.raises(Malformed):
            read(url)


def test_an_origin_has_its_port_written_out() -> None:
    assert origin_of("https://Bank.example") == origin_of("https://bank.example:443/x?y#z")
    assert origin_of("http://bank.example:8080") == "http://bank.example:8080"


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    try:
        once = target_of("https://bank.example/" + text)
    except Malformed:
        return
    assert target_of(once) == once
