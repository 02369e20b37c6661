"""Signing as a port: a file now, a hardware module or a key service later."""

from __future__ import annotations

from typing import Protocol, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from passport.clock import Entropy
from passport.errors import Misconfigured
from passport.jose.jwk import COORDINATE_SIZE, ORDER, PublicJwk

_EXTRA_SIZE = 16
# RFC 6979: with no randomness per signature, a broken generator cannot leak the key.
_ES256_DETERMINISTIC = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class Signer(Protocol):
    """Holds one P-256 key, and signs with it."""

    @property
    def public_jwk(self) -> PublicJwk:
        """The key's public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The ES256 signature of ``message``: 64 bytes, r || s."""
        ...


class PrivateKeySigner:
    """A signer whose key lies in this process's memory."""

    __slots__ = ("_private_key", "_public_jwk")

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self._public_jwk = PublicJwk.from_key(private_key.public_key())

    @classmethod
    def generate(cls, entropy: Entropy) -> Self:
        """A fresh key."""
        return cls.from_secret(secret_scalar(entropy))

    @classmethod
    def from_secret(cls, secret: int) -> Self:
        """The key with this secret number, 1 to the curve's order less one.

        Raises:
            Misconfigured: the number is out of range.
        """
        return cls(key_from_secret(secret))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """The key in an unencrypted PKCS#8 PEM file.

        Raises:
            Misconfigured: it holds something else.
        """
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Misconfigured("expected an unencrypted private key in PEM") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise Misconfigured("expected a private key on P-256")
        return cls(key)

    def to_pem(self) -> bytes:
        """The key as unencrypted PKCS#8 PEM, for a file that only its owner can read."""
        return self._private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def public_jwk(self) -> PublicJwk:
        """The key's public half."""
        return self._public_jwk

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The cryptography library's key, for what signs with no port of ours: certificates."""
        return self._private_key

    def sign(self, message: bytes) -> bytes:
        """The ES256 signature of ``message``: 64 bytes, r || s."""
        r, s = utils.decode_dss_signature(self._private_key.sign(message, _ES256_DETERMINISTIC))
        return r.to_bytes(COORDINATE_SIZE) + s.to_bytes(COORDINATE_SIZE)


def secret_scalar(entropy: Entropy) -> int:
    """A secret number for P-256 with no measurable bias (FIPS 186-5 appendix A.2.1, extra random bits)."""
    return int.from_bytes(entropy.token(COORDINATE_SIZE + _EXTRA_SIZE)) % (ORDER - 1) + 1


def key_from_secret(secret: int) -> ec.EllipticCurvePrivateKey:
    """The private key with this secret number.

    Raises:
        Misconfigured: the number is out of range.
    """
    if not 0 < secret < ORDER:
        raise Misconfigured("expected a secret number between 1 and the order of P-256")
    return ec.derive_private_key(secret, ec.SECP256R1())
