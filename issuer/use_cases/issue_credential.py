"""Issue the copies of one credential for the keys that the wallet proves (OpenID4VCI 1.0 section 8).

The order is the journal's (threats.md T40): durable ``signing``, then sign, then durable ``issued``, then answer. The
same access token and proofs within ten minutes get the same bytes. The endpoint calls nobody.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from issuer.codes import Codes, StaleNonce
from issuer.errors import AccessRefused, CredentialRefused
from issuer.issuing import (
    AlreadyIssued,
    Begin,
    CustomerOnTrack,
    Issuing,
    IssuingState,
    NonceSpent,
    Spending,
    end_of,
)
from issuer.offer import Configuration
from issuer.ports import CopyWriter
from issuer.storage.journal import Journal
from issuer.storage.offers import TokenGrant
from passport.clock import Clock
from passport.errors import Unavailable
from passport.jose import b64u_encode
from passport.openid4vci.credential import CredentialRequest
from passport.openid4vci.key_proof import ProofRefused, verify_key_proofs
from passport.openid4vci.names import ErrorCode
from service import faults
from service.logs import log_event

logger = logging.getLogger(__name__)

REDATE_AFTER: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Issued:
    """The copies' texts in the order of the keys, or a transaction id to come back with."""

    texts: tuple[str, ...]
    configuration: Configuration
    notification_id: str
    transaction_id: str = ""


