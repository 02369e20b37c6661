"""The Rust binding's contract: RFC 9497, mode VOPRF, ristretto255-SHA512, in batches."""

from typing import Self

SOURCES: str
"""The checksum of the sources that the module was built from."""

class OprfRefused(ValueError):
    """A batch was refused; the text says why."""

class Blinding:
    """Inputs with their blinds; never leaves the process."""

    def __new__(cls, inputs: list[bytes]) -> Self:
        """Blind each input with a fresh random scalar."""

    @property
    def elements(self) -> list[bytes]:
        """The blinded elements, in the order of the inputs."""

    def finalize(self, evaluated: list[bytes], proof: bytes, public_key: bytes) -> list[bytes]:
        """Check the batch's proof and unblind the outputs, 64 bytes each."""

class ServerKey:
    """A key of the server's."""

    def __new__(cls, seed: bytes, info: bytes) -> Self:
        """Derive the key pair from a 32-byte seed and public information."""

    @property
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""

    def evaluate(self, blinded: list[bytes]) -> tuple[list[bytes], bytes]:
        """The evaluated elements, and one proof for all of them."""
