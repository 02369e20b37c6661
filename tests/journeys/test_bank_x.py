"""Bank X's branches over real HTTP between real processes: ledger, bank A, bank X, and a wallet that may lie.

One world for the whole file. What breaks the world for good comes last: tests run in the order of the file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import verifier.policies
from ledger import AccountKey, LedgerSettings, LedgerWriter, open_ledger
from passport.disclosable import ClaimPath
from passport.identifiers import PROOF_OF_FUNDS
from passport.jose import PrivateKeySigner, b64u_encode
from passport.registry import Role, schema_id
from sandbox.accreditation import REGISTRAR, Accreditation, accredit
from sandbox.core_banking import new_sign_in, write_bank_file, write_officer_tokens, write_officers
from sandbox.installation import CHAIN_ID, Installation
from sandbox.processes import Child, stop_all
from sandbox.services import bank_a, bank_x, ledger_gateway
from sandbox.world import make_world
from service.system import SystemEntropy
from tests.simulators.raw_wallet import Application, RawWallet, bind, show
from tests.simulators.verifier_world import BankInMemory, Consortium, HandClock, LedgerInMemory

pytestmark = pytest.mark.journey

IDENTITY: tuple[ClaimPath, ...] = (("name_latin",), ("birth_date",), ("nationality",), ("document", "expiry"))
FUNDS: tuple[ClaimPath, ...] = (
    ("holder", "name_latin"),
    ("as_of",),
    ("any_joint",),
    ("thresholds", "total", "usd_50000"),
    ("thresholds", "min28d", "usd_50000"),
)
Shown = dict[str, str]


@dataclass
class World:
    """Running processes, and what a bank's clerk and a holder do with them."""

    place: Installation
    accreditation: Accreditation
    children: dict[str, Child]
    wallets: dict[tuple[str, str | None], RawWallet]

    def start_bank_x(self, **extra: str) -> None:
        """Start it in a world that has no hub, under the policy for such a world."""
        bank = self.children["bank_x"]
        bank.start({"VERIFIER_POLICY_DIR": str(self.place.root / "policies"), **extra})
        bank.wait_until_ready()

    def token(self, name: str) -> str:
        return self.place.token(name).read_text().strip()

    def at_bank_a(self, path: str, body: dict[str, Any], officer: str | None = None) -> dict[str, Any]:
        token = (
            self.token("bank_a")
            if officer is None
            else (self.place.officers / f"{officer}.token").read_text().strip()
        )
        answer = httpx.post(
            f"{self.place.bank_a.base_url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.is_success, answer.text
        read: dict[str, Any] = answer.json()
        return read

    def wallet(self, customer: str, *, as_of: str | None = None, fresh: bool = False) -> RawWallet:
        """A customer's wallet with both credentials, anchored and known to bank X unless ``fresh``."""
        if fresh or (customer, as_of) not in self.wallets:
            offer = self.at_bank_a(
                "/v1/operator/offers",
                {"customer": customer, "credentials": ["proof-of-funds", "identity"]}
                | ({} if as_of is None else {"as_of": as_of}),
            )
            wallet = RawWallet()
            wallet.redeem(offer["offer"], offer["tx_code"])
            if fresh:
                return wallet
            self.wallets[customer, as_of] = wallet
        return self.wallets[customer, as_of]

    def application(self) -> Application:
        return Application.open(self.place.bank_x.base_url, self.token("bank_x"))

    def honest(self, wallet: RawWallet, application: Application) -> Shown:
        request = application.request()
        return {
            query: show(
                wallet.credentials[name], paths, signer=wallet.key, nonce=request.nonce, aud=request.client_id
            )
            for query, name, paths in (
                ("identity", "identity", IDENTITY),
                ("proof_of_funds", "proof-of-funds", FUNDS),
            )
        }

    @contextmanager
    def registrar(self) -> Iterator[LedgerWriter]:
        ledger = open_ledger(LedgerSettings(self.place.rpc_url, CHAIN_ID, self.accreditation.contracts))
        try:
            yield LedgerWriter(ledger, AccountKey.from_file(self.place.account_key(REGISTRAR)))
        finally:
            ledger.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root: Path = tmp_path_factory.mktemp("bank-x-world")
    place = Installation.choose(root)
    people = make_world(seed=7, today=datetime.now(UTC).date(), accounts=300, transfers=500)
    ledger = ledger_gateway(place)
    children = {"ledger": ledger}
    try:
        ledger.start()
        ledger.wait_until_ready()
        accreditation = accredit(place, with_hub=False)
        write_bank_file(place.bank_file, people, new_sign_in(people))
        write_officer_tokens(place.officers)
        write_officers(place.bank_x_officers_file)
        write_officer_tokens(place.bank_x_officers)
        children["bank_a"] = bank_a(place, accreditation, hub=False)
        children["bank_x"] = bank_x(place, accreditation, hub=False)
        write_policy_without_hub(root / "policies")
        world = World(place, accreditation, children, {})
        children["bank_a"].start()
        world.start_bank_x()
        children["bank_a"].wait_until_ready()
        yield world
    finally:
        stop_all([*children.values()])


def write_policy_without_hub(folder: Path) -> None:
    """The shipped policy, but for a world that has no hub; what the hub says is the demo's and other tests' matter."""
    policy = json.loads((Path(verifier.policies.__path__[0]) / "account-opening.json").read_bytes())
    policy["rules"]["fraud_check"] = "if_configured"
    folder.mkdir()
    (folder / "account-opening.json").write_text(json.dumps(policy))


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "expected it to come true in time"
        time.sleep(0.05)


def expect(application: Application, status: str, *reasons: str) -> dict[str, Any]:
    result = application.result()
    assert (result["status"], result["reasons"]) == (status, list(reasons))
    return result


def refused_at_once(application: Application, body: bytes, reason: str) -> None:
    answer = application.post(body)
    assert (answer.status_code, answer.json()["error"]) == (400, reason)
    expect(application, "refused", reason)


def test_good_presentation_straight_after_issuing(world: World) -> None:
    """Not anchored for half a second yet: bank X waits for its own follower."""
    wallet = world.wallet("lin")
    application = world.application()
    answer = application.post(application.body(world.honest(wallet, application)))
    assert (answer.status_code, answer.json()) == (200, {})
    result = expect(application, "verified")
    assert result["disclosed"]["proof_of_funds"]["thresholds"] == {
        "total": {"usd_50000": True},
        "min28d": {"usd_50000": True},
    }
    assert "disclosed" not in application.result()


def test_sent_again_and_into_another_transaction(world: World) -> None:
    wallet = world.wallet("lin")
    first, second = world.application(), world.application()
    shown = world.honest(wallet, first)
    body = first.body(shown)
    assert first.post(body).status_code == 200
    again = first.post(body)
    assert (again.status_code, again.json()["error"]) == (409, "already_received")
    record = expect(first, "verified")["decision_record"]
    assert first.result()["decision_record"] == record
    refused_at_once(second, second.body(shown), "nonce_mismatch")
    third = world.application()
    refused_at_once(third, body, "nonce_mismatch")


def test_wrong_audience(world: World) -> None:
    wallet = world.wallet("lin")
    application = world.application()
    request = application.request()
    shown = world.honest(wallet, application)
    shown["proof_of_funds"] = show(
        wallet.credentials["proof-of-funds"],
        FUNDS,
        signer=wallet.key,
        nonce=request.nonce,
        aud=f"x509_hash:{'A' * 43}",
    )
    refused_at_once(application, application.body(shown), "audience_mismatch")


def test_somebody_elses_credential(world: World) -> None:
    victim, thief = world.wallet("lin"), PrivateKeySigner.generate(SystemEntropy())
    application = world.application()
    request = application.request()
    shown = world.honest(victim, application)
    stolen, _, _ = shown["proof_of_funds"].rpartition("~")
    shown["proof_of_funds"] = bind(f"{stolen}~", signer=thief, nonce=request.nonce, aud=request.client_id)
    refused_at_once(application, application.body(shown), "holder_binding_invalid")


def test_altered_disclosure(world: World) -> None:
    wallet = world.wallet("lin")
    application = world.application()
    request = application.request()
    shown = world.honest(wallet, application)
    altered = b64u_encode(b'["c2FsdHNhbHRzYWx0c2FsdA","birth_date","1999-12-31"]')
    bound, _, _ = shown["identity"].rpartition("~")
    issuer_jwt = bound.split("~")[0]
    shown["identity"] = bind(
        f"{issuer_jwt}~{altered}~", signer=wallet.key, nonce=request.nonce, aud=request.client_id
    )
    refused_at_once(application, application.body(shown), "disclosure_not_signed")


def test_lying_wallet_below_the_threshold(world: World) -> None:
    wallet = world.wallet("chen")
    application = world.application()
    request = application.request()
    shown = {
        "identity": show(
            wallet.credentials["identity"],
            IDENTITY,
            signer=wallet.key,
            nonce=request.nonce,
            aud=request.client_id,
        ),
        "proof_of_funds": show(
            wallet.credentials["proof-of-funds"],
            FUNDS[:2],
            signer=wallet.key,
            nonce=request.nonce,
            aud=request.client_id,
        ),
    }
    assert application.post(application.body(shown)).status_code == 200
    # It leaves out whether the account is joint as well, which every such credential says.
    expect(application, "refused", "claim_missing")


def test_figures_too_old(world: World) -> None:
    old = (datetime.now(UTC) - timedelta(days=9)).date().isoformat()
    wallet = world.wallet("kuo", as_of=old)
    application = world.application()
    assert application.post(application.body(world.honest(wallet, application))).status_code == 200
    expect(application, "refused", "as_of_too_old")


@pytest.mark.parametrize(("customer", "reason"), [("yang", "document_expired"), ("hung", "holder_under_age")])
def test_person_whom_the_policy_refuses(world: World, customer: str, reason: str) -> None:
    wallet = world.wallet(customer)
    application = world.application()
    assert application.post(application.body(world.honest(wallet, application))).status_code == 200
    expect(application, "refused", reason)


def test_issuer_that_was_never_accredited(world: World) -> None:
    clock = HandClock(datetime.now(UTC).replace(microsecond=0))
    stranger = BankInMemory(clock, LedgerInMemory(clock), Consortium.new("Nobody"))
    wallet = world.wallet("lin")
    application = world.application()
    request = application.request()
    shown = world.honest(wallet, application)
    forged = stranger.proof_of_funds(wallet.key)
    shown["proof_of_funds"] = show(
        forged, FUNDS, signer=wallet.key, nonce=request.nonce, aud=request.client_id
    )
    refused_at_once(application, application.body(shown), "issuer_not_accredited")


def test_revoked(world: World) -> None:
    wallet = world.wallet("lai")
    first = world.application()
    first.post(first.body(world.honest(wallet, first)))
    expect(first, "verified")
    assert first.follow_up()["status"] == "valid"
    asked = world.at_bank_a(
        "/v1/operator/credentials/revoke", {"customer": "lai", "reason": "asked for it"}, "officer-1"
    )
    began = time.monotonic()
    world.at_bank_a(f"/v1/operator/revocations/{asked['revocation_id']}/approve", {}, "officer-2")
    eventually(lambda: first.follow_up()["status"] == "revoked")
    assert time.monotonic() - began < 2
    second = world.application()
    assert second.post(second.body(world.honest(wallet, second))).status_code == 200
    expect(second, "refused", "revoked")


def test_bank_x_killed_and_started_again_keeps_what_it_received(world: World) -> None:
    wallet = world.wallet("lin")
    application = world.application()
    body = application.body(world.honest(wallet, application))
    bank = world.children["bank_x"]
    bank.stop()
    world.start_bank_x(FAULT_POINT="verifier.before_settled")
    assert application.post(body).status_code == 200
    eventually(lambda: not bank.running)
    world.start_bank_x()
    again = application.post(body)
    assert (again.status_code, again.json()["error"]) == (409, "already_received")
    expect(application, "verified")


def test_bank_a_stopped_while_its_customer_presents(world: World) -> None:
    """Bank X has what it needs, and still has it when it was started again meanwhile."""
    wallet = world.wallet("lin")
    bank = world.children["bank_x"]
    world.children["bank_a"].stop()
    try:
        first = world.application()
        assert first.post(first.body(world.honest(wallet, first))).status_code == 200
        expect(first, "verified")
        bank.stop()
        world.start_bank_x()
        second = world.application()
        assert second.post(second.body(world.honest(wallet, second))).status_code == 200
        expect(second, "verified")
    finally:
        world.children["bank_a"].start()
        world.children["bank_a"].wait_until_ready()


def test_chain_down_and_up_again(world: World) -> None:
    wallet = world.wallet("lin")
    application, later = world.application(), world.application()
    ledger = world.children["ledger"]
    ledger.kill()
    try:
        assert application.post(application.body(world.honest(wallet, application))).status_code == 200
        expect(application, "review", "ledger_unavailable")
    finally:
        ledger.start()
        ledger.wait_until_ready()
    eventually(lambda: httpx.get(f"{world.place.bank_x.base_url}/health/ready").status_code == 200)
    assert later.post(later.body(world.honest(wallet, later))).status_code == 200
    expect(later, "verified")


def test_anchor_pending_missing_and_there_at_last(world: World) -> None:
    """Bank A's clock stands still, so what it issues is not anchored: could not tell while it may still come."""
    bank, verifier_x = world.children["bank_a"], world.children["bank_x"]
    bank.stop()
    bank.start({"ISSUER_ANCHOR_INTERVAL": "3600"})
    bank.wait_until_ready()
    wallet = world.wallet("ho", fresh=True)

    def present() -> Application:
        application = world.application()
        assert application.post(application.body(world.honest(wallet, application))).status_code == 200
        return application

    expect(present(), "review", "anchor_pending")
    verifier_x.stop()
    world.start_bank_x(VERIFIER_PROMISED_DELAY_SECONDS="2")
    expect(present(), "refused", "anchor_missing")
    verifier_x.stop()
    world.start_bank_x()
    bank.stop()
    bank.start()
    bank.wait_until_ready()
    # The bank is ready before what it owes to the ledger is there.
    until = time.monotonic() + 60
    while time.monotonic() < until and present().result()["status"] != "verified":
        time.sleep(0.5)
    expect(present(), "verified")


def test_issuer_suspended_withdrawn_after_and_before_the_anchor(world: World) -> None:
    wallet = world.wallet("lin")
    [grant] = [
        each.number
        for each in world.accreditation.grants
        if each.who == world.accreditation.dids["bank_a"]
        and each.role is Role.ISSUER
        and each.schema == schema_id(PROOF_OF_FUNDS)
    ]

    def present() -> dict[str, Any]:
        application = world.application()
        assert application.post(application.body(world.honest(wallet, application))).status_code == 200
        result = application.result()
        return {name: result[name] for name in ("status", "reasons", "notes")}

    with world.registrar() as registrar:
        registrar.suspend(grant)
        eventually(lambda: present()["reasons"] == ["issuer_suspended"])
        registrar.reinstate(grant)
        eventually(lambda: present()["status"] == "verified")
        registrar.withdraw(grant, datetime.now(UTC).replace(microsecond=0))
        eventually(
            lambda: (
                present() == {"status": "verified", "reasons": [], "notes": ["issuer_no_longer_accredited"]}
            )
        )
        registrar.withdraw(grant, datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))
        eventually(lambda: present()["reasons"] == ["issuer_not_accredited"])
