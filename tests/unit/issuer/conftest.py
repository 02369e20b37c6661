from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from issuer.offer import Configuration
from issuer.ports import BankAlert, Grounds, HubAnswer, ProvenAccounts
from issuer.remote.bank_file import BankFile, FileBank
from issuer.remote.didkit_process import DidkitProcess, open_w3c_key
from issuer.settings import IssuerSettings
from issuer.wiring import Outside, assemble
from passport.errors import Reason, Unavailable
from passport.fraud import AlertKind, VerdictClass
from passport.identifiers import DidEthr
from passport.jose import PrivateKeySigner
from passport.x509 import certificates_to_pem, make_leaf, make_root
from service.key_files import save_secret
from service.profile import Profile
from service.system import SystemEntropy
from tests.simulators.issuer_ledger import SimulatedLedger
from tests.simulators.vci_wallet import VciWallet

TODAY: Final = date(2026, 11, 20)
NOON: Final = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAYS: Final = 366


class FixedClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def _account(number: str, currency: str, balance: int, **more: object) -> dict[str, object]:
    return {
        "scheme": "TW", "bank_code": "899", "branch": "0001", "number": number, "kind": "demand_deposit",
        "currency": currency, "ownership": "sole", "opened_on": "2015-03-01", "closing_minor": [balance] * DAYS,
        **more,
    }  # fmt: skip


def _customer(key: str, accounts: list[dict[str, object]]) -> dict[str, object]:
    return {
        "key": key, "person_id": f"SB{key.upper()}", "name_latin": f"{key.upper()} MEI-HUI", "name_zh": "林美惠",
        "birth_date": "1985-04-02", "nationality": "TW",
        "document": {"type": "passport", "country": "TW", "expires_on": "2031-01-31"},
        "assurance_level": "high", "customer_since": "2015-03-01",
        # argon2id of "correct horse", with the cheapest parameters that the library takes
        "password_hash": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$" + "x", "otp_secret": "JBSWY3DPEHPK3PXP",
        "accounts": accounts,
    }  # fmt: skip


_BANK_FILE: Final[dict[str, Any]] = {
    "version": 1,
    "bank": {
        "name_en": "Blue Magpie Commercial Bank", "name_zh": "藍鵲商業銀行", "lei": "00SB00BLUEMAGPIE0009",
        "bic": "BMCBTWTP", "bank_code": "899", "country": "TW", "licence": "SANDBOX-TW-899",
        "contact": "letters@blue-magpie.example",
    },
    "officers": [{"id": "wu", "name": "WU I-CHEN"}, {"id": "kao", "name": "KAO MING"},
                 {"id": "kao-2", "name": "KAO MING", "person": "kao"}, {"id": "lo", "name": "LO CHIEN"}],
    "approval_limit_usd_minor": 50_000_000,
    "first_day": (TODAY - timedelta(days=DAYS - 1)).isoformat(),
    "usd_micro": {"TWD": [31_700] * DAYS},
    "customers": [
        _customer("lin", [_account("000012345678", "TWD", 325_000_000), _account("000012349999", "USD", 4_200_000)]),
        _customer("liao", [_account("000098765432", "TWD", 7_300_000_000)]),
        _customer("chen", [_account("000055555555", "TWD", 64_000_000)]),
    ],
}  # fmt: skip


@pytest.fixture
def bank_file() -> dict[str, Any]:
    return copy.deepcopy(_BANK_FILE)


OPERATOR_TOKEN: Final = "operator-token-of-the-tests"
BASE_URL: Final = "http://127.0.0.1:8443"
DID: Final = DidEthr.parse("did:ethr:0x7a69:0x" + "ab" * 20)
PASSWORD: Final = "correct horse"


def officer_token(name: str) -> str:
    return f"token-of-officer-{name}"


