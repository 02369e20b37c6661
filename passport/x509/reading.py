"""Reading one certificate, whole and at once."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

from passport.errors import Malformed, Misconfigured

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,  # Where warnings are errors: a serial number that is not positive.
)


@dataclass(frozen=True, slots=True)
class ChainLimits:
    """How much of a chain is read before giving up; inclusive."""

    certificates: int = 3
    """In ``x5c``, so four with the root."""
    size: int = 4096
    """Bytes of one certificate."""


def read_certificate(der: bytes, limits: ChainLimits) -> x509.Certificate:
    """A certificate that came from outside.

    Raises:
        Malformed: it is too long, or any part of it cannot be read.
    """
    if len(der) > limits.size:
        raise Malformed(f"expected a certificate of at most {limits.size} bytes, got {len(der)}")
    try:
        certificate = x509.load_der_x509_certificate(der)
        # The library reads the parts when they are asked for; what cannot be read is refused here.
        _ = (
            certificate.subject,
            certificate.issuer,
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
            certificate.extensions,
            certificate.public_key(),
            certificate.signature_hash_algorithm,
        )
    except _UNREADABLE as error:
        raise Malformed("expected a certificate in DER") from error
    if certificate.serial_number < 1:
        raise Malformed("expected a certificate with a positive serial number")
    # The library drops "unused bits" at the signature's end, which would give one certificate two spellings.
    if der[-1 - len(certificate.signature)] != 0:
        raise Malformed("expected a certificate whose signature is whole bytes")
    return certificate


def read_root(der: bytes) -> x509.Certificate:
    """A root that somebody pinned.

    Raises:
        Misconfigured: it cannot be read.
    """
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise Misconfigured("expected pinned roots in DER") from error
