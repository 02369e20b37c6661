"""Which authority certified whom, by key identifier (RFC 5280 sections 4.2.1.1 and 4.2.1.2)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from passport.jose import b64u_encode
from passport.x509.reading import ChainLimits, read_certificate


def authority_key_ids(chain: Sequence[bytes], limits: ChainLimits | None = None) -> frozenset[str]:
    """The AuthorityKeyIdentifiers of a chain's certificates, as base64url (OpenID4VP 1.0 section 6.1.1.1).

    The root itself is left out of ``x5c``; the uppermost certificate there names it. One that is there after all, and
    signed itself, may leave the extension out (section 4.2.1.1) and is known by its own key identifier.

    Raises:
        Malformed: a certificate cannot be read.
    """
    read = [read_certificate(der, limits or ChainLimits()) for der in chain]
    found = [_authority_of(each) for each in read]
    return frozenset(b64u_encode(each) for each in found if each is not None)


def _authority_of(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(
            x509.AuthorityKeyIdentifier
        ).value.key_identifier
    except x509.ExtensionNotFound:
        pass
    if certificate.issuer != certificate.subject:
        return None
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None
