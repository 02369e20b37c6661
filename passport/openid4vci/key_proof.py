"""Key proofs of type ``jwt``: whoever asks for a credential holds the key it will be bound to (appendix F.1, F.4).

The binding key is the key that verified, and nothing else (T06): the header's ``jwk``; ``kid`` and ``x5c`` beside
it or instead of it are refused. Leaves out key attestations, and spending the nonce, which must happen in the
transaction that issues (T05).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.clock import from_epoch, to_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.jose import PublicJwk, Signer, parse_compact
from passport.keys import TokenType, sign_token, verify_token
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import ErrorCode
from passport.strict_json import find_text, get_number, get_object, get_text

_KEY_SOURCES: Final = frozenset({"jwk", "kid", "x5c", "trust_chain", "key_attestation"})


class ProofRefused(Rejected):
    """A key proof that does not prove; ``code`` is what the credential endpoint answers."""

    def __init__(self, code: ErrorCode, reason: Reason, message: str) -> None:
        super().__init__(reason, message)
        self.code = code


@dataclass(frozen=True, slots=True)
class VerifiedKeyProof:
    """A key whose holder signed for this issuer; only ``verify_key_proofs`` makes one."""

    key: PublicJwk
    nonce: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedKeyProofs:
    """The keys of one credential request, all different, in the order given."""

    proofs: tuple[VerifiedKeyProof, ...]

    @property
    def keys(self) -> tuple[PublicJwk, ...]:
        """The keys to bind copies to."""
        return tuple(proof.key for proof in self.proofs)

    @property
    def nonces(self) -> frozenset[str]:
        """The challenges that must now be spent, each once."""
        return frozenset(proof.nonce for proof in self.proofs)


def sign_key_proof(*, signer: Signer, audience: str, nonce: str | None, issued_at: datetime) -> str:
    """A proof for an issuer, anonymous (no ``iss``), with the key in the header."""
    payload: dict[str, str | int] = {"aud": audience, "iat": to_epoch(issued_at)}
    if nonce is not None:
        payload["nonce"] = nonce
    return sign_token(
        kind=TokenType.KEY_PROOF,
        payload=payload,
        signer=signer,
        header={"jwk": signer.public_jwk.to_json()},
    )


def verify_key_proofs(
    tokens: Sequence[str], *, audience: str, now: datetime, batch_size: int, client_id: str | None = None
) -> VerifiedKeyProofs:
    """The keys that ``tokens`` prove; ``client_id`` is that of the token request, and None for anonymous access.

    Raises:
        ProofRefused: INVALID_PROOF, for any of them; that a nonce is one of ours is for the caller to find out.
    """
    # 1. As many as the metadata allow (section 12.2.4, batch_size).
    if not 0 < len(tokens) <= batch_size:
        raise _refused(Reason.LIMIT_EXCEEDED, f"expected 1 to {batch_size} key proofs, got {len(tokens)}")
    # 2. Each proves its key.
    proofs = tuple(_verify(token, audience=audience, now=now, client_id=client_id) for token in tokens)
    # 3. One credential a key (section 8.3): a key twice would make two copies linkable.
    if len({proof.key for proof in proofs}) != len(proofs):
        raise _refused(Reason.CONFLICT, "expected a different key in each proof")
    return VerifiedKeyProofs(proofs)


def _verify(token: str, *, audience: str, now: datetime, client_id: str | None) -> VerifiedKeyProof:
    try:
        # 1. Explicitly typed, ES256, signed by the public key in the header (appendix F.4, items 2 to 5).
        unverified = parse_compact(token)
        if unverified.unverified_header.keys() & _KEY_SOURCES != {"jwk"}:
            raise _refused(Reason.KEY_UNKNOWN, "expected the key as jwk in the header, and no other source")
        key = PublicJwk.from_json(get_object(unverified.unverified_header, "jwk"))
        payload = verify_token(unverified, kind=TokenType.KEY_PROOF, key=key).payload
        # 2. For this issuer. `iss` is optional, is the client of the token request, and must be absent where that named
        #    none (appendix F.1).
        if payload.get("aud") != audience:
            raise _refused(Reason.AUDIENCE_MISMATCH, "expected a key proof for this issuer")
        iss = find_text(payload, "iss")
        if iss is not None and iss != client_id:
            raise _refused(
                Reason.REQUEST_INVALID,
                "expected iss to be the client_id of the token request, or no iss: without a client_id there is none",
            )
        # 3. Fresh: a nonce of the issuer, whose value the caller spends, and an acceptable age.
        nonce = get_text(payload, "nonce")
        issued_at = from_epoch(get_number(payload, "iat"))
    except Malformed as error:
        raise _refused(Reason.REQUEST_INVALID, f"unreadable key proof: {error}") from error
    except ProofRefused:
        raise
    except Rejected as error:
        raise _refused(error.reason, str(error)) from error
    if issued_at > now + LIMITS.clock_skew or issued_at < now - LIMITS.proof_age - LIMITS.clock_skew:
        raise _refused(Reason.EXPIRED, "expected a key proof made within the last minutes")
    return VerifiedKeyProof(key, nonce, issued_at)


def _refused(reason: Reason, message: str) -> ProofRefused:
    return ProofRefused(ErrorCode.INVALID_PROOF, reason, message)
