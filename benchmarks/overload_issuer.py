"""The issuer of ``benchmarks.overload``: real books, keys and database, a ledger in its own memory, no hub."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI

from benchmarks.overload_load import Failed, Journey, Line, Refused
from benchmarks.overload_services import FORM, JSON
from issuer.codes import Codes
from issuer.copy_writing import CopyWriting
from issuer.offer import BY_OPERATOR, Configuration
from issuer.own_files import identity_of, pepper
from issuer.remote.bank_file import FileBank, read_bank_file
from issuer.remote.no_hub import NoHub
from issuer.settings import IssuerSettings
from issuer.storage.credentials import CredentialStore
from issuer.storage.offers import OfferStore
from issuer.use_cases.make_offer import MakeOffer, OfferRequest
from issuer.wiring import Outside, assemble
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.openid4vci.key_proof import sign_key_proof
from passport.openid4vci.names import GRANT_PRE_AUTHORIZED
from passport.x509 import certificates_to_pem, make_leaf, make_root
from sandbox.core_banking import new_sign_in, write_bank_file
from sandbox.world import make_world
from service.database import Database
from service.key_files import save_secret
from service.profile import Profile
from service.server import bind
from service.system import SystemClock, SystemEntropy
from tests.simulators.issuer_ledger import SimulatedLedger


class OverloadedIssuer:
    """A journey is a token, a nonce, five key proofs, five copies and a notification."""

    keeps_lines = False
    name, first, whole, most_expected = "issuer", "tokens", "sets of five copies", 100

    def __init__(self, folder: Path, database_url: str) -> None:
        self._entropy = SystemEntropy()
        self._clock = SystemClock()
        self.listener = bind("127.0.0.1", 0)
        self._settings = self._settings_in(folder, database_url)
        world = make_world(seed=7, today=datetime.now(UTC).date(), accounts=200, transfers=200)
        write_bank_file(self._settings.bank_file, world, new_sign_in(world))
        self._bank = FileBank(read_bank_file(self._settings.bank_file), self._clock)
        self._keys = [PrivateKeySigner.generate(self._entropy) for _ in range(5)]
        self._codes: deque[tuple[str, str]] = deque()

    def build(self) -> FastAPI:
        """The issuer, on a ledger in its own memory."""
        ledger, hub = SimulatedLedger(DidEthr.parse(self._settings.did).address), NoHub()
        outside = Outside(
            bank=self._bank,
            anchor_ledger=ledger,
            status_ledger=ledger,
            announcement=ledger,
            fraud_check=hub,
            alerts=hub,
            documents=None,
            clock=self._clock,
            entropy=self._entropy,
        )
        return assemble(self._settings, outside)

    def prepare(self, number: int) -> None:
        """Offers, made by the use case itself beside the running service: through its door they would be load."""
        database = Database(self._settings.database("issuer"))
        offers = OfferStore(database)
        codes = Codes(pepper(self._settings.state_dir / "pepper", self._entropy), self._entropy)
        make = MakeOffer(
            bank=self._bank,
            offers=offers,
            tracks=CredentialStore(database),
            fraud_check=NoHub(),
            writer=CopyWriting(
                identity=identity_of(self._settings),
                bank=self._bank.bank,
                anchor_registry=Address(self._settings.contracts["AnchorRegistry"]),
                hub=None,
                documents=None,
            ),
            codes=codes,
            entropy=self._entropy,
            clock=self._clock,
            offered=frozenset(self._settings.configurations),
            copies=5,
        )
        request = OfferRequest("lin", (Configuration.PROOF_OF_FUNDS,), requested_by=BY_OPERATOR)
        with ThreadPoolExecutor(16) as pool:
            made = list(pool.map(lambda _: make(request).secrets, range(number)))
        self._codes = deque((one.code, one.tx_code) for one in made if one is not None)
        database.close()

    def next_journey(self) -> Journey:
        """One wallet's."""
        code, tx_code = offer = self._codes.popleft()
        form = {"grant_type": GRANT_PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": tx_code}

        async def journey(line: Line, begun: Callable[[], None]) -> None:
            try:
                answer = await line.ask("POST", "/oid4vci/token", urlencode(form).encode(), FORM)
            except Refused:
                self._codes.append(offer)
                raise
            begun()
            bearer = {"Authorization": f"Bearer {json.loads(answer.body)['access_token']}", **JSON}
            nonce = json.loads((await line.ask("POST", "/oid4vci/nonce")).body)["c_nonce"]
            audience, now = self._settings.base_url, self._clock.now()
            proofs = [
                sign_key_proof(signer=key, audience=audience, nonce=nonce, issued_at=now)
                for key in self._keys
            ]
            asked = {"credential_configuration_id": "proof-of-funds", "proofs": {"jwt": proofs}}
            answer = await line.ask("POST", "/oid4vci/credential", json.dumps(asked).encode(), bearer)
            made = json.loads(answer.body)
            if len(made["credentials"]) != len(self._keys):
                raise Failed("expected a copy for each key")
            told = {"notification_id": made["notification_id"], "event": "credential_accepted"}
            await line.ask("POST", "/oid4vci/notification", json.dumps(told).encode(), bearer)

        return journey

    def _settings_in(self, folder: Path, database_url: str) -> IssuerSettings:
        base_url, did = (
            f"http://127.0.0.1:{self.listener.getsockname()[1]}",
            DidEthr.parse("did:ethr:0x7a69:0x" + "ab" * 20),
        )
        signers = [PrivateKeySigner.generate(self._entropy) for _ in range(2)]
        day = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        root = make_root(name="root", signer=signers[0], not_before=day, entropy=self._entropy)
        leaf = make_leaf(
            root,
            name="bank",
            jwk=signers[1].public_jwk,
            not_before=day,
            entropy=self._entropy,
            san_uris=[base_url, str(did)],
        )
        save_secret(folder / "signing.pem", signers[1].to_pem())
        (folder / "chain.pem").write_bytes(certificates_to_pem([leaf]))
        (folder / "roots.pem").write_bytes(certificates_to_pem([root.certificate]))
        save_secret(folder / "operator", b"operator-token-of-the-benchmark")
        return IssuerSettings(
            profile=Profile.SANDBOX,
            port=self.listener.getsockname()[1],
            base_url=base_url,
            state_dir=folder / "state",
            database_url=database_url,
            rpc_url="http://127.0.0.1:1",
            chain_id=did.chain_id,
            contracts={"AnchorRegistry": "0x" + "cd" * 20},
            trust_roots=folder / "roots.pem",
            signing_key=folder / "signing.pem",
            certificate=folder / "chain.pem",
            account_key=folder / "none",
            did=str(did),
            operator_token=folder / "operator",
            bank_file=folder / "bank.json",
            configurations=(Configuration.PROOF_OF_FUNDS,),
        )
