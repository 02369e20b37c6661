import hashlib
from datetime import UTC, datetime

import pytest

from passport.jose import PrivateKeySigner
from passport.x509 import CertificateAuthority, make_root


class CountingEntropy:
    """Bytes that differ each time and are the same in each run."""

    def __init__(self) -> None:
        self._calls = 0

    def token(self, size: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(8)).digest(size)


@pytest.fixture(scope="session")
def entropy() -> CountingEntropy:
    return CountingEntropy()


@pytest.fixture(scope="session")
def made_at() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def root(entropy: CountingEntropy, made_at: datetime) -> CertificateAuthority:
    return make_root(
        name="Consortium Root", signer=PrivateKeySigner.from_secret(101), not_before=made_at, entropy=entropy
    )


@pytest.fixture(scope="session")
def bank() -> PrivateKeySigner:
    return PrivateKeySigner.from_secret(202)
