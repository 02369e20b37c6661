"""P-256 public keys (RFC 7517, RFC 7518 section 6.2), valid from birth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.errors import Malformed, Reason, Rejected
from passport.jose.base64url import b64u_decode, b64u_encode
from passport.strict_json import JsonObject, dumps, get_text

COORDINATE_SIZE = 32
SIGNATURE_SIZE = 2 * COORDINATE_SIZE
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points P-256 has (SEC 2 section 2.4.2): r and s of a signature lie below it."""

_ES256 = ec.ECDSA(hashes.SHA256())
_SECRET_MEMBERS = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """A point on P-256, by its coordinates."""

    x: bytes
    y: bytes
    _key: ec.EllipticCurvePublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse coordinates that are not a point of the curve."""
        if len(self.x) != COORDINATE_SIZE or len(self.y) != COORDINATE_SIZE:
            raise Malformed(f"expected P-256 coordinates of {COORDINATE_SIZE} bytes each")
        object.__setattr__(self, "_key", _point(b"\x04" + self.x + self.y))

    @classmethod
    def from_json(cls, members: JsonObject) -> Self:
        """Read a JWK; members that say nothing about the point are ignored.

        Raises:
            Malformed: it is not an EC key on P-256, not a point of the curve, or holds a secret.
        """
        if get_text(members, "kty") != "EC" or get_text(members, "crv") != "P-256":
            raise Malformed("expected an EC key on P-256")
        if not _SECRET_MEMBERS.isdisjoint(members):
            raise Malformed("expected a public key, got one with a secret member")
        return cls(b64u_decode(get_text(members, "x")), b64u_decode(get_text(members, "y")))

    @classmethod
    def from_key(cls, key: ec.EllipticCurvePublicKey) -> Self:
        """From the cryptography library's key.

        Raises:
            Malformed: it is on another curve.
        """
        if not isinstance(key.curve, ec.SECP256R1):
            raise Malformed("expected a key on P-256")
        raw = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return cls(raw[1 : 1 + COORDINATE_SIZE], raw[1 + COORDINATE_SIZE :])

    @classmethod
    def from_compressed(cls, raw: bytes) -> Self:
        """From the 33-byte point (SEC 1 section 2.3.4).

        Raises:
            Malformed: it is not the compressed form of a point of the curve.
        """
        if len(raw) != COORDINATE_SIZE + 1:
            raise Malformed(f"expected a compressed point of {COORDINATE_SIZE + 1} bytes")
        return cls.from_key(_point(raw))

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """The cryptography library's key."""
        return self._key

    @property
    def compressed(self) -> bytes:
        """The 33-byte point."""
        return bytes([2 + (self.y[-1] & 1)]) + self.x

    def to_json(self) -> dict[str, str]:
        """The JWK with its required members only."""
        return {"kty": "EC", "crv": "P-256", "x": b64u_encode(self.x), "y": b64u_encode(self.y)}

    def thumbprint(self) -> bytes:
        """SHA-256 of the required members in lexical order (RFC 7638 section 3)."""
        return hashlib.sha256(dumps(dict(sorted(self.to_json().items())))).digest()

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check an ES256 signature in its raw form r || s (RFC 7518 section 3.4).

        Raises:
            Rejected: SIGNATURE_INVALID.
        """
        r = int.from_bytes(signature[:COORDINATE_SIZE])
        s = int.from_bytes(signature[COORDINATE_SIZE:])
        # Zero and values past the order have forged signatures elsewhere; they never reach the library.
        if len(signature) != SIGNATURE_SIZE or not (0 < r < ORDER and 0 < s < ORDER):
            raise Rejected(Reason.SIGNATURE_INVALID, "expected an ES256 signature of 64 bytes in range")
        try:
            self._key.verify(utils.encode_dss_signature(r, s), message, _ES256)
        except InvalidSignature as error:
            raise Rejected(
                Reason.SIGNATURE_INVALID, "expected a signature by this key, got another"
            ) from error


def _point(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError as error:
        raise Malformed("expected a point of P-256") from error