class IssueCredential:
    """The use case."""

    def __init__(
        self, *, journal: Journal, writer: CopyWriter, codes: Codes, clock: Clock, audience: str
    ) -> None:
        self._journal = journal
        self._writer = writer
        self._codes = codes
        self._clock = clock
        self._audience = audience

    def __call__(self, grant: TokenGrant, request: CredentialRequest) -> Issued:
        """The copies.

        Raises:
            CredentialRefused, ProofRefused: with the protocol's code. AccessRefused: the token has expired.
        """
        now = self._clock.now()
        # 1. The offer has this configuration.
        configuration = self._configuration(grant, request)
        proofs = request.proofs.jwt if request.proofs is not None else ()
        proofs_digest = hashlib.sha256("\n".join(sorted(proofs)).encode()).digest()
        # 2. The same request again: the same bytes, even if the token has expired meanwhile.
        begun = self._journal.same_request(grant.offer_id, configuration, proofs_digest, now)
        if begun is None:
            # 3. The token is fresh.
            if now >= grant.expires_at:
                raise AccessRefused("expected an access token that has not expired")
            begun = self._begin(grant, configuration, proofs, proofs_digest, now)
        if begun.state is IssuingState.DEFERRED:
            return Issued((), configuration, begun.notification_id, self._transaction_id(begun.id))
        # 6. Sign, and make it durable; a set that is signed already stays as it is.
        return self.complete(begun)

    def complete(self, begun: Issuing) -> Issued:
        """Sign a set that is in the journal, if it is not yet, and return its texts."""
        if begun.state is IssuingState.SIGNING:
            now = self._clock.now()
            if any(now - copy.issued_at > REDATE_AFTER for copy in begun.copies):
                begun = self._journal.redate(begun.id, now)
        if begun.state is IssuingState.SIGNING:
            faults.hit("cred.before_sign")
            signed = [self._writer.write(begun.configuration, begun.subject, copy) for copy in begun.copies]
            faults.hit("cred.after_sign")
            begun = self._journal.finish(begun.id, signed, self._clock.now())
            faults.hit("cred.after_commit")
        return Issued(tuple(copy.text for copy in begun.copies), begun.configuration, begun.notification_id)

    def deferred(self, grant: TokenGrant, transaction_id: str) -> Issued:
        """What became of a deferred set (section 9).

        Raises:
            CredentialRefused: INVALID_TRANSACTION_ID, or CREDENTIAL_REQUEST_DENIED.
        """
        found = self._journal.by_transaction(
            grant.offer_id, self._codes.hashed("transaction", transaction_id)
        )
        if found is None or found.state is IssuingState.DELIVERED:
            raise CredentialRefused(ErrorCode.INVALID_TRANSACTION_ID, "expected a transaction of this offer")
        if found.state is IssuingState.DEFERRED:
            if not grant.approved:
                return Issued((), found.configuration, found.notification_id, transaction_id)
            try:
                found = self._journal.approve_deferred(found.id, self._clock.now())
            except CustomerOnTrack as error:
                raise _denied() from error
        return self.complete(found)

    def finish_interrupted(self) -> int:
        """Sign what a kill interrupted, so that the journal never keeps a half; how many sets."""
        finished = 0
        for one in self._journal.interrupted():
            try:
                self.complete(one)
            except Unavailable as error:
                # It stays in the journal: its wallet asks again, or it is tried at the next start.
                log_event(logger, "interrupted_not_finished", level=logging.WARNING, failure=error)
            else:
                finished += 1
        return finished

    def _begin(
        self,
        grant: TokenGrant,
        configuration: Configuration,
        proofs: tuple[str, ...],
        proofs_digest: bytes,
        now: datetime,
    ) -> Issuing:
        # 4. Each proof proves its key, all for this issuer, with one nonce of ours.
        verified = verify_key_proofs(
            proofs, audience=self._audience, now=now, batch_size=grant.copies, client_id=grant.client_id
        )
        if len(verified.nonces) != 1:
            raise CredentialRefused(ErrorCode.INVALID_NONCE, "expected one nonce in all proofs of a request")
        nonce = next(iter(verified.nonces))
        try:
            nonce_end = self._codes.nonce_end(nonce, now)
        except StaleNonce as error:
            raise _invalid_nonce() from error
        # 5. One transaction spends the nonce, re-reads the tracks and writes the copies without their text.
        issuing_id = self._codes.new_id()
        deferred = grant.deferred and not grant.approved
        transaction = (
            self._codes.hashed("transaction", self._transaction_id(issuing_id)) if deferred else None
        )
        try:
            return self._journal.begin(
                Begin(
                    issuing_id=issuing_id,
                    offer_id=grant.offer_id,
                    customer=grant.customer,
                    configuration=configuration,
                    holder_keys=tuple(b64u_encode(key.compressed) for key in verified.keys),
                    proofs_digest=proofs_digest,
                    nonce=Spending(self._codes.hashed("nonce", nonce), nonce_end),
                    notification_id=self._codes.new_secret(),
                    transaction_id_hash=transaction,
                    now=now,
                    expires_at=end_of(now),
                )
            )
        except NonceSpent as error:
            raise _invalid_nonce() from error
        except AlreadyIssued as error:
            raise CredentialRefused(
                ErrorCode.CREDENTIAL_REQUEST_DENIED, "expected an offer whose copies were not issued before"
            ) from error
        except CustomerOnTrack as error:
            raise _denied() from error

    def _configuration(self, grant: TokenGrant, request: CredentialRequest) -> Configuration:
        """By identifier where the token was answered with identifiers, else by configuration (section 8.2)."""
        if request.credential_identifier is not None:
            found = self._identified(grant, request.credential_identifier)
        else:
            found = _named(grant, request.credential_configuration_id)
        if request.credential_response_encryption is not None:
            raise CredentialRefused(
                ErrorCode.INVALID_ENCRYPTION_PARAMETERS,
                "expected no encryption of the response: none is offered",
            )
        return found

    def _identified(self, grant: TokenGrant, identifier: str) -> Configuration:
        for one in grant.details or ():
            if self._codes.credential_identifier(grant.offer_id, one) == identifier:
                return one
        raise CredentialRefused(
            ErrorCode.UNKNOWN_CREDENTIAL_IDENTIFIER,
            "expected a credential_identifier of this token's authorization_details"
            if grant.details is not None
            else "expected credential_configuration_id: the token was asked for without authorization_details",
        )

    def _transaction_id(self, issuing_id: str) -> str:
        """Derived, so that asking the same again names the same transaction."""
        return b64u_encode(self._codes.hashed("derive-transaction", issuing_id))


def _named(grant: TokenGrant, name: str | None) -> Configuration:
    found = next((one for one in grant.configurations if one.value == name), None)
    if found is None:
        raise CredentialRefused(
            ErrorCode.UNKNOWN_CREDENTIAL_CONFIGURATION, "expected a configuration of this offer"
        )
    if grant.details is not None:
        raise CredentialRefused(
            ErrorCode.INVALID_CREDENTIAL_REQUEST,
            "expected a credential_identifier: the token's authorization_details were answered with some",
        )
    return found


def _invalid_nonce() -> CredentialRefused:
    return CredentialRefused(ErrorCode.INVALID_NONCE, "expected a fresh nonce of the nonce endpoint")


def _denied() -> CredentialRefused:
    return CredentialRefused(
        ErrorCode.CREDENTIAL_REQUEST_DENIED, "the bank cannot issue this now; please ask your bank"
    )


__all__ = ["IssueCredential", "Issued", "ProofRefused"]
