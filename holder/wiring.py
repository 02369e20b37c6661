"""Where the wallet's concrete parts meet: the file, the ledger, the guarded client, the system's time and chance."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from holder.directory import ISSUING_SERVICE, PRESENTING_SERVICE, Directory, Participant
from holder.errors import BadUsage
from holder.ports import LedgerReads
from holder.recovery import RecoveryPhrase
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from holder.wallet import Wallet
from outbound import HttpClient, InsecureLoopback, OriginRule, OutboundPolicy
from passport.errors import Misconfigured
from passport.identifiers import Address, Country, DidEthr
from passport.registry import Role
from passport.x509 import certificates_from_pem


class SystemClock:
    """The system's clock."""

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)


class SystemEntropy:
    """The system's random source."""

    def token(self, size: int) -> bytes:
        """Random bytes."""
        return os.urandom(size)


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """The world a wallet lives in: which ledger, which contracts, which roots, which origins beyond the public net."""

    rpc_url: str
    chain_id: int
    contracts: Mapping[str, Address]
    trust_roots: Path
    allowed_origins: OriginRule = field(default_factory=frozenset)
    restricted_destinations: frozenset[Country] = frozenset()

    @classmethod
    def from_world(cls, path: Path) -> Self:
        """Read a sandbox's world file.

        Raises:
            Misconfigured: there is none, or it does not say what a wallet needs.
        """
        try:
            said = json.loads(path.read_bytes())
            return cls(
                rpc_url=str(said["rpc_url"]),
                chain_id=int(said["chain_id"]),
                contracts={str(name): Address(str(each)) for name, each in said["contracts"].items()},
                trust_roots=path.parent / str(said["trust_roots"]),
                allowed_origins=InsecureLoopback(str(said.get("profile", "sandbox"))),
                restricted_destinations=frozenset(
                    Country(str(each)) for each in said.get("restricted_destinations", ())
                ),
            )
        except FileNotFoundError as error:
            raise BadUsage(
                f"no world is up: expected {path}. Start one with `make up`, or name it with --world",
                f"系統尚未啟動：找不到 {path}。請執行 `make up`，或以 --world 指定",
            ) from error
        except OSError as error:
            raise BadUsage(
                f"cannot read {path}: {error.strerror}", f"無法讀取 {path}：{error.strerror}"
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadUsage(
                f"{path} is not a world file: expected rpc_url, chain_id, contracts and trust_roots",
                f"{path} 不是系統設定檔：應有 rpc_url、chain_id、contracts 與 trust_roots",
            ) from error


class NoDirectory:
    """Stands where no world was named."""

    def read(self) -> Directory:
        """Nothing.

        Raises:
            Misconfigured: always; nobody can be trusted without a ledger.
        """
        raise BadUsage("expected a world with a ledger, got none", "未指定系統與帳本")


class LedgerDirectory:
    """Reads a directory from the ledger."""

    def __init__(self, ledger: LedgerReads, chain_id: int) -> None:
        self._ledger = ledger
        self._chain_id = chain_id

    def read(self) -> Directory:
        """The directory at the ledger's newest block.

        Raises:
            Unavailable, Rejected: as the ledger does.
        """
        head = self._ledger.head()
        addresses = self._ledger.participants(Role.ISSUER) | self._ledger.participants(Role.VERIFIER)
        return Directory(
            as_of=head.time,
            block_number=head.number,
            participants=tuple(self._participant(address) for address in sorted(addresses)),
            roots=self._ledger.trusted_roots(),
        )

    def _participant(self, address: Address) -> Participant:
        endpoints = {
            name: self._ledger.service_endpoint(address, name)
            for name in (ISSUING_SERVICE, PRESENTING_SERVICE)
        }
        return Participant(
            did=DidEthr(self._chain_id, address),
            grants=self._ledger.grants(address, Role.ISSUER) + self._ledger.grants(address, Role.VERIFIER),
            keys=self._ledger.signing_keys(address),
            endpoints={name: url for name, url in endpoints.items() if url is not None},
        )


def create_wallet(path: Path, passphrase: str, *, phrase: RecoveryPhrase | None = None) -> RecoveryPhrase:
    """Make a wallet file; the returned phrase must be shown once, to be written down.

    With ``phrase`` the wallet is made again from an earlier one's: the same seed, no credentials.

    Raises:
        Misconfigured: the passphrase is empty. WalletExists, NotSaved: nothing was made.
    """
    _require_passphrase(passphrase)
    entropy = SystemEntropy()
    chosen = phrase or RecoveryPhrase.generate(entropy)
    WalletStore.create(
        path,
        passphrase=passphrase,
        phrase=chosen,
        restored=phrase is not None,
        clock=SystemClock(),
        entropy=entropy,
    )
    return chosen


def open_wallet(
    path: Path, passphrase: str, world: TrustSettings | None, *, seen_directory: Path | None = None
) -> Wallet:
    """Open a wallet with its passphrase; without a world it can be looked into, and trusts nobody.

    Raises:
        WalletMissing, WalletInUse, WalletDamaged, WrongPassphrase, NotSaved, Malformed: as their names say.
        Misconfigured: the world's files are not there.
    """
    store = WalletStore.open(
        path,
        lambda header: header.open_with_passphrase(passphrase),
        entropy=SystemEntropy(),
        seen_directory=seen_directory,
    )
    return _wire_alone(store) if world is None else _wire(store, world)


def recover_wallet(
    path: Path,
    phrase: RecoveryPhrase,
    new_passphrase: str,
    *,
    seen_directory: Path | None = None,
) -> None:
    """Give a wallet a new passphrase by its recovery phrase; everything in it stays.

    Raises:
        WrongPassphrase: the phrase is another wallet's. Misconfigured: the new passphrase is empty; and as
        ``open_wallet``.
    """
    _require_passphrase(new_passphrase)
    seed = phrase.seed()
    with WalletStore.open(
        path,
        lambda header: header.open_with_seed(seed),
        entropy=SystemEntropy(),
        seen_directory=seen_directory,
    ) as store:
        store.change_passphrase(new_passphrase)


def _require_passphrase(passphrase: str) -> None:
    # How long a good one is depends on who types it; that is for the screen to say.
    if not passphrase:
        raise BadUsage("expected a passphrase, got none", "請輸入密碼")


def _wire_alone(store: WalletStore) -> Wallet:
    clock = SystemClock()
    web = HttpClient()
    return Wallet(
        store=store,
        gate=TrustGate(NoDirectory(), store, clock, ()),
        web=web,
        clock=clock,
        entropy=SystemEntropy(),
        pause=time.sleep,
        release=web.close,
    )


def _wire(store: WalletStore, world: TrustSettings) -> Wallet:
    try:
        # The ledger's client takes a while to load; `passport --help` must not wait for it.
        from ledger import LedgerSettings, open_ledger  # noqa: PLC0415

        try:
            roots = certificates_from_pem(world.trust_roots.read_bytes())
        except OSError as error:
            raise Misconfigured(
                f"cannot read the trust roots {world.trust_roots}: {error.strerror}"
            ) from error
        ledger = open_ledger(
            LedgerSettings(rpc_url=world.rpc_url, chain_id=world.chain_id, contracts=world.contracts)
        )
        clock, entropy = SystemClock(), SystemEntropy()
        gate = TrustGate(LedgerDirectory(ledger, world.chain_id), store, clock, roots)
        web = HttpClient(OutboundPolicy(world.allowed_origins))

        def release() -> None:
            web.close()
            ledger.close()

        return Wallet(
            store=store,
            gate=gate,
            web=web,
            clock=clock,
            entropy=entropy,
            pause=time.sleep,
            restricted=world.restricted_destinations,
            release=release,
        )
    except BaseException:
        store.close()
        raise
