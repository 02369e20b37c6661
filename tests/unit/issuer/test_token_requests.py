"""What a token request says beyond its codes: who asks, and for what in particular (OpenID4VCI 1.0 sections 5.1.1, 6)."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from passport.clock import to_epoch
from passport.jose import sign_compact
from passport.openid4vci.names import OPENID_CREDENTIAL

World = Any
CLIENT = "wallet-app"
FUNDS, IDENTITY = "proof-of-funds", "identity"


def proofs(wallet: Any, nonce: str, **claims: str) -> list[str]:
    return [
        sign_compact(
            typ="openid4vci-proof+jwt",
            payload={"aud": wallet.issuer, "iat": to_epoch(wallet.now()), "nonce": nonce, **claims},
            signer=key,
            header={"jwk": key.public_jwk.to_json()},
        )
        for key in wallet.keys
    ]


def details(*configurations: str, **more: object) -> str:
    return json.dumps(
        [{"type": OPENID_CREDENTIAL, "credential_configuration_id": one, **more} for one in configurations]
    )


async def token_of(wallet: Any, made: dict[str, str], **form: str) -> dict[str, Any]:
    answer = await wallet.token(made["offer"], made["tx_code"], **form)
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


@pytest.mark.parametrize("dpop", [False, True])
@pytest.mark.parametrize(
    ("client", "claims", "status"),
    [
        (CLIENT, {"iss": CLIENT}, 200),
        (CLIENT, {}, 200),  # Appendix F.1: iss is optional.
        (CLIENT, {"iss": "another-app"}, 400),
        (CLIENT, {"iss": CLIENT + " "}, 400),
        (CLIENT, {"iss": ""}, 400),
        (None, {}, 200),
        (None, {"iss": CLIENT}, 400),
        (None, {"iss": ""}, 400),
        ("", {}, 200),  # Without a value it was left out (RFC 6749 section 3.2).
        ("", {"iss": ""}, 400),
        ("c" * 512, {"iss": "c" * 512}, 200),
    ],
)
async def test_a_key_proof_is_the_token_requests_client(
    world: World, client: str | None, claims: dict[str, str], status: int, *, dpop: bool
) -> None:
    wallet = world.wallet(dpop=dpop)
    got = await token_of(wallet, await world.offer(), **({} if client is None else {"client_id": client}))
    answer = await wallet.credential(
        got["access_token"], FUNDS, proofs(wallet, await wallet.nonce(), **claims)
    )
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["error"] == "invalid_proof"
        good = proofs(wallet, await wallet.nonce(), **({"iss": client} if client else {}))
        assert (await wallet.credential(got["access_token"], FUNDS, good)).status_code == 200


@pytest.mark.parametrize("client", ["c" * 513, "walle\x00t", "錢包", "a\nb", "a\x7fb"])
async def test_a_client_id_that_is_none_is_refused_and_spends_nothing(world: World, client: str) -> None:
    made = await world.offer()
    answer = await world.wallet().token(made["offer"], made["tx_code"], client_id=client)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    await token_of(world.wallet(), made)


async def test_the_same_token_again_is_for_the_same_client_and_details_alone(world: World) -> None:
    wallet, made = world.wallet(dpop=True), await world.offer("lin", FUNDS, IDENTITY)
    first = await token_of(wallet, made, client_id=CLIENT, authorization_details=details(FUNDS))
    for other in (
        {},
        {"client_id": "another", "authorization_details": details(FUNDS)},
        {"client_id": CLIENT},
        {"client_id": CLIENT, "authorization_details": details(FUNDS, IDENTITY)},
    ):
        answer = await wallet.token(made["offer"], made["tx_code"], **other)
        assert answer.json()["error"] == "invalid_grant", other
    assert await token_of(wallet, made, client_id=CLIENT, authorization_details=details(FUNDS)) == first


async def test_authorization_details_are_answered_with_identifiers_to_ask_by(world: World) -> None:
    wallet, made = world.wallet(), await world.offer("lin", FUNDS, IDENTITY)
    asked = details(IDENTITY, FUNDS, locations=[wallet.issuer], a_field_that_nobody_knows={"x": 1})
    got = await token_of(wallet, made, authorization_details=asked)
    answered = got["authorization_details"]
    assert [(one["type"], one["credential_configuration_id"]) for one in answered] == [
        (OPENID_CREDENTIAL, IDENTITY),
        (OPENID_CREDENTIAL, FUNDS),
    ]
    identifiers = [one["credential_identifiers"] for one in answered]
    assert [len(one) for one in identifiers] == [1, 1]
    for configuration, (identifier,) in zip((IDENTITY, FUNDS), identifiers, strict=True):
        body = {
            "credential_identifier": identifier,
            "proofs": {"jwt": wallet.proofs(await wallet.nonce())},
        }
        answer = await wallet.post(got["access_token"], "/oid4vci/credential", body)
        assert len(answer.json()["credentials"]) == 5
        # Section 8.2: the configuration must not be named where identifiers were given.
        refused = await wallet.credential(got["access_token"], configuration, body["proofs"]["jwt"])
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_credential_request")


async def test_what_the_details_left_out_is_not_opened_by_the_token(world: World) -> None:
    wallet, made = world.wallet(), await world.offer("lin", FUNDS, IDENTITY)
    got = await token_of(wallet, made, authorization_details=details(FUNDS))
    other = world.wallet()
    more = await world.offer("lin", IDENTITY)
    theirs = await token_of(other, more, authorization_details=details(IDENTITY))
    identifier = theirs["authorization_details"][0]["credential_identifiers"][0]
    body = {"credential_identifier": identifier, "proofs": {"jwt": wallet.proofs(await wallet.nonce())}}
    answer = await wallet.post(got["access_token"], "/oid4vci/credential", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "unknown_credential_identifier")


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"credential_identifier": "nobody-gave-it"}, "unknown_credential_identifier"),
        ({"credential_identifier": FUNDS}, "unknown_credential_identifier"),
        ({"credential_configuration_id": "nobody-has-it"}, "unknown_credential_configuration"),
        ({"credential_configuration_id": "account-ownership"}, "unknown_credential_configuration"),
        ({}, "invalid_credential_request"),
        (
            {"credential_configuration_id": FUNDS, "credential_identifier": FUNDS},
            "invalid_credential_request",
        ),
        ({"credential_identifier": ""}, "invalid_credential_request"),
        ({"credential_identifier": 7}, "invalid_credential_request"),
        ({"credential_identifier": "x" * 513}, "invalid_credential_request"),
        (
            {"credential_configuration_id": FUNDS, "credential_response_encryption": {}},
            "invalid_encryption_parameters",
        ),
    ],
)
@pytest.mark.parametrize("by_details", [False, True])
async def test_each_way_of_naming_what_is_not_there_has_its_code(
    world: World, named: dict[str, Any], error: str, *, by_details: bool
) -> None:
    wallet, made = world.wallet(), await world.offer()
    got = await token_of(wallet, made, **({"authorization_details": details(FUNDS)} if by_details else {}))
    body = {**named, "proofs": {"jwt": wallet.proofs(await wallet.nonce())}}
    answer = await wallet.post(got["access_token"], "/oid4vci/credential", body)
    expected = "invalid_credential_request" if by_details and "encryption" in error else error
    assert (answer.status_code, answer.json()["error"]) == (400, expected)


@pytest.mark.parametrize(
    "asked",
    [
        "[]",
        "{}",
        "null",
        "7",
        "not json",
        "[1]",
        '[{"type":"openid_credential"}]',
        '[{"type":"payment_initiation","credential_configuration_id":"proof-of-funds"}]',
        '[{"credential_configuration_id":"proof-of-funds"}]',
        '[{"type":"openid_credential","credential_configuration_id":7}]',
        '[{"type":"openid_credential","type":"openid_credential","credential_configuration_id":"proof-of-funds"}]',
        details("identity"),
        details("proof-of-funds", "identity"),
        details("nobody-has-it"),
        details("proof-of-funds", locations=["https://another.example"]),
        details("proof-of-funds", locations=[]),
        details(*["proof-of-funds"] * 17),
    ],
)
async def test_authorization_details_that_cannot_be_answered_are_refused_and_spend_nothing(
    world: World, asked: str
) -> None:
    made = await world.offer()
    answer = await world.wallet().token(made["offer"], made["tx_code"], authorization_details=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_authorization_details")
    await token_of(world.wallet(), made)


async def test_details_tell_a_guesser_nothing_about_the_offer(world: World) -> None:
    """Who has not the transaction code hears the same of every configuration, and has used up a try."""
    made = await world.offer()
    wrong = "000000" if made["tx_code"] != "000000" else "111111"
    for asked in (details(FUNDS), details(IDENTITY)):
        answer = await world.wallet().token(made["offer"], wrong, authorization_details=asked)
        assert answer.json()["error"] == "invalid_grant"


async def test_python_s_name_of_the_code_is_no_name_on_the_wire(world: World) -> None:
    made = await world.offer()
    answer = await world.wallet().token(
        made["offer"], made["tx_code"], **{"pre-authorized_code": "", "pre_authorized_code": "x"}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_the_metadata_say_which_details_are_known(world: World) -> None:
    answer = await world.client.get("/.well-known/oauth-authorization-server")
    assert answer.json()["authorization_details_types_supported"] == [OPENID_CREDENTIAL]


async def test_the_client_is_forgotten_with_the_offer(world: World) -> None:
    wallet, made = world.wallet(), await world.offer()
    got = await token_of(wallet, made, client_id="a-client-of-one-person")
    answer = await wallet.credential(got["access_token"], FUNDS, wallet.proofs(await wallet.nonce()))
    body = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    assert (await wallet.post(got["access_token"], "/oid4vci/notification", body)).status_code == 204
    with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
        assert database.execute("SELECT token_client FROM offer").fetchall() == [(None,)]
