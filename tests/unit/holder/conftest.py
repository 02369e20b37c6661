"""A wallet in a world in memory; time and chance, fixed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from holder.recovery import RecoveryPhrase
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from holder.wallet import Wallet
from passport.identifiers import Country
from tests.simulators.asker import SimulatedVerifier
from tests.simulators.bank import SimulatedBank
from tests.simulators.consortium import Consortium, Entropy, Network, TurnableClock

PHRASE = RecoveryPhrase.read("abandon " * 23 + "art")
SEED = PHRASE.seed()


@cache
def template() -> bytes:
    """A new wallet's file: made once, since stretching a passphrase is slow on purpose."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "wallet"
        WalletStore.create(
            path,
            passphrase="correct horse",
            phrase=PHRASE,
            restored=False,
            clock=TurnableClock(),
            entropy=Entropy("template"),
        )
        return path.read_bytes()


class World:
    """A consortium, a network, and one person's wallet file; ``wallet()`` opens it, as a new process would."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.path = folder / "wallet"
        self.seen = folder / "seen"
        self.consortium = Consortium()
        self.network = Network()
        self.entropy = Entropy("wallet")
        self.pauses: list[float] = []
        self._stack = stack
        self._open: Wallet | None = None
        self.bank = SimulatedBank.join(self.consortium)
        self.network.hosts[self.bank.member.url] = self.bank
        self.verifier = self.add_verifier(20, "https://bank-x.example")
        self.path.write_bytes(template())

    def add_verifier(self, number: int, url: str, country: str = "SG") -> SimulatedVerifier:
        """Another accredited verifier."""
        made = SimulatedVerifier.join(self.consortium, number, url, country)
        # The wallet looks at the ledger once for all questions of one moment.
        self.consortium.clock.advance(timedelta(seconds=2))
        self.network.hosts[url] = made
        return made

    def wallet(self) -> Wallet:
        """The wallet, opened anew."""
        if self._open is not None:
            self._open.close()
        store = WalletStore.open(
            self.path,
            lambda header: header.open_with_seed(SEED),
            entropy=self.entropy,
            seen_directory=self.seen,
        )
        self.store = store
        gate = TrustGate(self.consortium, store, self.consortium.clock, [self.consortium.root.certificate])
        self._open = Wallet(
            store=store,
            gate=gate,
            web=self.network,
            clock=self.consortium.clock,
            entropy=self.entropy,
            pause=self.pauses.append,
            restricted=frozenset({Country("KP")}),
        )
        self._stack.callback(self._open.close)
        return self._open


@pytest.fixture
def entropy() -> Entropy:
    return Entropy("test")


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[[], World]:
    stack = ExitStack()
    return lambda: World(tmp_path, stack)


@pytest.fixture
def world(make_world: Callable[[], World]) -> World:
    return make_world()
