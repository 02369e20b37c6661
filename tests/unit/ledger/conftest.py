"""A real embedded chain for the ledger's tests: gateway, anvil, contracts; one a session, and one a test where it is hurt."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from ledger import AccountKey, Ledger, LedgerSettings, LedgerWriter, deploy, open_ledger
from ledger.embedded.process import default_anvil
from ledger.rpc import Rpc
from passport.identifiers import PROOF_OF_FUNDS, SCHEMA_IDS
from passport.registry import Role
from tests.simulators.ledger_node import SIMULATED_CONTRACTS, SimulatedNode

CHAIN_ID = 31337


class RandomBytes:
    def token(self, size: int) -> bytes:
        return os.urandom(size)


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class RunningGateway:
    """A gateway process that a test may stop, kill and start again over the same state."""

    state_dir: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **environment: str) -> list[dict[str, Any]]:
        """Start it, and wait until it listens; returns what it said."""
        settings = {"LEDGER_STATE_DIR": str(self.state_dir), "LEDGER_PORT": str(self.port), **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ledger"],
            env={**os.environ, **settings},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        said: list[dict[str, Any]] = []
        for line in self.process.stderr:
            assert line.startswith("{"), line + self.process.stderr.read()
            said.append(json.loads(line))
            if said[-1]["event"] == "listening":
                self.port = said[-1]["port"]
                return said
        raise AssertionError(f"the gateway ended: {said}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(10)
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.process = None
        return code

    def post(self, body: bytes, path: str = "/", **headers: str) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path, body, {"content-type": "application/json", **headers})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


@pytest.fixture
def make_gateway(tmp_path: Path) -> Iterator[Callable[[], RunningGateway]]:
    """Gateways of a test's own."""
    made: list[RunningGateway] = []

    def make() -> RunningGateway:
        made.append(RunningGateway(tmp_path / f"ledger-{len(made)}"))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """One gateway for every test that does not hurt it."""
    running = RunningGateway(tmp_path_factory.mktemp("ledger"))
    running.start()
    yield running
    running.stop()


@dataclass(frozen=True)
class World:
    """Contracts on a chain, with a registrar and an accredited issuer."""

    settings: LedgerSettings
    ledger: Ledger
    registrar: LedgerWriter
    bank: LedgerWriter
    grant_number: int
    schema: bytes = SCHEMA_IDS[PROOF_OF_FUNDS]

    def account(self) -> LedgerWriter:
        return LedgerWriter(self.ledger, AccountKey.generate(RandomBytes()))

    def anchor(self, root: bytes | None = None) -> bytes:
        chosen = root or os.urandom(32)
        self.bank.anchor(self.schema, self.grant_number, chosen, 64)
        return chosen


def in_a_year() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=365)


@pytest.fixture(scope="session")
def make_world() -> Callable[[str], World]:
    """Deploys, registers a schema and accredits a bank."""

    def make(url: str) -> World:
        registrar, bank = AccountKey.generate(RandomBytes()), AccountKey.generate(RandomBytes())
        settings = LedgerSettings(url, CHAIN_ID, deploy(url, registrar, CHAIN_ID, admin_delay=timedelta(0)))
        ledger = open_ledger(settings)
        writer = LedgerWriter(ledger, registrar)
        writer.register_schema(PROOF_OF_FUNDS)
        schema = SCHEMA_IDS[PROOF_OF_FUNDS]
        number = writer.grant(
            bank.address, Role.ISSUER, valid_until=in_a_year(), evidence_hash=b"e" * 32, schema=schema
        )
        return World(settings, ledger, writer, LedgerWriter(ledger, bank), number)

    return make


@pytest.fixture
def world(gateway: RunningGateway, make_world: Callable[[str], World]) -> Iterator[World]:
    """Contracts of a test's own on the session's chain."""
    made = make_world(gateway.url)
    yield made
    made.ledger.close()


@pytest.fixture
def rpc(gateway: RunningGateway) -> Iterator[Rpc]:
    """The session's chain, plain."""
    made = Rpc(gateway.url)
    yield made
    made.close()


@pytest.fixture
def open_anvil() -> Iterator[str]:
    """anvil as anybody else would run it, without our gateway: it reorganises when told to."""
    command = [
        str(default_anvil()),
        "--port",
        "0",
        "--base-fee",
        "0",
        "--gas-price",
        "0",
        "--chain-id",
        "31337",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.match(r"Listening on (127\.0\.0\.1:\d+)", line):
                yield f"http://{found[1]}"
                break
        else:
            raise AssertionError("anvil did not start")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def node() -> SimulatedNode:
    """A simulated node with nothing but a first block."""
    return SimulatedNode(SIMULATED_CONTRACTS)


@pytest.fixture
def simulated_settings() -> LedgerSettings:
    """Settings for a simulated node."""
    return LedgerSettings("http://127.0.0.1:1", CHAIN_ID, SIMULATED_CONTRACTS)
