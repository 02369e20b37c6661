"""That the one who presents is the holder: the KB-JWT (RFC 9901 sections 4.3 and 7.3)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.clock import from_epoch, to_epoch
from passport.disclosable import ClaimPath
from passport.errors import Reason, Rejected
from passport.jose import PublicJwk
from passport.keys import TokenType, verify_token
from passport.sd_jwt.hashing import sd_hash_of
from passport.sd_jwt.validity import DEFAULT_LEEWAY, check_validity
from passport.sd_jwt.verify import IssuerVerifiedSdJwt, VerifiedIssuerJwt
from passport.strict_json import JsonObject, get_number, get_text

DEFAULT_MAX_AGE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """What the holder signed."""

    holder_key: PublicJwk
    nonce: str
    audience: str
    issued_at: datetime
    sd_hash_b64u: str


@dataclass(frozen=True, slots=True)
class VerifiedPresentation:
    """Claims that an issuer signed for a key, and that key's signature over this very showing of them."""

    claims: JsonObject
    header: JsonObject
    disclosed: Mapping[ClaimPath, str]
    credential_hash: bytes
    key_binding: KeyBinding
    issuer_jwt_text: str
    key_binding_jwt: str

    @property
    def holder_key(self) -> PublicJwk:
        """The key to which the credential is bound."""
        return self.key_binding.holder_key


def verify_key_binding(
    verified: IssuerVerifiedSdJwt,
    *,
    nonce: str,
    aud: str,
    now: datetime,
    max_age: timedelta = DEFAULT_MAX_AGE,
    leeway: timedelta = DEFAULT_LEEWAY,
) -> VerifiedPresentation:
    """Check the KB-JWT; numbers are those of RFC 9901 section 7.3.

    1., 2. Key binding is required here, whatever came.
    3. The SD-JWT was processed by :func:`passport.sd_jwt.verify_issuer`.
    4. The KB-JWT holds: a. key, b. algorithm, c. signature, d. type, e. time, f. nonce and audience, in
       :func:`verify_key_binding_without_disclosures`.
    4g. ``sd_hash`` is the hash of exactly what came before the KB-JWT.

    Raises:
        Malformed: it cannot be read. Rejected: HOLDER_BINDING_INVALID, HOLDER_BINDING_STALE, NONCE_MISMATCH,
        AUDIENCE_MISMATCH, NOT_YET_VALID, EXPIRED, or as :func:`passport.jose.verify_compact`.
    """
    received = verified.received
    if received.key_binding_jwt is None:
        raise Rejected(
            Reason.HOLDER_BINDING_INVALID, "expected a presentation with key binding, got one without"
        )
    key_binding = verify_key_binding_without_disclosures(
        verified.issuer_jwt,
        received.key_binding_jwt,
        nonce=nonce,
        aud=aud,
        now=now,
        max_age=max_age,
        leeway=leeway,
    )
    if not _same(key_binding.sd_hash_b64u, sd_hash_of(received.bound_text)):
        raise Rejected(
            Reason.HOLDER_BINDING_INVALID, "expected the holder to have signed this showing, got another"
        )
    return VerifiedPresentation(
        claims=verified.claims,
        header=verified.header,
        disclosed=verified.disclosed,
        credential_hash=verified.credential_hash,
        key_binding=key_binding,
        issuer_jwt_text=received.issuer_jwt_text,
        key_binding_jwt=received.key_binding_jwt,
    )


def verify_key_binding_without_disclosures(
    issuer_jwt: VerifiedIssuerJwt,
    key_binding_jwt: str,
    *,
    nonce: str | None,
    aud: str,
    now: datetime,
    max_age: timedelta = DEFAULT_MAX_AGE,
    leeway: timedelta = DEFAULT_LEEWAY,
) -> KeyBinding:
    """Check a KB-JWT beside the issuer-signed JWT alone, as the hub does: steps 4a to 4f of RFC 9901 section 7.3.

    Step 4g cannot be done, since ``sd_hash`` covers disclosures that the hub must not see. ``nonce`` is None for
    one who does not know the transaction; it must then remember what was spent.

    Raises:
        Malformed, Rejected: as :func:`verify_key_binding`.
    """
    holder_key = issuer_jwt.holder_key()
    try:
        jws = verify_token(key_binding_jwt, kind=TokenType.KEY_BINDING, key=holder_key)
    except Rejected as error:
        if error.reason is not Reason.SIGNATURE_INVALID:
            raise
        raise Rejected(
            Reason.HOLDER_BINDING_INVALID, "expected a signature by the credential's holder, got another"
        ) from error
    claims = jws.payload
    check_validity(claims, now, leeway, required=("iat",))
    issued_at = get_number(claims, "iat")
    if issued_at < to_epoch(now - max_age):
        raise Rejected(
            Reason.HOLDER_BINDING_STALE, f"expected a KB-JWT at most {max_age} old, got an older one"
        )
    key_binding = KeyBinding(
        holder_key=holder_key,
        nonce=get_text(claims, "nonce"),
        audience=get_text(claims, "aud"),
        issued_at=from_epoch(issued_at),
        sd_hash_b64u=get_text(claims, "sd_hash"),
    )
    if nonce is not None and not _same(key_binding.nonce, nonce):
        raise Rejected(Reason.NONCE_MISMATCH, "expected this transaction's nonce, got another")
    if not _same(key_binding.audience, aud):
        raise Rejected(Reason.AUDIENCE_MISMATCH, "expected a presentation for this verifier, got another's")
    return key_binding


def _same(got: str, expected: str) -> bool:
    return hmac.compare_digest(got.encode(), expected.encode())
