"""The wallet's settings and its reading of the ledger: what is there, what is missing, and whom nobody trusts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import holder
from holder.directory import Directory
from holder.storage.kept_directory import read_directory, write_directory
from holder.wiring import (
    LedgerDirectory,
    SystemEntropy,
    TrustSettings,
    create_wallet,
    open_wallet,
    recover_wallet,
)
from outbound import Origin
from passport.errors import Misconfigured, PassportError
from passport.identifiers import Address, Country
from passport.jose import PrivateKeySigner
from passport.registry import BlockRef, Grant, ParticipantKey, Role
from passport.x509 import certificates_to_pem, make_root

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BANK = Address("0x" + "0a" * 20)
VERIFIER = Address("0x" + "0b" * 20)


class SmallLedger:
    """A ledger with one bank and one verifier."""

    def head(self) -> BlockRef:
        return BlockRef(7, bytes(32), NOW)

    def participants(self, role: Role) -> frozenset[Address]:
        return frozenset({BANK if role is Role.ISSUER else VERIFIER})

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> tuple[Grant, ...]:
        del schema
        if who not in self.participants(role):
            return ()
        return (
            Grant(
                1, who, role, bytes(32), NOW - timedelta(days=1), NOW + timedelta(days=1), bytes(range(32))
            ),
        )

    def signing_keys(self, who: Address) -> tuple[ParticipantKey, ...]:
        return (ParticipantKey(who.raw + bytes(12), NOW, stolen_since=NOW),)

    def service_endpoint(self, who: Address, name: str) -> str | None:
        ours = {(BANK, "OpenID4VCI"): "https://a.example", (VERIFIER, "OpenID4VP"): "https://x.example"}
        return ours.get((who, name))

    def trusted_roots(self) -> frozenset[bytes]:
        return frozenset({bytes(range(32))})


@pytest.fixture
def directory() -> Directory:
    return LedgerDirectory(SmallLedger(), 31337).read()


def test_directory_says_who_is_where(directory: Directory) -> None:
    (bank,) = directory.issuers_at(Origin.parse("https://a.example"), NOW)
    assert str(bank.did) == f"did:ethr:0x7a69:{BANK}"
    (verifier,) = directory.verifiers_at(Origin.parse("https://x.example"), NOW)
    assert verifier.did.address == VERIFIER
    for origin, find in [
        ("https://x.example", directory.issuers_at),
        ("https://a.example", directory.verifiers_at),
    ]:
        with pytest.raises(PassportError):
            find(Origin.parse(origin), NOW)


def test_kept_directory_is_the_one_that_was_written(directory: Directory) -> None:
    assert read_directory(write_directory(directory)) == directory


def world_file(folder: Path, **changes: object) -> Path:
    said = {
        "rpc_url": "http://127.0.0.1:1",
        "chain_id": 31337,
        "contracts": {"TrustRegistry": "0x" + "11" * 20},
        "trust_roots": "roots.pem",
        **changes,
    }
    path = folder / "sandbox.json"
    path.write_text(json.dumps({name: value for name, value in said.items() if value is not None}))
    return path


def test_world_file_gives_the_settings(tmp_path: Path) -> None:
    settings = TrustSettings.from_world(world_file(tmp_path, restricted_destinations=["KP"]))
    assert settings.trust_roots == tmp_path / "roots.pem"
    assert Origin.parse("http://127.0.0.1:5") in settings.allowed_origins
    assert {str(each) for each in settings.restricted_destinations} == {"KP"}


@pytest.mark.parametrize(
    "changes",
    [
        {"rpc_url": None},
        {"chain_id": "many"},
        {"contracts": []},
        {"contracts": {"TrustRegistry": "nowhere"}},
        {"trust_roots": None},
        {"restricted_destinations": ["Korea"]},
    ],
)
def test_world_file_that_lacks_something_is_told(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(PassportError):
        TrustSettings.from_world(world_file(tmp_path, **changes))


def test_wallet_opens_in_a_world_and_trusts_nobody_without_one(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    phrase = create_wallet(path, "correct horse")
    with pytest.raises(Misconfigured, match="trust roots"):
        open_wallet(
            path,
            "correct horse",
            TrustSettings.from_world(
                world_file(tmp_path, contracts=dict.fromkeys(CONTRACTS, "0x" + "11" * 20))
            ),
        )
    # The failed attempt has let go of the file.
    recover_wallet(path, phrase, "battery staple")
    with open_wallet(path, "battery staple", None) as wallet:
        assert wallet.list() == ()
        with pytest.raises(Misconfigured):
            wallet.read_offer(
                "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example%2Foffer"
            )


CONTRACTS = [
    "EthereumDIDRegistry",
    "TrustRegistry",
    "AnchorRegistry",
    "StatusRegistry",
    "VerifierLens",
]


def test_wallet_made_again_from_its_phrase_never_meets_its_old_keys(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    phrase = create_wallet(first, "correct horse")
    create_wallet(second, "correct horse", phrase=phrase)
    with open_wallet(first, "correct horse", None) as old, open_wallet(second, "correct horse", None) as new:
        assert old._store.seed == new._store.seed
        assert (old._store.state.first_key, new._store.state.first_key > 1 << 40) == (0, True)


@pytest.mark.parametrize("name", holder.__all__)
def test_front_door_opens(name: str) -> None:
    assert getattr(holder, name).__name__ == name


def test_front_door_has_no_other_names() -> None:
    with pytest.raises(AttributeError):
        _ = holder.nothing


def test_restricted_destinations_of_the_world_reach_the_wallet(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    create_wallet(path, "correct horse")
    root = make_root(
        name="A root",
        signer=PrivateKeySigner.generate(SystemEntropy()),
        not_before=NOW,
        entropy=SystemEntropy(),
    )
    (tmp_path / "roots.pem").write_bytes(certificates_to_pem([root.certificate]))
    world = TrustSettings.from_world(
        world_file(
            tmp_path,
            contracts=dict.fromkeys(CONTRACTS, "0x" + "11" * 20),
            restricted_destinations=["KP"],
        )
    )
    with open_wallet(path, "correct horse", world) as wallet:
        assert wallet._review._restricted == {Country("KP")}
