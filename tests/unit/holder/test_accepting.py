"""Accepting an offer: trust first, verified before kept, once in spite of crashes (F01 to F04, F08; T03, T04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from holder.directory import Participant
from holder.remote.issuer_client import IssuerRefused
from holder.storage.records import Record
from holder.trust_gate import LedgerLook
from holder.wallet import Wallet
from passport.errors import Malformed, PassportError, Reason, Rejected, Unavailable
from passport.openid4vci import CredentialOffer, OfferLink
from passport.registry import Grant
from passport.sd_jwt import parse
from tests.simulators.bank import SimulatedBank, answer
from tests.simulators.consortium import START, Consortium, Network

CODE = "493536"


class World:
    """What the fixture gives, for the type checker."""

    consortium: Consortium
    network: Network
    bank: SimulatedBank
    pauses: list[float]
    wallet: Callable[[], Wallet]


def copies_of(wallet: Wallet) -> list[tuple[str, list[str]]]:
    return sorted((each.type, [copy.sha256 for copy in each.copies]) for each in wallet.list())


@pytest.mark.parametrize("dpop", [False, True])
def test_offer_of_two_credentials_gives_five_copies_each_with_shared_keys(
    world: World, *, dpop: bool
) -> None:
    world.bank.dpop = dpop
    wallet = world.wallet()
    accepted = wallet.accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    assert [each.title.en for each in accepted] == ["Proof of funds", "Passport identity"]
    assert [[copy.slot for copy in each.copies] for each in accepted] == [[0, 1, 2, 3, 4]] * 2
    keys = [
        [
            str(parse(text).issuer_jwt.unverified_payload).partition('"cnf"')[2].partition("}}")[0]
            for text in credential.copies.values()
        ]
        for credential in wallet._store.state.credentials.values()
    ]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 5
    assert world.bank.notifications == [
        ("note-proof-of-funds", "credential_accepted"),
        ("note-identity", "credential_accepted"),
    ]


def test_everything_is_there_when_the_wallet_is_opened_again(world: World) -> None:
    world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    before = copies_of(world.wallet())
    (credential,) = world.wallet().list()
    assert copies_of(world.wallet()) == before
    assert credential.claims["as_of"] == "2026-05-31T16:00:00Z"
    assert "cnf" not in credential.claims
    assert credential.expires_at == world.consortium.clock.now() + timedelta(days=30)


def test_credential_is_kept_with_the_name_that_the_ledger_vouches_for(world: World) -> None:
    wallet = world.wallet()
    (held,) = wallet.accept(world.bank.offer("proof-of-funds"), CODE)
    assert held.issuer_name is not None
    assert held.issuer_words == wallet.list()[0].issuer_name


def test_same_offer_again_gives_the_same_credentials_and_asks_nobody(world: World) -> None:
    link = world.bank.offer("proof-of-funds")
    wallet = world.wallet()
    first = wallet.accept(link, CODE)
    asked = len(world.network.requests)
    assert wallet.accept(link, CODE) == first
    assert len(world.network.requests) == asked
    assert len(wallet.list()) == 1


def test_unaccredited_bank_is_refused_before_anything_is_fetched_or_a_code_is_needed(world: World) -> None:
    stranger = SimulatedBank.join(world.consortium, 66, "https://phish.example")
    del world.consortium.participants[stranger.member.did]
    world.network.hosts[stranger.member.url] = stranger
    wallet, link = world.wallet(), stranger.offer("proof-of-funds")
    with pytest.raises(Rejected) as caught:
        wallet.read_offer(link)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED
    with pytest.raises(Rejected):
        wallet.accept(link, CODE)
    assert world.network.requests == []


def suspend(grant: Grant) -> Grant:
    return replace(grant, suspended=True)


def expire(grant: Grant) -> Grant:
    return replace(grant, valid_until=START - timedelta(hours=1))


def withdraw(grant: Grant) -> Grant:
    return replace(grant, withdrawn_from=START - timedelta(hours=1))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (suspend, Reason.ISSUER_SUSPENDED),
        (expire, Reason.ISSUER_NOT_ACCREDITED),
        (withdraw, Reason.ISSUER_NOT_ACCREDITED),
    ],
)
def test_bank_whose_grant_does_not_hold_now_is_refused(
    world: World, change: Callable[[Grant], Grant], reason: Reason
) -> None:
    world.consortium.edit(world.bank.member.did, change)
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is reason
    assert world.network.requests == []


def test_bank_without_a_grant_for_this_type_is_refused_before_the_code_is_spent(world: World) -> None:
    before = world.consortium.participants[world.bank.member.did]
    world.consortium.participants[world.bank.member.did] = replace(before, grants=before.grants[1:])
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED
    assert all("/token" not in url for _, url in world.network.requests)


def by_reference(world: World, link: str, host: str) -> str:
    offer = OfferLink.parse(link).offer
    assert isinstance(offer, CredentialOffer)
    bank = world.bank
    world.network.hosts[host] = lambda method, path, body, headers: (
        answer(200, offer.to_object()) if path == "/offer/1" else bank(method, path, body, headers)
    )
    return OfferLink(offer_uri=f"{host}/offer/1").to_uri()


def test_offer_by_reference_passes_the_same_gate(world: World) -> None:
    link = by_reference(world, world.bank.offer("proof-of-funds"), "https://bank-a.example")
    assert world.wallet().read_offer(link).code_length == 6
    elsewhere = by_reference(world, world.bank.offer("proof-of-funds"), "https://links.example")
    world.network.requests.clear()
    with pytest.raises(Rejected) as caught:
        world.wallet().read_offer(elsewhere)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED
    assert world.network.requests == []


def test_offer_of_one_bank_at_the_place_of_another_is_refused(world: World) -> None:
    """Nobody else's host decides which of a bank's offers a person accepts."""
    SimulatedBank.join(world.consortium, 11, "https://bank-b.example")
    link = by_reference(world, world.bank.offer("proof-of-funds"), "https://bank-b.example")
    with pytest.raises(Rejected) as caught:
        world.wallet().read_offer(link)
    assert caught.value.reason is Reason.DESTINATION_NOT_ALLOWED


@pytest.mark.parametrize("code", [None, "", "12345", "1234567", "12345a"])
def test_impossible_transaction_code_costs_no_try(world: World, code: str | None) -> None:
    with pytest.raises(Malformed, match="6 digits"):
        world.wallet().accept(world.bank.offer("proof-of-funds"), code)
    assert all("/token" not in url for _, url in world.network.requests)


def test_wrong_transaction_code_is_told_and_the_right_one_works_afterwards(world: World) -> None:
    link, wallet = world.bank.offer("proof-of-funds"), world.wallet()
    with pytest.raises(IssuerRefused, match="an offer ends after five wrong ones") as caught:
        wallet.accept(link, "000000")
    assert caught.value.reason is Reason.NOT_AUTHORISED
    assert wallet.accept(link, CODE)


class Killed(BaseException):
    """The wallet's process ended here."""


