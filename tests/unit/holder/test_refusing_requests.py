"""Threat T13: what a fake verifier tries, and that nothing is shown to it, not even that the wallet looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from holder.wallet import Wallet
from passport.errors import Malformed, PassportError, Reason, Rejected
from passport.jose import b64u_encode
from passport.openid4vp import RequestLink
from passport.registry import Role, evidence_hash
from passport.strict_json import dumps
from tests.simulators.asker import SimulatedVerifier
from tests.simulators.bank import SimulatedBank
from tests.simulators.consortium import START, Consortium, Network


class World:
    """What the fixture gives, for the type checker."""

    consortium: Consortium
    network: Network
    bank: SimulatedBank
    verifier: SimulatedVerifier
    wallet: Callable[[], Wallet]
    add_verifier: Callable[..., SimulatedVerifier]


@pytest.fixture
def holding(world: World) -> World:
    world.wallet().accept(world.bank.offer("proof-of-funds", "identity"), "493536")
    world.network.requests.clear()
    return world


def refusal(world: World, link: str | None = None) -> PassportError:
    """The error of reviewing; and nothing was answered."""
    with pytest.raises(PassportError) as caught:
        world.wallet().review(world.verifier.ask() if link is None else link)
    assert all("/responses/" not in url for _, url in world.network.requests)
    return caught.value


def reason_of(error: PassportError) -> Reason:
    assert isinstance(error, Rejected)
    return error.reason


def spoiling(name: str, value: object) -> Callable[[dict[str, object]], None]:
    def spoil(payload: dict[str, object]) -> None:
        if value is None:
            payload.pop(name, None)
        else:
            payload[name] = value

    return spoil


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("client_id", "x509_hash:other", Reason.REQUEST_INVALID),
        ("client_id", "https://bank-x.example", Reason.REQUEST_INVALID),
        ("response_uri", "https://evil.example/responses/1", Reason.REQUEST_INVALID),
        ("response_uri", "https://bank-x.example:8443/responses/1", Reason.REQUEST_INVALID),
        ("redirect_uri", "https://bank-x.example/", Reason.REQUEST_INVALID),
        ("transaction_data", ["e30"], Reason.REQUEST_INVALID),
        ("aud", "https://other-wallet.example", Reason.REQUEST_INVALID),
        ("wallet_nonce", "another", Reason.REQUEST_INVALID),
        ("wallet_nonce", None, Reason.REQUEST_INVALID),
        ("exp", 1, Reason.EXPIRED),
        ("verifier_info", None, Reason.REQUEST_INVALID),
        ("response_type", "code", None),
        ("nonce", None, None),
        ("dcql_query", None, None),
    ],
)
def test_request_that_breaks_a_rule_is_refused(
    holding: World, name: str, value: object, reason: Reason | None
) -> None:
    holding.verifier.spoil = spoiling(name, value)
    error = refusal(holding)
    if reason is None:
        assert isinstance(error, Malformed)
    else:
        assert reason_of(error) is reason


def test_unsigned_request_is_refused(holding: World) -> None:
    asker = holding.verifier
    link = asker.ask()
    (asked,) = asker.transactions.values()
    header = b64u_encode(dumps({"alg": "none", "typ": "oauth-authz-req+jwt"}))
    unsigned = f"{header}.{b64u_encode(dumps(asked.payload))}."  # type: ignore[arg-type]  # plain JSON
    client_id = RequestLink.parse(link).client_id
    refusal(holding, RequestLink(client_id, request=unsigned).to_uri())
    assert holding.network.requests == []


def test_request_of_another_token_type_is_refused(holding: World) -> None:
    holding.verifier.typ = "dc+sd-jwt"
    assert reason_of(refusal(holding)) is Reason.TOKEN_TYPE_MISMATCH


def test_header_that_brings_its_own_key_is_refused(holding: World) -> None:
    holding.verifier.header = {"jwk": holding.verifier.member.signer.public_jwk.to_json()}
    assert reason_of(refusal(holding)) is Reason.HEADER_NOT_ALLOWED


def test_certificate_under_another_root_is_refused(holding: World) -> None:
    rogue = holding.consortium.new_root("Rogue")
    did = holding.verifier.member.did
    kept = holding.consortium.participants[did]
    fake = holding.consortium.enrol(
        20, holding.verifier.member.url, service="OpenID4VP", grants=[], root=rogue
    )
    holding.consortium.participants[did] = kept
    holding.verifier.member = fake
    assert reason_of(refusal(holding)) is Reason.CERTIFICATE_NOT_TRUSTED


def test_certificate_without_the_answers_origin_is_refused(holding: World) -> None:
    did = holding.verifier.member.did
    kept = holding.consortium.participants[did]
    fake = holding.consortium.enrol(
        20, holding.verifier.member.url, service="OpenID4VP", grants=[], san_uris=[str(did)]
    )
    holding.consortium.participants[did] = replace(
        kept, keys=holding.consortium.participants[did].keys, endpoints=kept.endpoints
    )
    holding.verifier.member = fake
    assert reason_of(refusal(holding)) is Reason.REQUEST_INVALID


def test_certificate_that_names_two_participants_is_refused(holding: World) -> None:
    did = holding.verifier.member.did
    kept = holding.consortium.participants[did]
    url = holding.verifier.member.url
    fake = holding.consortium.enrol(
        20, url, service="OpenID4VP", grants=[], san_uris=[url, str(did), str(holding.bank.member.did)]
    )
    holding.consortium.participants[did] = kept
    holding.verifier.member = fake
    assert reason_of(refusal(holding)) is Reason.CERTIFICATE_INVALID


def test_request_signed_by_another_verifier_than_the_hosts_is_refused(holding: World) -> None:
    other = holding.add_verifier(21, "https://bank-y.example")
    link = other.ask()
    (name,) = other.transactions
    # The second bank's request, offered from the first bank's host.
    holding.verifier.transactions[name] = other.transactions[name]
    holding.verifier.sign_with = other.member
    moved = link.replace("bank-y.example%2Frequests", "bank-x.example%2Frequests")
    assert moved != link
    assert reason_of(refusal(holding, moved)) is Reason.VERIFIER_NOT_ACCREDITED


def test_host_that_is_nobodys_on_the_ledger_is_never_asked(holding: World) -> None:
    stranger = holding.add_verifier(66, "https://phish.example")
    del holding.consortium.participants[stranger.member.did]
    link = stranger.ask()
    assert reason_of(refusal(holding, link)) is Reason.VERIFIER_NOT_ACCREDITED
    assert holding.network.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"suspended": True},
        {"valid_until": START - timedelta(hours=1)},
        {"withdrawn_from": START - timedelta(hours=1)},
        {"role": Role.ISSUER},
    ],
)
def test_verifier_whose_grant_does_not_hold_now_is_never_asked(
    holding: World, change: dict[str, object]
) -> None:
    holding.consortium.edit(
        holding.verifier.member.did,
        lambda grant: replace(grant, **change),  # type: ignore[arg-type]
    )
    assert reason_of(refusal(holding)) is Reason.VERIFIER_NOT_ACCREDITED
    assert holding.network.requests == []


def test_request_by_value_passes_the_same_gate(holding: World) -> None:
    asker = holding.verifier
    link = asker.ask()
    (asked,) = asker.transactions.values()
    client_id = RequestLink.parse(link).client_id
    by_value = RequestLink(client_id, request=asker.request_object(asked, None)).to_uri()
    assert holding.wallet().review(by_value).verifier_name.en == "Bank X"
    del holding.consortium.participants[asker.member.did]
    holding.consortium.clock.advance(timedelta(seconds=2))
    assert reason_of(refusal(holding, by_value)) is Reason.VERIFIER_NOT_ACCREDITED


def test_registration_that_the_ledger_does_not_know_is_refused(holding: World) -> None:
    changed = {**holding.verifier.registration, "retention_days": 9999}
    assert evidence_hash(changed) != evidence_hash(holding.verifier.registration)
    holding.verifier.registration = changed
    assert reason_of(refusal(holding)) is Reason.VERIFIER_NOT_ACCREDITED


def test_registration_of_somebody_else_is_refused(holding: World) -> None:
    other = holding.add_verifier(21, "https://bank-y.example")
    holding.verifier.registration = other.registration
    assert reason_of(refusal(holding)) is Reason.VERIFIER_NOT_ACCREDITED


def test_key_that_the_ledger_does_not_know_is_refused(holding: World) -> None:
    did = holding.verifier.member.did
    holding.consortium.participants[did] = replace(holding.consortium.participants[did], keys=())
    assert reason_of(refusal(holding)) is Reason.ISSUER_KEY_UNKNOWN


def test_restricted_destination_is_refused(holding: World) -> None:
    asker = holding.add_verifier(22, "https://far.example", "KP")
    assert reason_of(refusal(holding, asker.ask())) is Reason.DESTINATION_RESTRICTED


@pytest.mark.parametrize(
    "link",
    [
        "",
        "openid4vp://",
        "openid4vp://?client_id=x&request_uri=http%3A%2F%2F127.0.0.1",
        "https://bank-x.example",
    ],
)
def test_malformed_link_is_refused_and_nobody_is_asked(holding: World, link: str) -> None:
    refusal(holding, link)
    assert holding.network.requests == []
