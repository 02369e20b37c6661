"""Time and chance, fixed; a disk on which the world can be stopped."""

from __future__ import annotations

import hashlib

import pytest


class CountingEntropy:
    """Different bytes at every call, the same in every run."""

    def __init__(self) -> None:
        self.calls = 0

    def token(self, size: int) -> bytes:
        self.calls += 1
        wide = b"".join(
            hashlib.sha256(f"{self.calls}/{part}".encode()).digest() for part in range(size // 32 + 1)
        )
        return wide[:size]


@pytest.fixture
def entropy() -> CountingEntropy:
    return CountingEntropy()
