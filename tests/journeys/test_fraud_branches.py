"""What the hub knows changes what bank X decides: the fraud branches over real HTTP between real processes.

One world with hub and police for the whole file; each test has a customer of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from passport.disclosable import ClaimPath
from sandbox.clean_room import HubDesks
from sandbox.police import Police
from sandbox.standing_world import StandingWorld, standing_world
from tests.simulators.raw_wallet import Application, RawWallet, show

pytestmark = [
    pytest.mark.journey,
    # The sandbox's own clients keep their connections as long as the world stands.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

IDENTITY: tuple[ClaimPath, ...] = (("name_latin",), ("birth_date",), ("nationality",), ("document", "expiry"))
FUNDS: tuple[ClaimPath, ...] = (
    ("holder", "name_latin"),
    ("as_of",),
    ("thresholds", "total", "usd_50000"),
)
SECONDS = 5.0
"""How soon a notice must be felt at bank X on a machine that runs other tests too; `make bench` measures two."""


@dataclass
class Street:
    """The world with its police, and what a clerk, a holder and a bank abroad do in it."""

    standing: StandingWorld
    police: Police

    def at_bank_a(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        place = self.standing.installation
        answer = httpx.post(
            f"{place.bank_a.base_url}/v1/operator{path}",
            json=body,
            headers={"Authorization": f"Bearer {place.token('bank_a').read_text().strip()}"},
            timeout=30,
        )
        assert answer.is_success, answer.text
        read: dict[str, Any] = answer.json()
        return read

    def offer(self, customer: str) -> dict[str, Any]:
        return self.at_bank_a(
            "/offers", {"customer": customer, "credentials": ["proof-of-funds", "identity"]}
        )

    def wallet(self, customer: str) -> RawWallet:
        offer = self.offer(customer)
        if offer["state"] == "waiting":
            for officer in ("officer-1", "officer-2"):
                offer = self.at_bank_a(f"/queue/{offer['offer_id']}/approve", {"officer": officer})
                if "offer" in offer:
                    break
        wallet = RawWallet()
        wallet.redeem(offer["offer"], offer["tx_code"])
        return wallet

    def present(self, wallet: RawWallet) -> Application:
        place = self.standing.installation
        application = Application.open(place.bank_x.base_url, place.token("bank_x").read_text().strip())
        request = application.request()
        shown = {
            query: show(
                wallet.credentials[name], paths, signer=wallet.key, nonce=request.nonce, aud=request.client_id
            )
            for query, name, paths in (
                ("identity", "identity", IDENTITY),
                ("proof_of_funds", "proof-of-funds", FUNDS),
            )
        }
        answer = application.post(application.body(shown))
        assert (answer.status_code, answer.json()) == (200, {})
        return application

    def outcome(self, wallet: RawWallet) -> tuple[str, list[str]]:
        result = self.present(wallet).result()
        return result["status"], result["reasons"]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with standing_world(tmp_path_factory.mktemp("street"), accounts=600, transfers=1500) as standing:
        desks = HubDesks(standing.installation, standing.accreditation)
        yield Street(standing, Police(desks, standing.world))


def soon(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"expected it within {seconds} s"
        time.sleep(0.02)


def test_warned_then_lifted(street: Street) -> None:
    wallet = street.wallet("kuo")
    relied_on = street.present(wallet)
    assert relied_on.result()["status"] == "verified"
    assert relied_on.follow_up()["status"] == "valid"
    street.police.warn("kuo")
    assert street.outcome(wallet) == ("refused", ["fraud_block"])
    soon(lambda: relied_on.follow_up()["status"] == "suspended")
    street.police.lift("kuo")
    soon(lambda: relied_on.follow_up()["status"] == "valid")
    assert street.outcome(wallet) == ("verified", [])


def test_lifted_but_derived_until_its_bank_says_that_the_cause_is_gone(street: Street) -> None:
    wallet = street.wallet("tsai")
    relied_on = street.present(wallet)
    assert relied_on.result()["status"] == "verified"
    street.police.warn("tsai", elsewhere=True)
    assert street.outcome(wallet) == ("refused", ["fraud_block"])
    soon(lambda: relied_on.follow_up()["status"] == "suspended")
    street.police.lift("tsai", elsewhere=True)
    assert street.outcome(wallet) == ("refused", ["fraud_block"])
    street.at_bank_a("/cause-gone", {"customer": "tsai"})
    soon(lambda: relied_on.follow_up()["status"] == "valid")
    assert street.outcome(wallet) == ("verified", [])


def test_graph_says_review(street: Street) -> None:
    """The last account of a planted chain through three banks: an officer agreed to the offer, a person decides abroad."""
    assert street.offer("chiu")["state"] == "waiting"
    assert street.outcome(street.wallet("chiu")) == ("review", ["fraud_review"])


def test_wallet_hears_the_same_for_every_verdict(street: Street) -> None:
    """``present`` asserts status 200 and an empty object; here the refused one and the good one are compared whole."""
    good, bad = street.wallet("lin"), street.wallet("ho")
    street.police.warn("ho")
    assert street.outcome(bad) == ("refused", ["fraud_block"])
    assert street.outcome(good) == ("verified", [])


def test_hub_down_and_up_again(street: Street) -> None:
    wallet = street.wallet("lai")
    hub = street.standing.children["hub"]
    hub.kill()
    try:
        assert street.outcome(wallet) == ("review", ["fraud_unknown"])
    finally:
        hub.start()
        hub.wait_until_ready()
    assert street.outcome(wallet) == ("verified", [])
