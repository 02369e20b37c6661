"""Encrypted answers in compact form (RFC 7516 section 7.1): ECDH-ES on P-256, direct, with AES-GCM.

What OpenID4VP 1.0 section 8.3 and HAIP 1.0 section 5 ask for. Encryption says nothing about who sent it: what is
inside is bound by its own signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from passport.clock import Entropy
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.jose.base64url import b64u_decode
from passport.jose.jwk import COORDINATE_SIZE, PublicJwk
from passport.jose.jws import check_header
from passport.jose.signer import key_from_secret, secret_scalar
from passport.strict_json import JsonObject, Limits, as_object, get_object, loads

ALGORITHM = "ECDH-ES"
_PARTS = 5
_IV_SIZE = 12
_TAG_SIZE = 16
_DEFAULT_LIMITS = Limits(size=512 * 1024)


class ContentEncryption(StrEnum):
    """The ``enc`` values we speak (RFC 7518 section 5.3)."""

    A128GCM = "A128GCM"
    A256GCM = "A256GCM"


@dataclass(frozen=True, slots=True)
class DecryptedJwe:
    """What was inside, and the header that travelled with it. Nobody signed either."""

    header: JsonObject
    plaintext: bytes


@dataclass(frozen=True, slots=True, repr=False)
class DecryptionKey:
    """A P-256 key for one use: to read what was encrypted to it. ``kid`` names it on the wire."""

    kid: str
    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls, kid: str, entropy: Entropy) -> Self:
        """A fresh key; a verifier makes one for each request."""
        return cls(kid, key_from_secret(secret_scalar(entropy)))

    @classmethod
    def from_secret(cls, kid: str, secret: bytes) -> Self:
        """The key with these 32 secret bytes.

        Raises:
            Misconfigured: they are not a secret number of the curve.
        """
        if len(secret) != COORDINATE_SIZE:
            raise Misconfigured(f"expected a secret of {COORDINATE_SIZE} bytes")
        return cls(kid, key_from_secret(int.from_bytes(secret)))

    def secret(self) -> bytes:
        """The 32 secret bytes, to keep in a store that only the owner reads."""
        return self.private_key.private_numbers().private_value.to_bytes(COORDINATE_SIZE)

    @property
    def public_jwk(self) -> PublicJwk:
        """The public half."""
        return PublicJwk.from_key(self.private_key.public_key())


def encrypt_jwe(
    plaintext: bytes, *, recipient: PublicJwk, kid: str, enc: ContentEncryption = ContentEncryption.A128GCM
) -> str:
    """Encrypt to ``recipient``; the ephemeral key comes from the library's own randomness."""
    header: dict[str, object] = {"alg": ALGORITHM, "enc": str(enc), "kid": kid}
    registry = _registry(len(plaintext) * 2 + _DEFAULT_LIMITS.size)
    return jwe.encrypt_compact(header, plaintext, ECKey.import_key(recipient.key), registry=registry)


def decrypt_jwe(token: str, *, key: DecryptionKey, limits: Limits = _DEFAULT_LIMITS) -> DecryptedJwe:
    """Read what was encrypted to ``key``.

    1. Shape: five canonical parts, no encrypted key, IV and tag of the only right size (RFC 7518 section 5.3).
    2. The header: our algorithms, no compression, no member that changes the rules, our ``kid``.
    3. The ephemeral key is a point of P-256 (RFC 7518 section 4.6.1; invalid-curve attack).
    4. Key agreement and decryption.

    Raises:
        Malformed: steps 1 and 3. Rejected: ALGORITHM_NOT_ALLOWED, HEADER_NOT_ALLOWED, KEY_UNKNOWN, or
        DECRYPTION_FAILED.
    """
    if len(token) > limits.size:
        raise Malformed(f"expected an encrypted token of at most {limits.size} characters, got {len(token)}")
    if token.count(".") != _PARTS - 1:
        raise Malformed(f"expected an encrypted token of {_PARTS} parts")
    raw_header, wrapped_key, iv, ciphertext, tag = map(b64u_decode, token.split("."))
    if wrapped_key or len(iv) != _IV_SIZE or len(tag) != _TAG_SIZE:
        raise Malformed("expected no encrypted key, an IV of 12 bytes and a tag of 16 bytes")
    header = as_object(loads(raw_header), "the token's header")
    enc = header.get("enc")
    if enc not in list(ContentEncryption):
        raise Rejected(Reason.ALGORITHM_NOT_ALLOWED, "expected A128GCM or A256GCM, got another")
    check_header({name: value for name, value in header.items() if name != "enc"}, alg=ALGORITHM)
    if header.get("kid") != key.kid:
        raise Rejected(Reason.KEY_UNKNOWN, "expected a token for this request's key, got another")
    PublicJwk.from_json(get_object(header, "epk"))
    try:
        opened = jwe.decrypt_compact(
            token, ECKey.import_key(key.private_key), registry=_registry(len(ciphertext) * 2)
        )
    except (JoseError, ValueError) as error:
        raise Rejected(Reason.DECRYPTION_FAILED, "expected a token that this key opens") from error
    return DecryptedJwe(header, opened.plaintext or b"")


def _registry(max_ciphertext: int) -> jwe.JWERegistry:
    """Only our algorithms; sizes are ours to limit, and unknown header members are ignored (RFC 7516 section 4)."""
    registry = jwe.JWERegistry(algorithms=[ALGORITHM, *ContentEncryption], strict_check_header=False)
    registry.max_ciphertext_length = max_ciphertext
    registry.max_protected_header_length = _DEFAULT_LIMITS.size
    return registry
