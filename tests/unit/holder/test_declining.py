"""Saying no: told where the owner agrees, never otherwise; and what the owner reads of a request that cannot be met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography import x509

from holder import Asked, NothingToShow
from holder.error_words import explain
from holder.wallet import Wallet
from outbound import HttpAnswer
from passport.clock import to_epoch
from passport.disclosable import Disclosable
from passport.errors import Reason, Rejected, Unavailable
from passport.jose import b64u_encode
from passport.openid4vp import EncryptedResponse, ErrorResponse, read_response
from tests.simulators.asker import FUNDS, IDENTITY, SimulatedVerifier
from tests.simulators.bank import SimulatedBank, answer
from tests.simulators.consortium import Consortium, Network

CODE = "493536"


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
    world.wallet().accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    world.network.requests.clear()
    return world


@dataclass(frozen=True)
class Heard:
    """What the verifier got."""

    body: bytes
    error: ErrorResponse


def heard(verifier: SimulatedVerifier) -> Heard:
    (body,) = list(verifier.transactions.values())[-1].bodies
    read = read_response(body)
    if isinstance(read, EncryptedResponse):
        read = read.decrypt(verifier.decryption)
    assert isinstance(read, ErrorResponse)
    return Heard(body, read)


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_verifier_is_told_no_and_nothing_else(holding: World, mode: str) -> None:
    holding.verifier.mode = mode
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    wallet.decline(view)
    got = heard(holding.verifier)
    state = list(holding.verifier.transactions)[-1]
    assert got.error == ErrorResponse(error="access_denied", state=state)
    assert (b"access_denied" in got.body) is (mode == "direct_post")
    assert wallet.history() == ()
    (declined,) = wallet.declined()
    assert (declined.outcome, declined.verifier_name.en) == ("delivered", "Bank X")
    # It is in the file, and no copy counts as seen.
    again = holding.wallet()
    assert again.declined() == (declined,)
    assert all(copy.key_known_to is None for each in again.list() for copy in each.copies)


def cannot_meet(world: World) -> NothingToShow:
    with pytest.raises(NothingToShow) as caught:
        world.wallet().review(world.verifier.ask())
    return caught.value


def test_who_cannot_and_who_will_not_send_the_same(holding: World) -> None:
    wallet = holding.wallet()
    wallet.decline(wallet.review(holding.verifier.ask()))
    unwilling = heard(holding.verifier).error
    holding.verifier.query = [{**FUNDS, "meta": {"vct_values": ["urn:example:other"]}}]
    error = cannot_meet(holding)
    asked = list(holding.verifier.transactions.values())[-1]
    assert asked.bodies == []
    holding.wallet().decline(error.asked)
    unable = heard(holding.verifier).error
    assert {*unable.to_object()} == {*unwilling.to_object()} == {"error", "state"}
    assert unable.error == unwilling.error


def test_reviewing_and_not_answering_tells_nobody(holding: World) -> None:
    wallet = holding.wallet()
    wallet.review(holding.verifier.ask())
    assert list(holding.verifier.transactions.values())[-1].bodies == []
    assert wallet.declined() == ()


def test_request_that_is_over_is_not_answered(holding: World) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    holding.consortium.clock.advance(timedelta(minutes=6))
    with pytest.raises(Rejected) as caught:
        wallet.decline(view)
    assert caught.value.reason is Reason.EXPIRED
    assert list(holding.verifier.transactions.values())[-1].bodies == []


def test_no_that_is_not_taken_is_remembered_as_that(holding: World) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    holding.verifier.answers = [answer(400, {"error": "malformed"})]
    with pytest.raises(Rejected):
        wallet.decline(view)
    assert [each.outcome for each in wallet.declined()] == ["refused"]


def test_verifier_that_is_away_can_be_told_later(holding: World) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    holding.verifier.answers = [HttpAnswer(503, "application/json", {}, b"{}")] * 4
    with pytest.raises(Unavailable):
        wallet.decline(view)
    assert wallet.declined() == ()
    wallet.decline(view)
    assert [each.outcome for each in wallet.declined()] == ["delivered"]


def test_unmet_request_says_who_asks_what_for_and_what_is_missing(holding: World) -> None:
    holding.verifier.query = [
        IDENTITY,
        {**FUNDS, "claims": [{"path": ["thresholds", "total", "usd_100000"], "values": [True]}]},
    ]
    error = cannot_meet(holding)
    assert isinstance(error.asked, Asked)
    assert error.reason is Reason.NOTHING_TO_SHOW
    said = explain(error)
    told = [(name.en, value.en) for name, value in said.facts]
    assert ("Who asks", "Bank X") in told
    assert ("For what", "To open an account") in told
    (missing,) = [value for name, value in said.facts if name.en == "What is missing"]
    assert missing.en.startswith("Proof of funds: “you hold at least USD 100,000")
    assert missing.zh_tw.startswith("財力證明：「持有至少等值 100,000 美元」")
    assert "nobody was told" in said.en
    assert "USD 100,000" in str(error)


def test_unmet_threshold_says_by_how_much_where_the_credential_does(world: World) -> None:
    funds = dict(world.bank.content["proof-of-funds"])
    funds["totals"] = Disclosable(
        {"equivalent": Disclosable({"money": {"amount_minor": 7_812_345, "currency": "USD"}})}
    )
    world.bank.content["proof-of-funds"] = funds
    world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    world.verifier.query = [{**FUNDS, "claims": [{"path": ["thresholds", "total", "usd_100000"]}]}]
    (missing,) = cannot_meet(world).missing
    assert "yours says USD 78,123.45, USD 21,876.55 short" in missing.en
    assert "您的憑證為 USD 78,123.45，尚差 USD 21,876.55" in missing.zh_tw


@pytest.mark.parametrize(
    ("query", "lacks"),
    [
        (
            {**IDENTITY, "meta": {"vct_values": ["urn:financial-passport:account-ownership:1"]}},
            "none in your wallet",
        ),
        ({**IDENTITY, "claims": [{"path": ["nickname"]}]}, "does not state “nickname”"),
        (
            {**IDENTITY, "claims": [{"path": ["name_latin"], "values": ["WANG"]}]},
            "WANG is asked; yours says LIN MEI-LING",
        ),
    ],
)
def test_each_condition_that_fails_has_its_own_words(
    holding: World, query: dict[str, object], lacks: str
) -> None:
    holding.verifier.query = [query]
    (missing,) = cannot_meet(holding).missing
    assert lacks in missing.en
    assert missing.zh_tw != missing.en


def test_credential_that_ended_is_named_with_its_day(world: World) -> None:
    ends = world.consortium.clock.now() + timedelta(days=1)

    def short(claims: dict[str, object]) -> None:
        claims["exp"] = to_epoch(ends)

    world.bank.spoil = short
    world.wallet().accept(world.bank.offer("identity"), CODE)
    world.consortium.clock.advance(timedelta(days=2))
    world.verifier.query = [IDENTITY]
    (missing,) = cannot_meet(world).missing
    assert f"expired on {ends:%Y-%m-%d}" in missing.en
    assert f"已於 {ends:%Y-%m-%d} 到期" in missing.zh_tw


def authority_of(world: World) -> str:
    certificate = x509.load_der_x509_certificate(world.bank.member.certificate)
    found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    return b64u_encode(found.value.key_identifier or b"")


def root_of(world: World) -> str:
    root = x509.load_der_x509_certificate(world.consortium.root.certificate)
    return b64u_encode(root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest)


@pytest.mark.parametrize("find", [authority_of, root_of])
def test_credential_of_a_trusted_authority_is_shown(holding: World, find: Callable[[World], str]) -> None:
    trusted = [
        {"type": "openid_federation", "values": ["https://trust.example"]},
        {"type": "aki", "values": ["AAAA", find(holding)]},
    ]
    holding.verifier.query = [{**IDENTITY, "trusted_authorities": trusted}]
    wallet = holding.wallet()
    wallet.present(wallet.review(holding.verifier.ask()))
    assert set(holding.verifier.verified()) == {"identity"}


@pytest.mark.parametrize(
    "trusted",
    [
        [{"type": "aki", "values": ["AAAA"]}],
        [{"type": "etsi_tl", "values": ["https://lotl.example"]}],
        [{"type": "unheard_of", "values": ["x"]}],
    ],
)
def test_credential_of_another_authority_is_left_out_and_the_owner_reads_why(
    holding: World, trusted: list[dict[str, object]]
) -> None:
    holding.verifier.query = [{**IDENTITY, "trusted_authorities": trusted}]
    (missing,) = cannot_meet(holding).missing
    assert "not from an authority that is accepted here" in missing.en
    assert "並非由對方接受的認證機構所認證" in missing.zh_tw


def test_fresh_credential_was_shown_to_nobody_and_its_key_is_known(holding: World) -> None:
    wallet = holding.wallet()
    wallet.present(wallet.review(holding.verifier.ask()))
    wallet.accept(holding.bank.offer("identity"), CODE)
    fresh, *older = wallet.list()
    assert all(copy.shown_to is None for copy in fresh.copies)
    did = str(holding.verifier.member.did)
    assert [copy.key_known_to for copy in fresh.copies].count(did) == 1
    assert [copy.shown_to for each in older for copy in each.copies].count(did) == 2
    assert fresh.free_copies == len(fresh.copies) - 1


def test_receipt_names_the_contact_and_the_key(holding: World) -> None:
    wallet = holding.wallet()
    wallet.present(wallet.review(holding.verifier.ask()))
    receipt = wallet.history()[0].receipt
    assert receipt["verifier_contact"] == "privacy@bank-x.example"
    shown = holding.verifier.verified()["identity"].holder_key
    assert receipt["key"] == shown.thumbprint().hex()