@dataclass
class IssuerWorld:
    """An issuer on simulated surroundings, called over ASGI; ``restart`` ends it as a kill would."""

    settings: IssuerSettings
    outside: Outside
    ledger: SimulatedLedger
    clock: FixedClock
    hub: SimulatedHub
    root: bytes
    client: httpx.AsyncClient
    app: FastAPI

    def wallet(self, *, dpop: bool = False) -> VciWallet:
        key = PrivateKeySigner.generate(SystemEntropy()) if dpop else None
        return VciWallet(self.client, BASE_URL, self.clock, key)

    async def offer(self, customer: str = "lin", *credentials: str, **more: object) -> dict[str, Any]:
        answer = await self.operator(
            "/offers", {"customer": customer, "credentials": credentials or ("proof-of-funds",), **more}
        )
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def officer(self, name: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {officer_token(name)}"}
        return await self.client.post(f"/v1/operator{path}", json=body or {}, headers=headers)

    async def suspend(self, customer: str = "lin", officer: str = "wu") -> httpx.Response:
        return await self.officer(officer, "/credentials/suspend", {"customer": customer, "reason": "lost"})

    async def reinstate(self, customer: str = "lin", officer: str = "wu") -> httpx.Response:
        return await self.officer(
            officer, "/credentials/reinstate", {"customer": customer, "reason": "found"}
        )

    async def revoke(self, **about: str) -> httpx.Response:
        """Both officers: one asks, the other agrees; the first refusal, if any."""
        asked = await self.officer("wu", "/credentials/revoke", {"reason": "closed", **about})
        if asked.status_code != 202:
            return asked
        return await self.officer("kao", f"/revocations/{asked.json()['revocation_id']}/approve")

    async def operator(self, path: str, body: object) -> httpx.Response:
        return await self.client.post(f"/v1/operator{path}", json=body, headers=OPERATOR)


@dataclass
class SimulatedHub:
    """The hub as a bank asks and hears it; it can be down."""

    verdict: VerdictClass = VerdictClass.CLEAR
    needs_person: bool = True
    down: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)
    handles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    words: list[tuple[str, str, bool]] = field(default_factory=list)
    stream: list[BankAlert] = field(default_factory=list)
    explained: dict[str, Grounds] = field(default_factory=dict)
    """What a kept verdict says, by its signed text."""
    signed: str = ""
    held: dict[str, str] = field(default_factory=dict)
    """Accounts that the bank gained, by the token of the alerts about them."""

    def before_offer(self, proven: ProvenAccounts) -> HubAnswer:
        self.asked.append((*proven.accounts, proven.person))
        if self.down:
            return HubAnswer(VerdictClass.UNKNOWN, handles_registered=False)
        if self.verdict is not VerdictClass.BLOCK:
            self.handles[proven.offer_id] = proven.handles
        return HubAnswer(self.verdict, handles_registered=True, signed=self.signed)

    def register(self, proven: ProvenAccounts) -> None:
        self._reach()
        self.asked.append((*proven.accounts, proven.person))
        self.handles[proven.offer_id] = proven.handles

    def grounds(self, signed: str) -> Grounds | None:
        return self.explained.get(signed)

    def confirm_holder(self, account: str, person: str, reference: str, *, holds: bool) -> None:
        self._reach()
        self.references.append(reference)
        self.words.append((account, person, holds))

    def cause_gone(self, person: str, reference: str) -> None:
        self._reach()
        assert len(reference) >= 16
        self.gone.append(person)
        self.references.append(reference)

    def after(self, number: int) -> tuple[BankAlert, ...]:
        self._reach()
        return tuple(one for one in self.stream if one.number > number)

    def customer_of(self, about: str) -> str | None:
        return self.held.get(about)

    @property
    def known(self) -> int:
        return len(self.held)

    def tell(
        self, kind: AlertKind, customer: str | None, notice: str = "notice-0000000001", about: str = ""
    ) -> None:
        self.stream.append(BankAlert(len(self.stream) + 1, kind, notice, customer, about))

    def _reach(self) -> None:
        if self.down:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the hub does not answer")


OPERATOR: Final = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}


@pytest.fixture
def settings(tmp_path: Path) -> IssuerSettings:
    entropy = SystemEntropy()
    authority = make_root(
        name="root",
        signer=PrivateKeySigner.generate(entropy),
        not_before=NOON - timedelta(days=2),
        entropy=entropy,
    )
    signer = PrivateKeySigner.generate(entropy)
    leaf = make_leaf(
        authority,
        name="bank",
        jwk=signer.public_jwk,
        not_before=NOON - timedelta(days=1),
        entropy=entropy,
        san_uris=[BASE_URL, str(DID)],
    )
    save_secret(tmp_path / "signing.pem", signer.to_pem())
    (tmp_path / "chain.pem").write_bytes(certificates_to_pem([leaf]))
    (tmp_path / "roots.pem").write_bytes(certificates_to_pem([authority.certificate]))
    save_secret(tmp_path / "operator", OPERATOR_TOKEN.encode())
    for name in ("wu", "kao", "kao-2", "lo"):
        save_secret(tmp_path / "officers" / f"{name}.token", officer_token(name).encode())
    return IssuerSettings(
        profile=Profile.SANDBOX,
        port=8443,
        base_url=BASE_URL,
        state_dir=tmp_path / "state",
        rpc_url="http://127.0.0.1:1",
        chain_id=DID.chain_id,
        contracts={"AnchorRegistry": "0x" + "cd" * 20},
        trust_roots=tmp_path / "roots.pem",
        signing_key=tmp_path / "signing.pem",
        certificate=tmp_path / "chain.pem",
        account_key=tmp_path / "none",
        did=str(DID),
        operator_token=tmp_path / "operator",
        officer_tokens=tmp_path / "officers",
        bank_file=tmp_path / "none",
        hub_did="did:ethr:0x7a69:0x" + "ef" * 20,
        configurations=tuple(Configuration),
        anchor_interval=0.02,
        alerts_interval=0.02,
        anchor_batch=16,
    )


@pytest.fixture
def ledger() -> SimulatedLedger:
    return SimulatedLedger(DID.address)


@pytest.fixture
def bank(bank_file: dict[str, Any], clock: FixedClock) -> FileBank:
    password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    for one in bank_file["customers"]:
        one["password_hash"] = password_hash
    return FileBank(BankFile.model_validate_json(json.dumps(bank_file)), clock)


@pytest.fixture
def documents(tmp_path: Path) -> DidkitProcess:
    path = tmp_path / "w3c.jwk"
    return DidkitProcess(path, open_w3c_key(path, SystemEntropy()))


@pytest.fixture
async def world(
    settings: IssuerSettings,
    ledger: SimulatedLedger,
    bank: FileBank,
    clock: FixedClock,
    documents: DidkitProcess,
) -> AsyncIterator[IssuerWorld]:
    hub = SimulatedHub()
    outside = Outside(
        bank=bank,
        anchor_ledger=ledger,
        status_ledger=ledger,
        announcement=ledger,
        fraud_check=hub,
        alerts=hub,
        documents=documents,
        clock=clock,
        entropy=SystemEntropy(),
    )
    app = assemble(settings, outside)
    root = settings.trust_roots.read_bytes()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE_URL) as client,
    ):
        yield IssuerWorld(settings, outside, ledger, clock, hub, root, client, app)
