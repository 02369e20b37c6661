"""An installation: where a world's files lie, which ports it uses, and who takes part. Chosen once, never again.

Everything secret lies under ``keys/`` with mode 0600, made by ``sandbox.accreditation`` when the world is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sandbox.processes import free_ports
from sandbox.world import BANK_A, BANK_X, HUB_OPERATOR, SOURCE_BANKS, Institution

CHAIN_ID = 31337
LOOPBACK = "127.0.0.1"
_PROCESSES = ("ledger", "bank_a", "bank_x", "bank_x_issuer", "hub")


@dataclass(frozen=True, slots=True)
class Party:
    """One participant process: its directory, port and base URL."""

    name: str
    institution: Institution
    port: int

    @property
    def base_url(self) -> str:
        """Where it is reached."""
        return f"http://{LOOPBACK}:{self.port}"


@dataclass(frozen=True, slots=True)
class Installation:
    """The layout of one world."""

    DIRECTORIES: ClassVar[tuple[str, ...]] = (
        "keys",
        "officers",
        "bank_x_officers",
        "log",
        "ledger",
        "bank_a",
        "bank_x",
        "bank_x_issuer",
        "hub",
    )

    root: Path
    ledger_port: int
    bank_a: Party
    bank_x: Party
    bank_x_issuer: Party
    hub: Party

    @classmethod
    def choose(cls, root: Path) -> Installation:
        """Choose free ports for a new world under ``root`` (made with mode 0700)."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls.at(root, dict(zip(_PROCESSES, free_ports(len(_PROCESSES)), strict=True)))

    @classmethod
    def at(cls, root: Path, ports: Mapping[str, int]) -> Installation:
        """The installation under ``root`` with the ports chosen when it was made."""
        return cls(
            root=root.resolve(),
            ledger_port=ports["ledger"],
            bank_a=Party("bank_a", BANK_A, ports["bank_a"]),
            bank_x=Party("bank_x", BANK_X, ports["bank_x"]),
            bank_x_issuer=Party("bank_x_issuer", BANK_X, ports["bank_x_issuer"]),
            hub=Party("hub", HUB_OPERATOR, ports["hub"]),
        )

    def ports(self) -> dict[str, int]:
        """Each process's port."""
        parties = (self.bank_a, self.bank_x, self.bank_x_issuer, self.hub)
        return {"ledger": self.ledger_port, **{party.name: party.port for party in parties}}

    @property
    def rpc_url(self) -> str:
        """The ledger gateway."""
        return f"http://{LOOPBACK}:{self.ledger_port}"

    @property
    def keys(self) -> Path:
        """Where everything secret lies."""
        return self.root / "keys"

    @property
    def trust_roots(self) -> Path:
        """The consortium's root certificates, PEM."""
        return self.root / "trust-roots.pem"

    @property
    def members(self) -> tuple[Institution, ...]:
        """The banks whose transfers the hub holds."""
        return (BANK_A, *SOURCE_BANKS)

    def state(self, name: str) -> Path:
        """A process's own directory."""
        return self.root / name

    def log(self, name: str) -> Path:
        """What a process writes."""
        return self.root / "log" / f"{name}.log"

    def account_key(self, name: str) -> Path:
        """The secp256k1 key of a participant's did:ethr."""
        return self.keys / f"{name}.account"

    def signing_key(self, name: str) -> Path:
        """The P-256 key of a participant, PEM."""
        return self.keys / f"{name}.signing.pem"

    def certificate(self, name: str) -> Path:
        """The certificate chain of that key, leaf first, without the root."""
        return self.root / f"{name}.certificate.pem"

    def token(self, name: str) -> Path:
        """The bearer token of a participant's own people."""
        return self.keys / f"{name}.token"

    @property
    def officers(self) -> Path:
        """Bank A's officers' tokens, a private file ``<officer>.token`` for each."""
        return self.root / "officers"

    @property
    def bank_x_officers(self) -> Path:
        """Bank X's officers' tokens, likewise."""
        return self.root / "bank_x_officers"

    @property
    def bank_x_officers_file(self) -> Path:
        """Who bank X's officers are."""
        return self.keys / "bank_x.officers.json"

    @property
    def bank_file(self) -> Path:
        """Bank A's core banking."""
        return self.keys / "bank_a.core.json"

    @property
    def consortium_key(self) -> Path:
        """The key that members and police share for tokens, and the hub does not have."""
        return self.keys / "consortium.key"

    @property
    def bank_x_file(self) -> Path:
        """Bank X's core banking: as good as empty, since it opens accounts rather than proving funds."""
        return self.keys / "bank_x.core.json"

    @property
    def issuer_registrations(self) -> Path:
        """What the banks registered as issuers, as the registrar publishes it."""
        return self.root / "issuer-registrations"

    @property
    def registration(self) -> Path:
        """What bank X registered as a verifier."""
        return self.root / "bank_x.registration.json"