def requests_of_one_acceptance(world: World) -> int:
    world.wallet().accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    return len(world.network.requests)


@pytest.mark.parametrize("dpop", [False, True])
def test_any_lost_answer_is_retried_without_the_person_and_gives_one_set(
    make_world: Callable[[], World], *, dpop: bool
) -> None:
    world = make_world()
    world.bank.dpop = dpop
    count = requests_of_one_acceptance(world)
    for number in range(1, count + 1):
        world.network.requests.clear()
        world.network.lose = {number}
        link = world.bank.offer("proof-of-funds", "identity")
        assert len(world.wallet().accept(link, CODE)) == 2
        sets = list(world.bank.offers.values())[-1].sets
        assert sets == {"proof-of-funds": 1, "identity": 1}


def test_bank_that_stays_away_is_unavailable_and_the_same_offer_goes_on_later(
    make_world: Callable[[], World],
) -> None:
    world = make_world()
    count = requests_of_one_acceptance(world)
    for number in range(1, count + 1):
        link = world.bank.offer("proof-of-funds", "identity")
        world.network.requests.clear()
        world.network.lose = set(range(number, number + 40))
        notification = number > count - 2
        if notification:
            # The bank not hearing of it is no failure: everything is saved.
            assert len(world.wallet().accept(link, CODE)) == 2
            continue
        with pytest.raises(Unavailable):
            world.wallet().accept(link, CODE)
        world.network.lose = set()
        assert len(world.wallet().accept(link, CODE)) == 2
        assert list(world.bank.offers.values())[-1].sets == {"proof-of-funds": 1, "identity": 1}


