import hashlib
import itertools

import pytest

from passport.jose import PrivateKeySigner


class SeededEntropy:
    def __init__(self) -> None:
        self._count = itertools.count()

    def token(self, size: int) -> bytes:
        return hashlib.shake_256(next(self._count).to_bytes(8)).digest(size)


@pytest.fixture
def entropy() -> SeededEntropy:
    return SeededEntropy()


@pytest.fixture
def signer(entropy: SeededEntropy) -> PrivateKeySigner:
    return PrivateKeySigner.generate(entropy)


@pytest.fixture
def other_signer(entropy: SeededEntropy, signer: PrivateKeySigner) -> PrivateKeySigner:  # noqa: ARG001 - drawn after
    return PrivateKeySigner.generate(entropy)
