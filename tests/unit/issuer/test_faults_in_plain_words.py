"""What a bank's routes say about a body of another shape: the wire's place and plain words, and not what was sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.plain_words import in_plain_words

World = Any
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}
CANARY = "canary-4711"


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/v1/sessions", {}, "body.customer: expected a value, got none; and at body.password, body.otp"),
        ("POST", "/v1/sessions", {"customer": {}, "password": CANARY, "otp": "1"}, "body.customer: expected text"),
        ("POST", "/v1/sessions", [CANARY], "body: expected an object, got a list of 1"),
        ("POST", "/v1/operator/offers", {"customer": "lin", "credentials": []},
         "body.credentials: expected a list of at least 1 item, got a list of 0"),
        ("POST", "/v1/operator/offers", {"customer": f"{CANARY} 王", "credentials": ["identity"]},
         "body.customer: expected text of letters, digits and . : _ -, got other text"),
        ("POST", "/v1/operator/offers", {"customer": "lin", "credentials": ["identity"], "is_admin": True},
         "body.is_admin: expected no member of this name"),
    ],
)  # fmt: skip
async def test_another_shape_is_told_by_the_wires_names(
    world: World, method: str, path: str, body: Any, said: str
) -> None:
    answer = await world.client.request(method, path, headers=OPERATOR, json=body)
    told = answer.json()["error_description"]
    assert answer.status_code == 400
    assert said in told
    assert CANARY not in told
    in_plain_words(told)


async def test_the_protocols_endpoints_say_it_so_too(world: World) -> None:
    wallet, made = world.wallet(), await world.offer()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for path, body, said in (
        ("/oid4vci/credential", {}, "expected either credential_identifier or credential_configuration_id"),
        (
            "/oid4vci/credential",
            {"credential_configuration_id": 7},
            "credential_configuration_id: expected text",
        ),
        ("/oid4vci/credential", [CANARY], "the whole message: expected an object"),
        ("/oid4vci/notification", {"notification_id": 1}, "notification_id: expected"),
        ("/oid4vci/deferred", {"transaction_id": [CANARY]}, "transaction_id: expected text"),
    ):
        answer = await world.client.post(path, headers=bearer, json=body)
        assert answer.status_code == 400, answer.text
        told = answer.json()["error_description"]
        assert said in told
        assert CANARY not in told
        in_plain_words(told)
