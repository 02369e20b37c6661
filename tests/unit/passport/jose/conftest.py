import hashlib

import pytest

from passport.jose import DecryptionKey, PrivateKeySigner


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


@pytest.fixture(scope="session")
def signer() -> PrivateKeySigner:
    return PrivateKeySigner.from_secret(0x1234567890ABCDEF)


@pytest.fixture(scope="session")
def other_signer() -> PrivateKeySigner:
    return PrivateKeySigner.from_secret(0xFEDCBA0987654321)


@pytest.fixture(scope="session")
def decryption_key() -> DecryptionKey:
    return DecryptionKey.from_secret("request-1", bytes(31) + b"\x07")
