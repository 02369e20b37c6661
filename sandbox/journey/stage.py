"""The stage of one journey: the running world, the person's wallet, and what earlier steps left for later ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from holder.consent import ConsentView
from holder.wallet import Wallet
from holder.wiring import TrustSettings, open_wallet
from ledger import Ledger, LedgerSettings, open_ledger
from outbound import HttpClient, InsecureLoopback, JsonInterface, OutboundPolicy
from passport.strict_json import JsonObject
from passport.x509 import certificates_from_pem
from sandbox.clean_room import HubDesks
from sandbox.installation import CHAIN_ID
from sandbox.police import Police
from sandbox.standing_world import WORLD_FILE, StandingWorld

PERSON = "lin"
PASSPHRASE = "a long walk along the river"  # noqa: S105 - of a wallet that lives as long as the demo


@dataclass(slots=True)
class Stage:
    """Handed to every step."""

    standing: StandingWorld
    ledger: Ledger
    http: HttpClient
    bank_a: JsonInterface
    bank_x: JsonInterface
    bank_x_issuer: JsonInterface
    police: Police
    person: str = PERSON
    wallet_name: str = "wallet"
    customer: JsonInterface | None = None
    offer_link: str = ""
    tx_code: str = ""
    credential_references: tuple[str, ...] = ()
    offer_id: str = ""
    ownership_copies: tuple[str, ...] = ()
    funds_copies: tuple[str, ...] = ()
    application: JsonObject = field(default_factory=dict)
    second_application: JsonObject = field(default_factory=dict)
    consent: ConsentView | None = None
    result: JsonObject = field(default_factory=dict)
    latencies_ms: dict[str, float] = field(default_factory=dict)

    @property
    def wallet_path(self) -> Path:
        """The person's wallet file."""
        return self.standing.installation.root / "wallet" / f"{self.wallet_name}.fpw"

    @contextmanager
    def wallet(self) -> Iterator[Wallet]:
        """The person's wallet, opened with the passphrase as at every use."""
        world = TrustSettings.from_world(self.standing.installation.root / WORLD_FILE)
        with open_wallet(self.wallet_path, PASSPHRASE, world) as wallet:
            yield wallet

    def bank_a_officer(self, name: str) -> JsonInterface:
        """Bank A, as one of its officers."""
        place = self.standing.installation
        token = (place.officers / f"{name}.token").read_text().strip()
        return JsonInterface(place.bank_a.base_url, token, who="bank A")

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The consortium's root certificates, DER."""
        return certificates_from_pem(self.standing.installation.trust_roots.read_bytes())

    @staticmethod
    def now() -> datetime:
        """The time of day."""
        return datetime.now(UTC)


@contextmanager
def set_stage(standing: StandingWorld) -> Iterator[Stage]:
    """The stage over a running world."""
    place = standing.installation
    ledger = open_ledger(LedgerSettings(place.rpc_url, CHAIN_ID, standing.accreditation.contracts))
    with HttpClient(OutboundPolicy(InsecureLoopback("sandbox"))) as http:
        try:
            yield Stage(
                standing=standing,
                ledger=ledger,
                http=http,
                bank_a=JsonInterface(
                    place.bank_a.base_url, place.token("bank_a").read_text().strip(), who="bank A"
                ),
                bank_x=JsonInterface(
                    place.bank_x.base_url, place.token("bank_x").read_text().strip(), who="bank X"
                ),
                bank_x_issuer=JsonInterface(
                    place.bank_x_issuer.base_url,
                    place.token("bank_x_issuer").read_text().strip(),
                    who="bank X",
                ),
                police=Police(HubDesks(place, standing.accreditation), standing.world),
            )
        finally:
            ledger.close()