def test_wallet_killed_before_or_after_any_save_goes_on_and_holds_the_same_bytes_once(
    make_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    for point in range(1, 30):
        killed = [kill_at(world, point, after=after, monkeypatch=monkeypatch) for after in (False, True)]
        if not any(killed):
            break
    assert point == 6  # five saves in one acceptance, and the run in which nothing was killed


def kill_at(world: World, point: int, *, after: bool, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Kill the wallet at its ``point``-th save and check that accepting again makes it whole."""
    link = world.bank.offer("proof-of-funds")
    wallet = world.wallet()
    store, save, saves = wallet._store, wallet._store.save, 0

    def killing(record: Record) -> None:
        nonlocal saves
        saves += 1
        if saves == point and not after:
            raise Killed
        save(record)
        if saves == point:
            raise Killed

    before = len(wallet.list())
    try:
        with monkeypatch.context() as patched:
            patched.setattr(store, "save", killing)
            wallet.accept(link, CODE)
    except Killed:
        again = world.wallet()
        held = copies_of(again)
        again.accept(link, CODE)
        assert len(again.list()) == before + 1
        assert [each for each in held if each not in copies_of(again)] == []
        assert list(world.bank.offers.values())[-1].sets == {"proof-of-funds": 1}
        return True
    return False


def test_notification_leaves_only_after_everything_is_saved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = world.wallet()
    saved: list[tuple[str, int]] = []
    save = wallet._store.save

    def spying(record: Record) -> None:
        save(record)
        saved.append((record.kind, len(world.bank.notifications)))

    monkeypatch.setattr(wallet._store, "save", spying)
    wallet.accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    assert [count for kind, count in saved if kind == "credential_saved"] == [0, 0]


def test_used_up_challenge_is_answered_with_a_new_one(world: World) -> None:
    wallet, bank = world.wallet(), world.bank
    original = bank._credential
    calls = 0

    def forgetful(body: bytes, headers: dict[str, str]) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            bank.nonces.clear()
        return original(body, headers)

    bank._credential = forgetful  # type: ignore[method-assign, assignment]
    assert len(wallet.accept(bank.offer("proof-of-funds"), CODE)) == 1
    assert calls == 2


def test_deferred_credential_is_fetched_when_the_person_comes_back(world: World) -> None:
    world.bank.defer = 1
    link = world.bank.offer("proof-of-funds")
    with pytest.raises(Unavailable, match="more time"):
        world.wallet().accept(link, CODE)
    assert len(world.wallet().accept(link, CODE)) == 1


def spoilt(name: str, value: object) -> Callable[[dict[str, object]], None]:
    def spoil(claims: dict[str, object]) -> None:
        claims[name] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoilt("iss", "https://other.example"), Reason.ISSUER_MISMATCH),
        (spoilt("vct", "urn:financial-passport:identity:1"), Reason.SCHEMA_INVALID),
        (spoilt("exp", 1), Reason.EXPIRED),
        (spoilt("iat", 4_000_000_000), Reason.NOT_YET_VALID),
    ],
)
def test_credential_that_says_something_else_is_not_kept(
    world: World, spoil: Callable[[dict[str, object]], None], reason: Reason
) -> None:
    world.bank.spoil = spoil
    wallet = world.wallet()
    with pytest.raises(Rejected) as caught:
        wallet.accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is reason
    assert wallet.list() == ()
    assert world.bank.notifications == [("note-proof-of-funds", "credential_failure")]


def test_credential_for_somebody_elses_key_is_not_kept(world: World) -> None:
    stolen = world.consortium.root.signer.public_jwk
    world.bank.spoil = spoilt("cnf", {"jwk": stolen.to_json()})
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is Reason.HOLDER_BINDING_INVALID


def test_credential_signed_by_another_accredited_bank_is_not_kept(world: World) -> None:
    other = SimulatedBank.join(world.consortium, 11, "https://bank-b.example")
    world.bank.signer_override = other.member
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is Reason.ISSUER_MISMATCH


def test_credential_under_a_root_that_the_ledger_does_not_trust_is_not_kept(world: World) -> None:
    rogue = world.consortium.new_root("Rogue")
    did, url = world.bank.member.did, world.bank.member.url
    kept = world.consortium.participants[did]
    world.bank.signer_override = world.consortium.enrol(
        did.address.raw[-1], url, service="OpenID4VCI", grants=[], root=rogue
    )
    world.consortium.participants[did] = kept
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is Reason.CERTIFICATE_NOT_TRUSTED


def stolen_key(participant: Participant) -> Participant:
    return replace(
        participant,
        keys=tuple(replace(key, stolen_since=START - timedelta(hours=2)) for key in participant.keys),
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda participant: replace(participant, keys=()), Reason.ISSUER_KEY_UNKNOWN),
        (stolen_key, Reason.ISSUER_KEY_STOLEN),
    ],
)
def test_credential_by_a_key_that_the_ledger_does_not_vouch_for_is_not_kept(
    world: World, change: Callable[[Participant], Participant], reason: Reason
) -> None:
    did = world.bank.member.did
    world.consortium.participants[did] = change(world.consortium.participants[did])
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "endpoint", ["credential_endpoint", "nonce_endpoint", "notification_endpoint", "authorization_servers"]
)
def test_endpoint_at_another_origin_is_refused(world: World, endpoint: str) -> None:
    value: object = "https://evil.example/x"
    world.bank.metadata = spoilt(endpoint, [value] if endpoint == "authorization_servers" else value)
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is Reason.DESTINATION_NOT_ALLOWED
    assert all("evil" not in url for _, url in world.network.requests)


def test_w3c_credential_is_kept_and_listed(world: World) -> None:
    wallet = world.wallet()
    (credential,) = wallet.accept(world.bank.offer("proof-of-funds-vc11"), CODE)
    assert (credential.format, credential.type) == ("ldp_vc", "ProofOfFunds")
    assert credential.issued_at == START
    assert world.wallet().list() == (credential,)


def test_w3c_form_of_the_proof_of_funds_is_called_so_in_both_languages(world: World) -> None:
    def name_it(document: dict[str, Any]) -> None:
        form = document["credential_configurations_supported"]["proof-of-funds-vc11"]
        form["credential_definition"]["type"][-1] = "FinancialProofOfFunds"

    world.bank.metadata = name_it
    (credential,) = world.wallet().accept(world.bank.offer("proof-of-funds-vc11"), CODE)
    assert (credential.title.en, credential.title.zh_tw) == ("Proof of funds (W3C)", "財力證明（W3C）")


def test_ledger_out_of_reach_is_bridged_for_a_day_and_no_longer(world: World) -> None:
    wallet = world.wallet()
    wallet.accept(world.bank.offer("proof-of-funds"), CODE)
    world.consortium.down = True
    seen_at = world.consortium.clock.now()
    world.consortium.clock.advance(timedelta(hours=23))
    offline = wallet.read_offer(world.bank.offer("identity"))
    assert offline.accredited.offline
    assert offline.accredited.checked_at == seen_at
    world.consortium.clock.advance(timedelta(hours=2))
    with pytest.raises(Unavailable) as caught:
        wallet.read_offer(world.bank.offer("identity"))
    assert caught.value.reason is Reason.LEDGER_UNAVAILABLE


def test_accepting_by_the_wallets_copy_of_the_ledger_says_so_and_as_of_when(world: World) -> None:
    wallet = world.wallet()
    wallet.accept(world.bank.offer("proof-of-funds"), CODE)
    assert wallet.ledger == LedgerLook(world.consortium.clock.now(), offline=False)
    seen_at = world.consortium.clock.now()
    world.consortium.down = True
    world.consortium.clock.advance(timedelta(hours=23))
    wallet.accept(world.bank.offer("identity"), CODE)
    assert wallet.ledger == LedgerLook(seen_at, offline=True)
    assert wallet.check_status()
    assert wallet.ledger == LedgerLook(seen_at, offline=True)
    world.consortium.down = False
    world.consortium.clock.advance(timedelta(minutes=1))
    wallet.check_status()
    assert wallet.ledger == LedgerLook(world.consortium.clock.now(), offline=False)


def test_looking_without_a_world_asked_no_ledger(world: World) -> None:
    wallet = world.wallet()
    wallet.list()
    wallet.history()
    assert wallet.ledger is None


def test_ledger_never_seen_is_no_reason_to_trust(world: World) -> None:
    world.consortium.down = True
    with pytest.raises(Unavailable):
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert world.network.requests == []


def test_new_copies_go_to_the_slots_that_others_are_in(world: World) -> None:
    wallet = world.wallet()
    wallet.accept(world.bank.offer("identity"), CODE)
    wallet.accept(world.bank.offer("proof-of-funds"), CODE)
    assert {tuple(copy.slot for copy in each.copies) for each in wallet.list()} == {(0, 1, 2, 3, 4)}


@pytest.mark.parametrize(
    "link", ["", "openid4vp://?x=1", "openid-credential-offer://?credential_offer={", "https://a.example"]
)
def test_malformed_offer_is_told_and_nothing_is_asked(world: World, link: str) -> None:
    with pytest.raises(PassportError):
        world.wallet().accept(link, CODE)
    assert world.network.requests == []
