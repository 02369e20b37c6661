"""Demonstrating proof of possession: an access token that only its holder's key can use (RFC 9449).

HAIP asks for it; bearer tokens pass where the profile does not. Leaves out remembering a ``jti`` and choosing
server nonces, which need a store.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.clock import Entropy, from_epoch, to_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.jose import PublicJwk, Signer, b64u_encode, parse_compact
from passport.keys import TokenType, sign_token, verify_token
from passport.openid4vci.key_proof import ProofRefused
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import ErrorCode
from passport.strict_json import JsonObject, find_text, get_number, get_object, get_text
from passport.urls import target_of

JTI_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class VerifiedDpop:
    """A request whose sender holds ``key``; ``jti`` must be remembered for as long as it would be fresh."""

    key: PublicJwk
    jti: str
    issued_at: datetime


def sign_dpop(
    *,
    signer: Signer,
    method: str,
    url: str,
    issued_at: datetime,
    entropy: Entropy,
    access_token: str | None = None,
    nonce: str | None = None,
) -> str:
    """The proof to send in the ``DPoP`` header (section 4.2)."""
    payload: dict[str, str | int] = {
        "jti": b64u_encode(entropy.token(JTI_BYTES)),
        "htm": method,
        "htu": _without_query(url),
        "iat": to_epoch(issued_at),
    }
    if access_token is not None:
        payload["ath"] = token_hash(access_token)
    if nonce is not None:
        payload["nonce"] = nonce
    return sign_token(
        kind=TokenType.DPOP, payload=payload, signer=signer, header={"jwk": signer.public_jwk.to_json()}
    )


def verify_dpop(
    proof: str,
    *,
    method: str,
    url: str,
    now: datetime,
    access_token: str | None = None,
    thumbprint: bytes | None = None,
    nonce: str | None = None,
) -> VerifiedDpop:
    """Check a proof against the request it came with (section 4.3).

    ``thumbprint`` is that of the key which the access token is bound to; ``nonce`` the one the server gave, if any.

    Raises:
        ProofRefused: INVALID_DPOP_PROOF, or USE_DPOP_NONCE.
    """
    try:
        # 1. One JWT of the right type, ES256, signed by the public key in its header (items 2 to 7).
        unverified = parse_compact(proof)
        key = PublicJwk.from_json(get_object(unverified.unverified_header, "jwk"))
        payload = verify_token(unverified, kind=TokenType.DPOP, key=key).payload
        # 2. For this method and this URL, compared as a value, without query and fragment (items 8 and 9).
        if get_text(payload, "htm") != method or target_of(get_text(payload, "htu")) != target_of(url):
            raise _refused(Reason.AUDIENCE_MISMATCH, "expected a DPoP proof for this method and URL")
        # 3. With the server's nonce, where it gave one (item 10).
        if nonce is not None and find_text(payload, "nonce") != nonce:
            raise _nonce_refused()
        # 4. Fresh (item 11).
        issued_at = _fresh(payload, now)
        # 5. For this access token, and by the key it is bound to (item 12).
        if access_token is not None and find_text(payload, "ath") != token_hash(access_token):
            raise _refused(Reason.HOLDER_BINDING_INVALID, "expected a DPoP proof for this access token")
        if thumbprint is not None and key.thumbprint() != thumbprint:
            raise _refused(Reason.HOLDER_BINDING_INVALID, "expected the key that the token is bound to")
        return VerifiedDpop(key, get_text(payload, "jti"), issued_at)
    except Malformed as error:
        raise _refused(Reason.REQUEST_INVALID, f"unreadable DPoP proof: {error}") from error
    except ProofRefused:
        raise
    except Rejected as error:
        raise _refused(error.reason, str(error)) from error


def token_hash(access_token: str) -> str:
    """``ath``: base64url of the SHA-256 of the token's ASCII (section 4.2)."""
    return b64u_encode(hashlib.sha256(access_token.encode("ascii", errors="strict")).digest())


def _fresh(payload: JsonObject, now: datetime) -> datetime:
    issued_at = from_epoch(get_number(payload, "iat"))
    if issued_at > now + LIMITS.clock_skew or issued_at < now - LIMITS.proof_age:
        raise _refused(Reason.EXPIRED, "expected a DPoP proof made within the last minutes")
    return issued_at


def _without_query(url: str) -> str:
    """As it was written, for servers that compare text; that it is an address at all is checked before signing."""
    target_of(url)
    return url.partition("#")[0].partition("?")[0]


def _refused(reason: Reason, message: str) -> ProofRefused:
    return ProofRefused(ErrorCode.INVALID_DPOP_PROOF, reason, message)


def _nonce_refused() -> ProofRefused:
    return ProofRefused(
        ErrorCode.USE_DPOP_NONCE, Reason.NONCE_MISMATCH, "expected the DPoP nonce that was given"
    )
