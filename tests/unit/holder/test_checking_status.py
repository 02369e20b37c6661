"""Looking up one's own credentials: paused reads alike whatever the cause, and what cannot be believed is unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from holder import CredentialStatus, Wallet
from tests.simulators.bank import SimulatedBank
from tests.simulators.consortium import Consortium, Network


class World:
    """What the fixture gives, for the type checker."""

    consortium: Consortium
    network: Network
    bank: SimulatedBank
    wallet: Callable[[], Wallet]


@pytest.fixture
def holding(world: World) -> World:
    world.wallet().accept(world.bank.offer("proof-of-funds"), "493536")
    world.network.requests.clear()
    return world


def status(world: World) -> CredentialStatus:
    (found,) = world.wallet().check_status().values()
    return found


def test_untouched_credential_is_valid(holding: World) -> None:
    assert status(holding) is CredentialStatus.VALID
    assert [url for _, url in holding.network.requests] == ["https://bank-a.example/status/1"]


@pytest.mark.parametrize("value", [1, 2])
def test_revoked_and_suspended_read_alike(holding: World, value: int) -> None:
    holding.bank.statuses = dict.fromkeys(range(1, 6), value)
    assert status(holding) is CredentialStatus.PAUSED


def test_bank_that_does_not_answer_leaves_it_unknown(holding: World) -> None:
    holding.network.down.add(holding.bank.member.url)
    assert status(holding) is CredentialStatus.UNKNOWN


def test_list_of_another_bank_or_address_is_not_believed(holding: World) -> None:
    holding.bank.status_uri = "https://bank-a.example/status/2"
    assert status(holding) is CredentialStatus.UNKNOWN
    holding.bank.status_uri = ""
    holding.bank.signer_override = SimulatedBank.join(holding.consortium, 11, "https://b.example").member
    assert status(holding) is CredentialStatus.UNKNOWN


def test_list_at_another_origin_is_never_asked(world: World) -> None:
    world.bank.spoil = lambda claims: claims.update(
        status={"status_list": {"idx": 1, "uri": "https://tracker.example/1"}}
    )
    world.wallet().accept(world.bank.offer("proof-of-funds"), "493536")
    assert status(world) is CredentialStatus.UNKNOWN
    assert all("tracker" not in url for _, url in world.network.requests)


def test_bank_that_lost_its_licence_leaves_it_unknown(holding: World) -> None:
    del holding.consortium.participants[holding.bank.member.did]
    holding.consortium.clock.advance(timedelta(seconds=2))
    assert status(holding) is CredentialStatus.UNKNOWN
