"""Who signed: from a token's ``x5c`` to a participant of the ledger (design section 3, "Who signed").

The leaf's SAN URIs name the participant's base URL and its ``did:ethr``. The DID counts only if the ledger lists it in
the role, the chain leads to a root whose hash is in the TrustRegistry, and the base URL has the origin that the DID
names on the ledger. Metadata and DID documents show only today, and are not asked. Leaves out whether the key and the
grant held when a credential was anchored: that is standing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.errors import Reason, Rejected
from passport.identifiers import DidEthr
from passport.jose import PublicJwk
from passport.registry import Role
from passport.strict_json import JsonObject
from passport.urls import origin_of
from passport.x509 import VerifiedChain, claimed_participant, root_hash, verify_x5c, x5c_from_header
from verifier.ports import TrustFacts

ISSUER_SERVICE = "OpenID4VCI"


@dataclass(frozen=True, slots=True)
class IssuerDesk:
    """What knowing an issuer needs: the pinned roots, the ledger's list, and which chain it is."""

    roots: Sequence[bytes]
    trust: TrustFacts
    chain_id: int


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """A participant on the ledger's list, and the key that its certificate vouches for."""

    did: DidEthr
    chain: VerifiedChain
    origin: str

    @property
    def key(self) -> PublicJwk:
        """The key that the certificate vouches for."""
        return self.chain.leaf_jwk

    def require_iss(self, iss: str) -> None:
        """``iss`` is in the certificate, at the participant's origin.

        Raises:
            Rejected: ISSUER_MISMATCH.
        """
        self.chain.check_uri(iss)
        self.require_origin(iss)

    def require_origin(self, uri: str) -> None:
        """The address is at the origin that the participant's DID names on the ledger.

        Raises:
            Rejected: ISSUER_MISMATCH.
        """
        if origin_of(uri) != self.origin:
            raise Rejected(Reason.ISSUER_MISMATCH, "expected an address at the issuer's origin on the ledger")


def know_issuer(unverified_header: JsonObject, desk: IssuerDesk, *, role: Role, at: datetime) -> KnownIssuer:
    """The participant behind a token's certificate.

    Raises:
        Malformed: there is no readable ``x5c``.
        Rejected: ISSUER_NOT_ACCREDITED (never listed), WRONG_CHAIN, ISSUER_MISMATCH, or why the chain is bad.
    """
    x5c = x5c_from_header(unverified_header)
    # 1. Whom the leaf names; a name that the ledger never listed ends it, whoever certified it.
    did = claimed_participant(x5c[0])
    if did.chain_id != desk.chain_id:
        raise Rejected(Reason.WRONG_CHAIN, f"expected a DID on chain {desk.chain_id:#x}")
    if not desk.trust.grants(did.address, role, None):
        raise Rejected(Reason.ISSUER_NOT_ACCREDITED, "expected an issuer on the ledger's list")
    # 2. The chain, to a pinned root that the ledger still names.
    trusted = desk.trust.trusted_roots()
    chain = verify_x5c(x5c, roots=[root for root in desk.roots if root_hash(root) in trusted], at=at)
    chain.check_participant(did)
    # 3. The origin that the DID names.
    endpoint = desk.trust.service_endpoint(did.address, ISSUER_SERVICE)
    if endpoint is None:
        raise Rejected(Reason.ISSUER_MISMATCH, "expected an issuer whose DID names its service on the ledger")
    return KnownIssuer(did, chain, origin_of(endpoint))
