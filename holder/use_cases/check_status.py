"""Look up whether the bank has paused a credential, when its owner asks (Token Status List; domain section 7).

The whole list is fetched, so the bank learns nothing but that somebody looked, and never while presenting: the bank
must not learn when its customer goes where. Revoked and suspended read alike, since the difference could tip somebody
off. Leaves out what the ledger says of the list's version, which is the verifier's to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from holder.copies import open_copy
from holder.credentials import HeldCredential
from holder.directory import Participant
from holder.ports import Clock, Web
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate, require_same_origin
from outbound import FetchLimits, parse_url
from passport.errors import Malformed, PassportError, Reason, Rejected, Unavailable
from passport.jose import parse_compact
from passport.openid4vci import names
from passport.registry import require_key_at
from passport.status import (
    TOKEN_LIMITS,
    StatusReference,
    StatusValue,
    VerifiedStatusList,
    verify_status_list,
)
from passport.x509 import verify_x5c, x5c_from_header

_MEDIA_TYPE: Final = "application/statuslist+jwt"
_FETCH: Final = FetchLimits(max_bytes=TOKEN_LIMITS.size, seconds=10.0)


class CredentialStatus(StrEnum):
    """What the owner is told."""

    VALID = "valid"
    PAUSED = "paused"
    """In words: your bank has paused this; ask your bank."""
    UNKNOWN = "unknown"
    """The list could not be had or not be believed: neither yes nor no."""


class CheckStatus:
    """The use case, with what it needs."""

    def __init__(self, *, gate: TrustGate, store: WalletStore, web: Web, clock: Clock) -> None:
        self._gate = gate
        self._store = store
        self._web = web
        self._clock = clock

    def __call__(self) -> Mapping[str, CredentialStatus]:
        """The status of every credential that has one, by its reference."""
        lists: dict[str, VerifiedStatusList | None] = {}
        found: dict[str, CredentialStatus] = {}
        for credential in self._store.state.credentials.values():
            if credential.format == names.SD_JWT_VC:
                found[credential.reference] = self._status(credential, lists)
        return found

    def _status(
        self, credential: HeldCredential, lists: dict[str, VerifiedStatusList | None]
    ) -> CredentialStatus:
        try:
            claims = open_copy(next(iter(credential.copies.values()))).claims
            reference = StatusReference.from_claims(claims)
            if reference.uri not in lists:
                lists[reference.uri] = None
                lists[reference.uri] = self._fetch(credential, reference.uri)
            listed = lists[reference.uri]
            if listed is None:
                return CredentialStatus.UNKNOWN
            good = listed.get(reference.index) is StatusValue.VALID
        except PassportError:
            return CredentialStatus.UNKNOWN
        return CredentialStatus.VALID if good else CredentialStatus.PAUSED

    def _bank_of(self, credential: HeldCredential) -> Participant:
        """The bank that issued it, if it is still accredited and at that place."""
        for claimant in self._gate.issuers(credential.issuer):
            if str(claimant.participant.did) == credential.issuer_did:
                return claimant.participant
        raise Rejected(Reason.ISSUER_MISMATCH, "expected the bank that issued the credential at its place")

    def _fetch(self, credential: HeldCredential, uri: str) -> VerifiedStatusList:
        """The list, signed by the credential's own bank with a key that the ledger has for it."""
        issuer = self._bank_of(credential)
        require_same_origin(uri, parse_url(credential.issuer).origin, "status list")
        answer = self._web.get(uri, accept=(_MEDIA_TYPE,), limits=_FETCH)
        if not answer.ok:
            raise Unavailable(Reason.STATUS_UNAVAILABLE, f"the bank has no status list now ({answer.status})")
        try:
            token = parse_compact(answer.body.decode("ascii"), TOKEN_LIMITS)
        except UnicodeDecodeError as error:
            raise Malformed("expected a status list in ASCII") from error
        now = self._clock.now()
        chain = verify_x5c(x5c_from_header(token.unverified_header), roots=self._gate.roots(), at=now)
        chain.check_participant(issuer.did)
        require_key_at(issuer.key(chain.leaf_jwk.thumbprint()), at=now)
        return verify_status_list(token, key=chain.leaf_jwk, uri=uri, now=now)
