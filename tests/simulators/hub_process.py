"""The hub as its own process, ``python -m fraud_check``, on a real embedded chain; it can be killed at a fault point."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fraud_check.client import HubConnection, MemberClient, PoliceClient, VerifierClient
from ledger import AccountKey, Ledger, LedgerSettings, LedgerWriter, deploy, open_ledger
from outbound import HttpClient, InsecureLoopback, OutboundPolicy
from passport.identifiers import DidEthr
from passport.jose import PrivateKeySigner
from passport.registry import Role
from passport.x509 import certificates_to_pem, make_leaf, make_root, root_hash
from service.key_files import save_secret
from service.system import SystemClock, SystemEntropy
from tests.simulators.hub_world import CHAIN, KEY, Participant
from tests.simulators.ledger_relay import Relay

START_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Chain:
    """Contracts on a gateway, with a root that the ledger trusts."""

    settings: LedgerSettings
    ledger: Ledger
    registrar: LedgerWriter


class HubProcess:
    """Everything around one hub process. Participants are really on the ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock, self.entropy = SystemClock(), SystemEntropy()
        self.http = HttpClient(OutboundPolicy(allowed=InsecureLoopback("sandbox")))
        self.gateway = self._start_gateway()
        self.root = make_root(
            name="Consortium root",
            signer=PrivateKeySigner.generate(self.entropy),
            not_before=self.clock.now() - timedelta(minutes=5),
            entropy=self.entropy,
        )
        (folder / "roots.pem").write_bytes(certificates_to_pem([self.root.certificate]))
        self.chain = self._deploy()
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.identity = self.participant("hub", Role.HUB)
        self.process: subprocess.Popen[bytes] | None = None
        self.relay: Relay | None = None

    def participant(self, name: str, *roles: Role) -> Participant:
        """A party with a key on the ledger, a certificate and grants."""
        account = AccountKey.generate(self.entropy)
        did = account.did(CHAIN)
        signer = PrivateKeySigner.generate(self.entropy)
        url = f"https://{name}.example"
        certificate = make_leaf(
            self.root,
            name=name,
            jwk=signer.public_jwk,
            not_before=self.clock.now() - timedelta(minutes=5),
            entropy=self.entropy,
            san_uris=(str(did), url),
        )
        until = self.clock.now() + timedelta(days=365)
        LedgerWriter(self.chain.ledger, account).add_signing_key(signer.public_jwk.thumbprint(), until)
        for role in roles:
            self.chain.registrar.grant(did.address, role, valid_until=until, evidence_hash=bytes(31) + b"e")
        save_secret(self.folder / f"{name}.key", signer.to_pem())
        (self.folder / f"{name}.pem").write_bytes(certificates_to_pem([certificate]))
        return Participant(DidEthr.parse(str(did)), signer, certificate, url)

    def connection(self, caller: Participant) -> HubConnection:
        return HubConnection(
            base_url=self.base_url,
            hub=self.identity.did,
            caller=caller.did,
            signer=caller.signer,
            http=self.http,
            keys=self.chain.ledger,
            clock=self.clock,
            entropy=self.entropy,
        )

    def member(self, caller: Participant) -> MemberClient:
        return MemberClient(self.connection(caller), KEY)

    def police(self, caller: Participant) -> PoliceClient:
        return PoliceClient(self.connection(caller), KEY)

    def verifier(self, caller: Participant) -> VerifierClient:
        return VerifierClient(self.connection(caller), [caller.certificate])

    # --- the process -------------------------------------------------------------------------------------------

    def start(self, fault_point: str = "") -> None:
        """Start it, and wait until it is ready."""
        contracts = {name: str(address) for name, address in self.chain.settings.contracts.items()}
        settings = {
            "PROFILE": "sandbox",
            "PORT": str(self.port),
            "BASE_URL": self.base_url,
            "STATE_DIR": str(self.folder / "state"),
            "RPC_URL": self.chain.settings.rpc_url if self.relay is None else self.relay.url,
            "CHAIN_ID": str(CHAIN),
            "CONTRACTS": json.dumps(contracts),
            "TRUST_ROOTS": str(self.folder / "roots.pem"),
            "SIGNING_KEY": str(self.folder / "hub.key"),
            "CERTIFICATE": str(self.folder / "hub.pem"),
            "ACCOUNT_KEY": str(self.folder / "hub.account"),
            "DID": str(self.identity.did),
        }
        environment = {f"HUB_{name}": value for name, value in settings.items()}
        if fault_point:
            environment["FAULT_POINT"] = fault_point
        with (self.folder / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fraud_check"], env={**os.environ, **environment}, stderr=log
            )
        self._wait_until_ready()

    def wait_for_death(self) -> int:
        """The exit code of a process that a fault point kills."""
        assert self.process is not None
        code = self.process.wait(10)
        self.process = None
        return code

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait_for_death()

    def close(self) -> None:
        if self.process is not None:
            self.stop(signal.SIGKILL)
        if self.relay is not None:
            self.relay.close()
        self.gateway.kill()
        self.gateway.wait(10)
        self.chain.ledger.close()
        self.http.close()

    def log(self) -> str:
        return (self.folder / "hub.log").read_text()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the hub ended: {self.log()[-2000:]}")
            if self.ready():
                return
            time.sleep(0.02)
        raise AssertionError(f"the hub is not ready: {self.log()[-2000:]}")

    def ready(self) -> bool:
        """Whether the hub says that it is."""
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) != 0:
                return False
        return self.http.get(f"{self.base_url}/health/ready").status == 200

    def _start_gateway(self) -> subprocess.Popen[bytes]:
        self.rpc_port = free_port()
        settings = {"LEDGER_STATE_DIR": str(self.folder / "ledger"), "LEDGER_PORT": str(self.rpc_port)}
        with (self.folder / "ledger.log").open("ab") as log:
            gateway = subprocess.Popen(
                [sys.executable, "-m", "ledger"], env={**os.environ, **settings}, stderr=log
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.rpc_port)) == 0:
                    return gateway
            time.sleep(0.02)
        raise AssertionError("the gateway did not start")

    def _deploy(self) -> Chain:
        url = f"http://127.0.0.1:{self.rpc_port}"
        registrar = AccountKey.generate(self.entropy)
        settings = LedgerSettings(url, CHAIN, deploy(url, registrar, CHAIN, admin_delay=timedelta(0)))
        ledger = open_ledger(settings)
        writer = LedgerWriter(ledger, registrar)
        writer.add_root(root_hash(self.root.certificate))
        return Chain(settings, ledger, writer)
