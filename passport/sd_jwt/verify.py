"""What the issuer signed (RFC 9901 section 7.1), and what SD-JWT VC adds to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from passport.disclosable import ClaimPath
from passport.errors import Reason, Rejected
from passport.jose import PublicJwk, UnverifiedJws, verify_compact
from passport.keys import TOKEN_RULES, TokenType
from passport.sd_jwt.hashing import HASH_ALGORITHM
from passport.sd_jwt.receive import ReceivedSdJwt
from passport.sd_jwt.unfold import ALWAYS_OPEN, HASH_NAME, unfold
from passport.strict_json import JsonObject, Limits, get_object

_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class VerifiedIssuerJwt:
    """An issuer-signed JWT whose signature was checked, its digests still folded."""

    header: JsonObject
    payload: JsonObject
    credential_hash: bytes

    def holder_key(self) -> PublicJwk:
        """The key to which the credential is bound (RFC 7800 section 3.2).

        Raises:
            Malformed: there is no ``cnf.jwk``, or it is not a P-256 key.
        """
        return PublicJwk.from_json(get_object(get_object(self.payload, "cnf"), "jwk"))


@dataclass(frozen=True, slots=True)
class IssuerVerifiedSdJwt:
    """Claims that the issuer signed; whether the one who sent them is their holder is not known yet."""

    issuer_jwt: VerifiedIssuerJwt
    claims: JsonObject
    disclosed: Mapping[ClaimPath, str]
    received: ReceivedSdJwt

    @property
    def header(self) -> JsonObject:
        """The issuer-signed JWT's header."""
        return self.issuer_jwt.header

    @property
    def credential_hash(self) -> bytes:
        """What the ledger anchors."""
        return self.issuer_jwt.credential_hash

    def holder_key(self) -> PublicJwk:
        """See :meth:`VerifiedIssuerJwt.holder_key`."""
        return self.issuer_jwt.holder_key()


def verify_issuer_jwt(
    issuer_jwt: str | UnverifiedJws,
    key: PublicJwk,
    *,
    typ: str = TokenType.CREDENTIAL,
    limits: Limits = _DEFAULT_LIMITS,
) -> VerifiedIssuerJwt:
    """Check the issuer-signed JWT alone, by a key that the caller found to be the issuer's (step 2c).

    2a. The algorithm is ours.
    2b. The signature holds, and the token is of type ``typ``.
    2d. ``_sd_alg`` is SHA-256, or absent, which means SHA-256.

    Raises:
        Malformed, Rejected: as :func:`passport.jose.verify_compact`; ALGORITHM_NOT_ALLOWED for step 2d.
    """
    key_members = TOKEN_RULES[TokenType.CREDENTIAL].key_members
    jws = verify_compact(issuer_jwt, key=key, typ=typ, key_members=key_members, limits=limits)
    if jws.payload.get(HASH_NAME, HASH_ALGORITHM) != HASH_ALGORITHM:
        raise Rejected(Reason.ALGORITHM_NOT_ALLOWED, f"expected {HASH_NAME} {HASH_ALGORITHM}, got another")
    return VerifiedIssuerJwt(jws.header, jws.payload, hashlib.sha256(jws.signing_input).digest())


def verify_issuer(
    received: ReceivedSdJwt, key: PublicJwk, *, typ: str = TokenType.CREDENTIAL
) -> IssuerVerifiedSdJwt:
    """Check an SD-JWT as far as its issuer goes; numbers are those of RFC 9901 section 7.1.

    1. Its parts were separated by :func:`passport.sd_jwt.parse`.
    2. The issuer-signed JWT holds: :func:`verify_issuer_jwt`.
    3., 4., 5. Disclosures are put in their places: :func:`passport.sd_jwt.unfold`.
    6. Times are judged by the caller, who knows as of when: :func:`passport.sd_jwt.check_validity`.
    7. Nothing that must be open was disclosed, and nothing inside it (SD-JWT VC section 3.2.2.2).

    Raises:
        Malformed, Rejected: as those functions; DISCLOSURE_INVALID for step 7.
    """
    issuer_jwt = verify_issuer_jwt(received.issuer_jwt, key, typ=typ, limits=received.limits.token)
    unfolded = unfold(issuer_jwt.payload, received.disclosures, received.limits)
    hidden = sorted({str(path[0]) for path in unfolded.disclosed if path[0] in ALWAYS_OPEN})
    if hidden:
        raise Rejected(Reason.DISCLOSURE_INVALID, f"expected {', '.join(hidden)} as open claims")
    return IssuerVerifiedSdJwt(issuer_jwt, unfolded.claims, unfolded.disclosed, received)
