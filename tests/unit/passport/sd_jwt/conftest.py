import hashlib
from datetime import UTC, datetime

import pytest

from passport.disclosable import DECOY, ClaimTree, Disclosable
from passport.jose import PrivateKeySigner
from passport.sd_jwt import IssuedSdJwt, confirmation, issue

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class CountingEntropy:
    """Bytes that differ each time and are the same in each run."""

    def __init__(self) -> None:
        self._calls = 0

    def token(self, size: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(8)).digest(size)


@pytest.fixture
def entropy() -> CountingEntropy:
    return CountingEntropy()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def bank() -> PrivateKeySigner:
    return PrivateKeySigner.from_secret(0xBA4C)


@pytest.fixture(scope="session")
def holder() -> PrivateKeySigner:
    return PrivateKeySigner.from_secret(0x401DE7)


@pytest.fixture(scope="session")
def thief() -> PrivateKeySigner:
    return PrivateKeySigner.from_secret(0x7417F)


@pytest.fixture
def claims(holder: PrivateKeySigner) -> dict[str, ClaimTree]:
    """Flat, nested, recursive and array disclosures, and decoys."""
    seconds = int(NOW.timestamp())
    return {
        "iss": "https://bank.example",
        "vct": "urn:financial-passport:proof-of-funds:1",
        "iat": seconds - 3600,
        "exp": seconds + 3600,
        "cnf": confirmation(holder.public_jwk),
        "family_name": Disclosable("林"),
        "given_name": Disclosable("Mei-Ling"),
        "thresholds": {
            "total": {"usd_10000": Disclosable(True), "usd_50000": Disclosable(True), "usd_100000": DECOY},
        },
        "accounts": [Disclosable({"number": Disclosable("****5678"), "currency": "TWD"}), DECOY, "open", Disclosable([1, 2])],
        "address": Disclosable({"city": "Taipei", "district": Disclosable("Daan")}),
    }  # fmt: skip


@pytest.fixture
def issued(claims: dict[str, ClaimTree], bank: PrivateKeySigner, entropy: CountingEntropy) -> IssuedSdJwt:
    return issue(claims=claims, signer=bank, entropy=entropy, header={"kid": "1"})
