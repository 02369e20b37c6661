"""The profile a deployment follows, as an object one can read: OpenID4VC High Assurance Interoperability 1.0.

A room asks the profile and never its name, so that what HAIP requires stands here and nowhere else. ``HAIP_1_0`` is
what the text demands of what this project speaks; ``OPEN`` is what it accepts from wallets and banks outside HAIP.
``NOT_MET`` says what HAIP demands and this project does not do: it is not HAIP-certified and does not claim to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class HaipProfile:
    """Requirements, each with the section of HAIP 1.0 that it comes from."""

    name: str
    sender_constrained_tokens: bool
    """4: access tokens are bound to a key by DPoP (RFC 9449); else bearer tokens of at most five minutes pass."""
    encrypted_responses: bool
    """5.1: the response mode is ``direct_post.jwt``; else ``direct_post`` passes too."""
    response_encryption: tuple[str, ...]
    """5: content encryption, preferred first; key agreement is ECDH-ES on P-256."""
    request_by_reference: bool
    """5.1: the request comes by ``request_uri``, signed; else a request by value passes, still signed."""
    client_id_prefixes: frozenset[str]
    """5: how a verifier identifies itself."""
    signature_algorithms: frozenset[str]
    """7: for credentials, key binding, requests and attestations."""
    hash_algorithms: frozenset[str]
    """8: for the digests in an SD-JWT."""
    https_only: bool
    """OpenID4VCI 12.2.1 and OpenID4VP 8.2: every endpoint; a sandbox on loopback is the one exception."""


HAIP_1_0: Final = HaipProfile(
    name="haip-1.0",
    sender_constrained_tokens=True,
    encrypted_responses=True,
    response_encryption=("A128GCM", "A256GCM"),
    request_by_reference=True,
    client_id_prefixes=frozenset({"x509_hash"}),
    signature_algorithms=frozenset({"ES256"}),
    hash_algorithms=frozenset({"sha-256"}),
    https_only=True,
)

OPEN: Final = HaipProfile(
    name="open",
    sender_constrained_tokens=False,
    encrypted_responses=False,
    response_encryption=("A128GCM", "A256GCM"),
    request_by_reference=False,
    client_id_prefixes=frozenset({"x509_hash"}),
    signature_algorithms=frozenset({"ES256"}),
    hash_algorithms=frozenset({"sha-256"}),
    https_only=False,
)

NOT_MET: Final = (
    "4: authorization code flow with pushed authorization requests",
    "4.3.1: wallet attestation",
    "4.5.1: key attestation",
    "5.2: the Digital Credentials API",
)
