"""The webhook's secret is read as libraries of Standard Webhooks 1.0 read it, and in no other way."""

from __future__ import annotations

import base64

import pytest

from passport.errors import Misconfigured
from verifier.remote.webhook import webhook_key


@pytest.mark.parametrize("size", [24, 32, 64])
def test_key_is_what_the_base64_behind_the_prefix_says(size: int) -> None:
    key = bytes(range(size))
    assert webhook_key("whsec_" + base64.b64encode(key).decode()) == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        base64.b64encode(bytes(32)).decode(),
        "whsec_" + bytes(32).hex() + "!",
        "WHSEC_" + base64.b64encode(bytes(32)).decode(),
    ],
)
def test_another_form_stops_the_start_and_is_not_repeated(secret: str) -> None:
    with pytest.raises(Misconfigured, match="whsec_") as caught:
        webhook_key(secret)
    assert len(secret) < 10 or secret not in str(caught.value)
