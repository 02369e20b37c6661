"""The whole verifier over in-memory counterparts, and the steps of a journey through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

import verifier.storage
from passport import strict_json
from passport.identifiers import DidEthr
from passport.jose import PrivateKeySigner, parse_compact
from passport.openid4vp import (
    AuthorizationRequest,
    AuthorizationResponse,
    EncryptedResponse,
    RequestLink,
    ResponseMode,
    read_request,
    write_response,
)
from passport.strict_json import JsonObject
from passport.x509 import CertificateAuthority
from service.database import Database
from service.migrations import upgrade
from tests.simulators.verifier_world import (
    ANCHOR_REGISTRY,
    FUNDS_PATHS,
    IDENTITY_PATHS,
    BankInMemory,
    Consortium,
    FilesInMemory,
    HandClock,
    HolderInMemory,
    InlineExecutor,
    LedgerInMemory,
    NoPatience,
    RealEntropy,
    new_did,
    new_signer,
)
from verifier.assembly import Assembled, Identity, Parts, assemble
from verifier.policies import FraudCheckRule, read_policies
from verifier.policies.reader import KnownPolicy
from verifier.use_cases.follow_banks import FetchQueue

BASE_URL = "https://bank-x.example"
TOKEN = "the-api-token-of-bank-x"
MIGRATIONS = Path(verifier.storage.__path__[0]) / "migrations"


def policies_without_hub(folder: Path | None = None) -> Mapping[str, KnownPolicy]:
    """The policies as they are, but for a world that has no hub."""
    relaxed: dict[str, KnownPolicy] = {}
    for name, known in read_policies(folder).items():
        rules = known.policy.rules.model_copy(update={"fraud_check": FraudCheckRule.IF_CONFIGURED})
        relaxed[name] = KnownPolicy(known.policy.model_copy(update={"rules": rules}), known.sha256)
    return relaxed


def new_database(folder: Path) -> Path:
    """A database with its tables, closed."""
    database = open_database(folder)
    upgrade(database, MIGRATIONS)
    database.close()
    return folder / "verifier.sqlite"


def open_database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'verifier.sqlite'}")


@dataclass
class Desk:
    """Bank X, its ledger, bank A and a holder; every answer starts valid, and a test spoils one thing."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)
    did: DidEthr = field(default_factory=new_did)
    signer: PrivateKeySigner = field(default_factory=new_signer)
    parts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger = LedgerInMemory(self.clock)
        self.consortium = Consortium.new()
        self.files = FilesInMemory()
        self.bank = BankInMemory(self.clock, self.ledger, self.consortium, files=self.files)
        self.bank.join()
        self.holder = HolderInMemory(self.clock)
        self.certificate = self.consortium.certify(self.signer, [BASE_URL, str(self.did)])
        self.assembled = self.build()
        self.app = self.assembled.app
        self.follow()
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=BASE_URL)

    def build(self) -> Assembled:
        authority: CertificateAuthority = self.consortium.authority
        identity = Identity(
            did=self.did,
            signer=self.signer,
            certificates=[self.certificate],
            roots=[authority.certificate],
            registration={"did": str(self.did), "legal_name": {"en": "Bank X"}},
            base_url=BASE_URL,
        )
        values: dict[str, Any] = {
            "identity": identity,
            "api_token": TOKEN,
            "policies": policies_without_hub(),
            "database": self.database,
            "ledger": self.ledger,
            "anchor_registry": ANCHOR_REGISTRY,
            "fetcher": self.files,
            "queue": FetchQueue(pool=InlineExecutor()),
            "patience": NoPatience(),
            "clock": self.clock,
            "entropy": RealEntropy(),
            "lifetime": timedelta(minutes=15),
            **self.parts,
        }
        return assemble(Parts(**values))

    def restart(self) -> None:
        """The same database under a new process."""
        self.assembled = self.build()
        self.app = self.assembled.app
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=BASE_URL)

    def follow(self) -> None:
        """One round of following the banks."""
        self.assembled.rounds["banks"]()

    async def open(self, mode: ResponseMode = ResponseMode.DIRECT_POST, **more: str) -> Opened:
        answer = await self.client.post(
            "/v1/applications",
            json={"policy": "account-opening", "response_mode": mode.value, **more},
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert answer.status_code == 201, answer.text
        return Opened(self, answer.json())

    def credentials(self, **funds: Any) -> Mapping[str, tuple[str, Sequence[tuple[str | int | None, ...]]]]:
        return {
            "identity": (self.bank.identity(self.holder.signer), IDENTITY_PATHS),
            "proof_of_funds": (self.bank.proof_of_funds(self.holder.signer, **funds), FUNDS_PATHS),
        }

    def anchor(self) -> None:
        """The bank's clock ticks: everything that waits is anchored, and followed."""
        if self.bank.waiting:
            self.bank.anchor_all()
        self.follow()

    async def api(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})


@dataclass
class Opened:
    """One application as the three sides see it."""

    desk: Desk
    described: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.described["id"])

    @property
    def request_path(self) -> str:
        link = RequestLink.parse(self.described["request"])
        assert link.request_uri is not None
        return urlsplit(link.request_uri).path

    async def request(self) -> AuthorizationRequest:
        answer = await self.desk.client.get(self.request_path)
        assert answer.status_code == 200, answer.text
        payload = parse_compact(answer.text).unverified_payload
        return read_request(strict_json.loads(payload))

    async def body(
        self,
        credentials: Mapping[str, tuple[str, Sequence[tuple[str | int | None, ...]]]] | None = None,
        **spoiled: Any,
    ) -> bytes:
        """The form that an honest wallet would post, with one thing spoiled."""
        request = await self.request()
        shown = {
            query: (
                self.desk.holder.show(
                    credential,
                    paths,
                    nonce=spoiled.get("nonce", request.nonce),
                    aud=spoiled.get("aud", request.client_id),
                    signer=spoiled.get("signer"),
                    age=spoiled.get("age", timedelta()),
                ),
            )
            for query, (credential, paths) in (credentials or self.desk.credentials()).items()
        }
        response = AuthorizationResponse.read(
            {"vp_token": {**shown, **spoiled.get("vp", {})}, "state": spoiled.get("state", request.state)}
        )
        if request.response_mode is ResponseMode.DIRECT_POST:
            return write_response(response)
        assert request.client_metadata is not None
        key, kid, enc = request.client_metadata.encryption()
        return EncryptedResponse.encrypt(response, recipient=key, kid=kid, enc=enc).to_form()

    async def post(self, body: bytes, *, anchored: bool = True) -> httpx.Response:
        if anchored:
            self.desk.anchor()
        return await self.desk.client.post(
            self.request_path.replace("/requests/", "/responses/"),
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    async def answer(self, *args: Any, **spoiled: Any) -> httpx.Response:
        return await self.post(await self.body(*args, **spoiled))

    async def result(self, wait: float = 5) -> JsonObject:
        answer = await self.desk.client.get(
            urlsplit(self.described["result_url"]).path, params={"wait": wait}
        )
        assert answer.status_code == 200, answer.text
        result: JsonObject = answer.json()
        return result
