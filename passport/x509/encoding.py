"""Certificates as headers, files and hashes carry them; nothing here is verified."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from passport.errors import Malformed, Misconfigured
from passport.jose import b64u_encode
from passport.strict_json import JsonObject, as_text, get_array


def x5c_from_header(unverified_header: JsonObject) -> tuple[bytes, ...]:
    """The DER certificates of a token's ``x5c``, leaf first (RFC 7515 section 4.1.6).

    Raises:
        Malformed: it is absent or empty, or an element is not standard base64 in its only spelling.
    """
    chain = tuple(_der(as_text(element, "x5c")) for element in get_array(unverified_header, "x5c"))
    if not chain:
        raise Malformed("expected x5c with a certificate, got an empty one")
    return chain


def x5c_to_header(chain: Sequence[bytes]) -> list[str]:
    """The value of ``x5c`` for DER certificates, leaf first; the root is the caller's to leave out."""
    return [base64.b64encode(der).decode() for der in chain]


def certificates_from_pem(pem: bytes) -> tuple[bytes, ...]:
    """The DER certificates in a PEM file, in its order.

    Raises:
        Misconfigured: it holds none, or one that cannot be read.
    """
    try:
        return tuple(
            certificate.public_bytes(Encoding.DER) for certificate in x509.load_pem_x509_certificates(pem)
        )
    except ValueError as error:
        raise Misconfigured("expected a PEM file with certificates") from error


def certificates_to_pem(chain: Sequence[bytes]) -> bytes:
    """A PEM file of DER certificates."""
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in chain)


def x509_hash(leaf_der: bytes) -> str:
    """What follows ``x509_hash:`` in a client id (OpenID4VP 1.0 section 5.9.3)."""
    return b64u_encode(hashlib.sha256(leaf_der).digest())


def root_hash(root_der: bytes) -> bytes:
    """SHA-256 of a root, as the ledger keeps it."""
    return hashlib.sha256(root_der).digest()


def _der(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("expected certificates in base64") from error
    if base64.b64encode(raw).decode() != text:
        raise Malformed("expected certificates in canonical base64")
    return raw
