"""``did:key``: a public key that is its own identifier (did:key method v0.7, multicodec table).

Ed25519 for Data Integrity, P-256 for holders, secp256k1 for accounts. Leaves out key agreement keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from passport.did.multibase import multibase_decode, multibase_encode
from passport.errors import Malformed
from passport.jose import PublicJwk

PREFIX: Final = "did:key:"


class KeyKind(Enum):
    """Which key: the multicodec as an unsigned varint, and how long the raw key is."""

    ED25519 = (b"\xed\x01", 32)
    P256 = (b"\x80\x24", 33)
    SECP256K1 = (b"\xe7\x01", 33)

    @property
    def codec(self) -> bytes:
        """The multicodec prefix."""
        return self.value[0]

    @property
    def size(self) -> int:
        """Bytes of the raw key; compressed points have 33."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class DidKey:
    """A key and its identifier."""

    kind: KeyKind
    raw: bytes

    def __post_init__(self) -> None:
        """A key that the curve has."""
        if len(self.raw) != self.kind.size:
            raise Malformed(f"did:key: expected a key of {self.kind.size} bytes, got {len(self.raw)}")
        try:
            match self.kind:
                case KeyKind.ED25519:
                    ed25519.Ed25519PublicKey.from_public_bytes(self.raw)
                case KeyKind.P256:
                    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.raw)
                case _:
                    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), self.raw)
        except ValueError as error:
            raise Malformed("did:key: expected a point of the curve") from error

    @classmethod
    def parse(cls, did: str) -> Self:
        """Read a did:key.

        Raises:
            Malformed: another method, encoding or kind of key, or a key that its curve does not have.
        """
        if not did.startswith(PREFIX):
            raise Malformed("expected did:key:z…")
        return cls.from_multikey(did.removeprefix(PREFIX))

    @classmethod
    def from_multikey(cls, text: str) -> Self:
        """Read a ``publicKeyMultibase``.

        Raises:
            Malformed: as ``parse``.
        """
        decoded = multibase_decode(text)
        for kind in KeyKind:
            if decoded.startswith(kind.codec):
                return cls(kind, decoded[len(kind.codec) :])
        raise Malformed("did:key: expected a key on Ed25519, P-256 or secp256k1")

    @classmethod
    def from_jwk(cls, jwk: PublicJwk) -> Self:
        """The did:key of a P-256 key."""
        return cls(KeyKind.P256, jwk.compressed)

    @property
    def multikey(self) -> str:
        """The ``publicKeyMultibase``."""
        return multibase_encode(self.kind.codec + self.raw)

    @property
    def verification_method(self) -> str:
        """The DID URL of its one key."""
        return f"{self}#{self.multikey}"

    def __str__(self) -> str:
        return PREFIX + self.multikey
