"""Writes and signs one copy: an SD-JWT VC, or a W3C document, whose open claims name status, anchor and handle.

Pure but for the signer: the seed in the journal decides every salt and decoy, so a copy whose signing was interrupted
is rebuilt exactly (threats.md T40). ``iss`` is the bank's public URL; ``x5c`` leaves the root out (design section 3).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from issuer.claims_of import VCT_OF, claims_of, funds_of
from issuer.codes import SeededEntropy
from issuer.customer import Bank
from issuer.issuing import Copy, SignedCopy
from issuer.offer import Configuration, Subject
from issuer.ports import DocumentSigner
from passport.anchor import AnchorScope, leaf_hash
from passport.claims import type_metadata
from passport.clock import Entropy, from_epoch, to_epoch
from passport.credential import AnchorTerms, FraudReference, OpenClaims, StatusReference, claims_to_sign
from passport.credential.open_claims import SALT_BYTES
from passport.disclosable import ClaimTree
from passport.errors import Malformed, Misconfigured
from passport.identifiers import Address, DidEthr, Handle
from passport.jose import PublicJwk, Signer, b64u_decode, b64u_encode
from passport.registry import schema_id
from passport.sd_jwt import issue
from passport.strict_json import JsonObject, dumps
from passport.vcdm import document_hash, proof_of_funds_vc11
from passport.x509 import x5c_to_header

PROMISED_DELAY: Final = timedelta(seconds=60)

GRAIN: Final = timedelta(seconds=30)
"""As coarse as the anchor rule allows: the anchor must come within the promised delay after ``iat``, and of the other half
up to a quarter may pass before an interrupted set is dated anew, and the last is the anchor's own."""


def coarse(moment: datetime) -> datetime:
    """The beginning of the half minute.

    Copies go to verifiers who must not know that they see one person (T52). When they were issued is in the open (``iat``, and
    ``due`` follows from it), and to the second it would name one issuing among all; to the half minute it names everybody's
    of that half minute. When they end is a day's boundary (``end_of``).
    """
    return from_epoch(to_epoch(moment) // GRAIN.seconds * GRAIN.seconds)


@dataclass(frozen=True, slots=True)
class IssuerIdentity:
    """Who signs, as every token of this issuer says it."""

    base_url: str
    did: DidEthr
    signer: Signer
    chain: tuple[bytes, ...]
    """The certificates of the signing key, leaf first, without the root."""

    @property
    def header(self) -> JsonObject:
        """``kid`` and ``x5c``."""
        return {"kid": b64u_encode(self.signer.public_jwk.thumbprint()), "x5c": x5c_to_header(self.chain)}

    def status_uri(self, list_number: int) -> str:
        """Where a status list is served."""
        return f"{self.base_url}/status/{list_number}"


class CopyWriting:
    """Writes copies in the name of one issuer."""

    def __init__(
        self,
        *,
        identity: IssuerIdentity,
        bank: Bank,
        anchor_registry: Address,
        hub: DidEthr | None,
        documents: DocumentSigner | None = None,
    ) -> None:
        self._identity = identity
        self._bank = bank
        self._registry = anchor_registry
        self._hub = hub
        self._documents = documents

    def check(self, configuration: Configuration, subject: Subject) -> None:
        """Find out before an offer is made whether the claims can be written.

        Raises:
            Malformed: they cannot.
        """
        self._claims(configuration, subject)

    def write(self, configuration: Configuration, subject: Subject | None, copy: Copy) -> SignedCopy:
        """The signed text and its leaf; the same copy gives the same claims, salts and decoys.

        Raises:
            Malformed: the subject is gone.
        """
        if subject is None or not copy.seed:
            raise Malformed("expected a copy whose subject is still in the journal")
        entropy = SeededEntropy(copy.seed)
        salt = entropy.token(SALT_BYTES)
        opened = self._open_claims(configuration, copy, salt)
        if configuration.is_document:
            text, credential_hash = self._document(subject, opened, entropy)
        else:
            issued = issue(
                claims=claims_to_sign(opened, self._claims(configuration, subject)),
                signer=self._identity.signer,
                entropy=entropy,
                header=self._identity.header,
            )
            text, credential_hash = issued.text, issued.credential_hash
        did = self._identity.did
        scope = AnchorScope(did.chain_id, self._registry, did.address, schema_id(opened.vct))
        return SignedCopy(copy.id, text, leaf_hash(scope, salt=salt, credential_hash=credential_hash))

    def _claims(self, configuration: Configuration, subject: Subject) -> Mapping[str, ClaimTree]:
        """What the type never hides, and what lies inside it, is signed in the open (SD-JWT VC section 6)."""
        claims = claims_of(configuration, subject, self._bank)
        type_metadata(VCT_OF[configuration]).require_signable(claims)
        return claims

    def _open_claims(self, configuration: Configuration, copy: Copy, salt: bytes) -> OpenClaims:
        issued_at = coarse(copy.issued_at)
        return OpenClaims(
            issuer=self._identity.base_url,
            issued_at=issued_at,
            expires_at=copy.expires_at,
            vct=VCT_OF[configuration],
            holder_key=PublicJwk.from_compressed(b64u_decode(copy.holder_key)),
            status=StatusReference(self._identity.status_uri(copy.list_number), copy.list_index),
            anchor=AnchorTerms(self._identity.did.chain_id, self._registry, salt, issued_at + PROMISED_DELAY),
            fraud=FraudReference(self._hub, Handle(copy.handle)) if self._hub and copy.handle else None,
        )

    def _document(self, subject: Subject, opened: OpenClaims, entropy: Entropy) -> tuple[str, bytes]:
        if self._documents is None:
            raise Misconfigured("expected a signer for W3C documents")
        unsigned = proof_of_funds_vc11(
            funds_of(subject, self._bank),
            open_claims=opened,
            issuer=self._documents.did_key,
            credential_id=uuid.UUID(bytes=entropy.token(16), version=4).urn,
        )
        signed = self._documents.sign(unsigned, opened.issued_at)
        return dumps(signed).decode(), document_hash(signed)
