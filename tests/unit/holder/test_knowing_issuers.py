"""Whose place it is, and under which registered name, before a code is typed (threat T03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from holder.wallet import Wallet
from passport.errors import Reason, Rejected
from passport.registry import evidence_hash
from passport.strict_json import JsonObject
from tests.simulators.asker import SimulatedVerifier
from tests.simulators.bank import SimulatedBank, registration_of
from tests.simulators.consortium import CHAIN_ID, Consortium, Network

CODE = "493536"
NAME = ("Blue Magpie Commercial Bank", "藍鵲商業銀行")


class World:
    """What the fixture gives, for the type checker."""

    consortium: Consortium
    network: Network
    bank: SimulatedBank
    verifier: SimulatedVerifier
    wallet: Callable[[], Wallet]
    add_verifier: Callable[..., SimulatedVerifier]


def name_of(world: World) -> tuple[str, str] | None:
    found = world.wallet().read_offer(world.bank.offer("proof-of-funds")).issuer_name
    return None if found is None else (found.en, found.zh_tw)


def squat(world: World, number: int = 5) -> SimulatedBank:
    """Another accredited bank says that bank A's place is its own; its number sorts before bank A's."""
    url = world.bank.member.url
    other = SimulatedBank.join(world.consortium, number, url)
    world.consortium.clock.advance(timedelta(seconds=2))
    return other


def test_registered_name_is_shown_in_both_languages(world: World) -> None:
    assert name_of(world) == NAME


def _spoil(**changes: object) -> Callable[[World], JsonObject]:
    return lambda world: {**(world.bank.registration or {}), **changes}  # type: ignore[dict-item]  # spoilt on purpose


def _another_banks(world: World) -> JsonObject:
    other = SimulatedBank.join(world.consortium, 77, "https://bank-c.example")
    world.consortium.clock.advance(timedelta(seconds=2))
    assert other.registration is not None
    return other.registration


@pytest.mark.parametrize(
    "shown",
    [
        _spoil(legal_name={"en": "Another Bank", "zh-TW": "另一家銀行"}),
        _spoil(licence=None),
        _another_banks,
        lambda _world: None,
    ],
    ids=["another name", "unreadable", "another bank's", "none"],
)
def test_name_that_the_ledger_does_not_vouch_for_is_never_shown(
    world: World, shown: Callable[[World], JsonObject | None]
) -> None:
    world.bank.registration = shown(world)
    assert name_of(world) is None
    # The bank is known by DID and address, and can be used.
    assert len(world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)) == 1


def test_name_registered_for_another_place_is_not_shown(world: World) -> None:
    """An accredited bank that names a place of its own choice shows a genuine registration there."""
    elsewhere = SimulatedBank.join(world.consortium, 78, "https://elsewhere.example")
    genuine = registration_of(str(elsewhere.member.did), "https://bank-d.example")
    world.consortium.edit(
        elsewhere.member.did, lambda grant: replace(grant, evidence_hash=evidence_hash(genuine))
    )
    elsewhere.registration = genuine
    world.network.hosts["https://elsewhere.example"] = elsewhere
    world.consortium.clock.advance(timedelta(seconds=2))
    assert world.wallet().read_offer(elsewhere.offer("proof-of-funds")).issuer_name is None


@pytest.mark.parametrize("number", [5, 99])
def test_bank_whose_place_another_names_is_used_as_before(world: World, number: int) -> None:
    squat(world, number)
    view = world.wallet().read_offer(world.bank.offer("proof-of-funds"))
    assert view.issuer_did == str(world.bank.member.did)
    assert len(world.wallet().accept(world.bank.offer("identity"), CODE)) == 1
    assert set(world.wallet().check_status().values()) == {"valid"}


def test_several_claimants_and_no_registration_is_refused(world: World) -> None:
    squat(world)
    world.bank.registration = None
    with pytest.raises(Rejected) as caught:
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED
    assert all("/token" not in url for _, url in world.network.requests)


def test_one_who_names_anothers_place_cannot_speak_for_it(world: World) -> None:
    """Whatever its own registration says: the place shows bank A's."""
    other = squat(world)
    world.bank.signer_override = other.member
    with pytest.raises(Rejected):
        world.wallet().accept(world.bank.offer("proof-of-funds"), CODE)


def test_verifier_whose_place_another_names_is_answered_as_before(world: World) -> None:
    world.wallet().accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    world.add_verifier(5, world.verifier.member.url)
    world.network.hosts[world.verifier.member.url] = world.verifier
    view = world.wallet().review(world.verifier.ask())
    assert view.verifier_did == str(world.verifier.member.did)


def test_answer_does_not_go_to_a_place_that_the_certificate_does_not_name(world: World) -> None:
    """An accredited verifier whose certificate is for another place names bank X's as its own and asks there."""
    world.wallet().accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    world.network.requests.clear()
    did, url = f"did:ethr:{CHAIN_ID:#x}:0x{5:040x}", world.verifier.member.url
    other = SimulatedVerifier.join(world.consortium, 5, url, san_uris=[did, "https://elsewhere.example"])
    world.network.hosts[url] = other
    world.consortium.clock.advance(timedelta(seconds=2))
    with pytest.raises(Rejected) as caught:
        world.wallet().review(other.ask())
    assert caught.value.reason is Reason.REQUEST_INVALID
    assert all("/responses/" not in url for _, url in world.network.requests)
