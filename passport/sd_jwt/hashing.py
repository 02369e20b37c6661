"""The three hashes of an SD-JWT: of a disclosure, of what the holder shows, and of the credential itself."""

from __future__ import annotations

import hashlib

from passport.jose import b64u_encode, parse_compact

HASH_ALGORITHM = "sha-256"


def digest_of(disclosure: str) -> str:
    """The digest by which a disclosure is referenced (RFC 9901 section 4.2.3)."""
    return b64u_encode(hashlib.sha256(disclosure.encode()).digest())


def sd_hash_of(bound_text: str) -> str:
    """The hash of everything before the KB-JWT, the last tilde included (RFC 9901 section 4.3.1)."""
    return b64u_encode(hashlib.sha256(bound_text.encode()).digest())


def credential_hash(text: str) -> bytes:
    """SHA-256 of the issuer-signed JWT's signing input: what the ledger anchors.

    ``text`` is an SD-JWT, with or without disclosures and KB-JWT, or the issuer-signed JWT alone. The signature is
    left out because ECDSA signatures are malleable.

    Raises:
        Malformed: the JWT is not readable.
    """
    return hashlib.sha256(parse_compact(text.partition("~")[0]).signing_input).digest()
