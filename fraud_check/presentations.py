"""What a verifier's question must prove before it gets a class (design section 4, step 2).

Only authenticity, so that the hub cannot be used as an oracle by naming somebody else's account and cannot be evaded by
naming a clean one. Leaves out what it cannot know: ``sd_hash`` covers disclosures that the hub must not see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fraud_check.ports import Registry
from passport.clock import from_epoch
from passport.errors import Reason, Rejected
from passport.fraud import Opened, PresentationQuestion
from passport.identifiers import DidEthr
from passport.jose import parse_compact
from passport.registry import require_key_at
from passport.sd_jwt import VerifiedIssuerJwt, verify_issuer_jwt, verify_key_binding_without_disclosures
from passport.strict_json import get_number, get_object, get_text
from passport.x509 import VerifiedChain, verify_x5c, x5c_from_header

_KEPT_CHAINS: Final = 512
_CHAIN_LASTS: Final = timedelta(minutes=1)
_CLIENT_ID: Final = "x509_hash:"
PROMISED_DELAY: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ConsentedQuestion:
    """A question about a handle that an issuer signed, with the consent of the credential's holder."""

    issuer: DidEthr
    handle: str
    key_binding: str
    """SHA-256 of the KB-JWT's signing input: what is spent."""


class PresentationCheck:
    """Checks questions at this hub. Chains are verified once a minute each, not once a question."""

    def __init__(self, *, hub: DidEthr, registry: Registry, roots: Sequence[bytes]) -> None:
        self._hub = hub
        self._registry = registry
        self._roots = tuple(roots)
        self._chains: dict[tuple[bytes, ...], tuple[datetime, VerifiedChain]] = {}

    def check(self, opened: Opened[PresentationQuestion], *, at: datetime) -> ConsentedQuestion:
        """Check an opened question.

        1. The asker's certificate, under a root on the ledger, is for the asker's DID and for the key that signed.
        2. The credential is signed by a key that its issuer had in the registry when it was issued, not stolen; the
           certificate names the issuer by DID and by ``iss``.
        3. The holder signed the KB-JWT for this asker and this nonce, at most five minutes ago: the consent.
        4. The credential names this hub and a handle.

        Raises:
            Malformed, Rejected: a step fails. Unavailable: the ledger was never seen.
        """
        question = opened.message
        asker = self._chain(x5c_from_header(opened.header), at)
        asker.check_participant(opened.signer)
        key = opened.header.get("jwk")
        if key != asker.leaf_jwk.to_json():
            raise Rejected(Reason.KEY_UNKNOWN, "expected a question signed by its certificate's key")
        issuer, credential = self._credential(question.credential, at)
        verify_key_binding_without_disclosures(
            credential,
            question.kb_jwt,
            nonce=question.nonce,
            aud=f"{_CLIENT_ID}{asker.x509_hash}",
            now=at,
        )
        fraud = get_object(credential.payload, "fraud")
        if DidEthr.parse(get_text(fraud, "hub")) != self._hub:
            raise Rejected(Reason.AUDIENCE_MISMATCH, "expected a credential that names this hub")
        spent = hashlib.sha256(parse_compact(question.kb_jwt).signing_input).hexdigest()
        return ConsentedQuestion(issuer, get_text(fraud, "handle"), spent)

    def _credential(self, text: str, at: datetime) -> tuple[DidEthr, VerifiedIssuerJwt]:
        unverified = parse_compact(text)
        chain = self._chain(x5c_from_header(unverified.unverified_header), at)
        credential = verify_issuer_jwt(unverified, chain.leaf_jwk)
        chain.check_uri(get_text(credential.payload, "iss"))
        issuer = chain.participant()
        issued = from_epoch(get_number(credential.payload, "iat"))
        known = self._registry.signing_key(issuer.address, chain.leaf_jwk.thumbprint())
        # Issue time is the anchor's, which the hub does not see: at most the promised delay after `iat`, which
        # issuers cut to the half minute. The verifier judges by the anchor itself.
        require_key_at(known, at=min(issued + PROMISED_DELAY, at))
        return issuer, credential

    def _chain(self, x5c: tuple[bytes, ...], at: datetime) -> VerifiedChain:
        kept = self._chains.get(x5c)
        if kept is None or not kept[0] <= at < kept[0] + _CHAIN_LASTS:
            if len(self._chains) >= _KEPT_CHAINS:
                self._chains.clear()
            kept = at, verify_x5c(x5c, roots=self._roots, at=at)
            self._chains[x5c] = kept
        chain = kept[1]
        if chain.root_sha256 not in self._registry.trusted_roots():
            raise Rejected(Reason.CERTIFICATE_NOT_TRUSTED, "expected a chain to a root on the ledger")
        return chain
