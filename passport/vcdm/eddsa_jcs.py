"""Data Integrity with the cryptosuite ``eddsa-jcs-2022`` (vc-di-eddsa 1.0, section 3.3).

The document is hashed as RFC 8785 writes it, so no JSON-LD is processed and no term can be dropped (T20). One proof
to a document: a set or chain of proofs is refused, because checking one of several would say nothing of the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passport.claims import read_rfc3339, rfc3339
from passport.did import DidKey, KeyKind
from passport.did.multibase import multibase_decode, multibase_encode
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.strict_json import (
    JsonObject,
    JsonValue,
    canonical,
    find_text,
    get_object,
    get_text,
)

PROOF: Final = "proof"
CONTEXT: Final = "@context"
PROOF_TYPE: Final = "DataIntegrityProof"
CRYPTOSUITE: Final = "eddsa-jcs-2022"
ASSERTION: Final = "assertionMethod"
SIGNATURE_BYTES: Final = 64


class Ed25519Signer(Protocol):
    """Holds one Ed25519 key, and signs with it."""

    @property
    def did_key(self) -> DidKey:
        """The key's public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature: 64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """A document whose one proof was checked; only ``verify_jcs`` makes one."""

    document: JsonObject
    key: DidKey
    created: datetime | None


def sign_jcs(
    document: JsonObject, *, signer: Ed25519Signer, created: datetime, purpose: str = ASSERTION
) -> JsonObject:
    """The document with its proof (section 3.3.1).

    Raises:
        Misconfigured: the document has a proof already.
    """
    if PROOF in document:
        raise Misconfigured("expected a document without a proof")
    config: dict[str, JsonValue] = {
        "type": PROOF_TYPE,
        "cryptosuite": CRYPTOSUITE,
        "created": rfc3339(created),
        "verificationMethod": signer.did_key.verification_method,
        "proofPurpose": purpose,
    }
    if CONTEXT in document:
        config[CONTEXT] = document[CONTEXT]
    value = multibase_encode(signer.sign(_hash_data(document, config)))
    return {**document, PROOF: {**config, "proofValue": value}}


def verify_jcs(secured: JsonObject, *, key: DidKey, purpose: str = ASSERTION) -> VerifiedDocument:
    """The document, if its one proof is by ``key`` (section 3.3.2).

    That the key is one of the issuer's, and might assert this, is for the caller to know.

    Raises:
        Malformed: no readable proof. Rejected: ALGORITHM_NOT_ALLOWED, KEY_UNKNOWN or SIGNATURE_INVALID.
    """
    # 1. The document without its proof, and the proof without its value.
    proof = get_object(secured, PROOF)
    document = {name: value for name, value in secured.items() if name != PROOF}
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    # 2. Of our suite, for this purpose, by this key.
    if (
        proof.get("type") != PROOF_TYPE
        or proof.get("cryptosuite") != CRYPTOSUITE
        or key.kind is not KeyKind.ED25519
    ):
        raise Rejected(Reason.ALGORITHM_NOT_ALLOWED, f"expected a {PROOF_TYPE} with {CRYPTOSUITE}")
    if (
        proof.get("proofPurpose") != purpose
        or get_text(proof, "verificationMethod") != key.verification_method
    ):
        raise Rejected(Reason.KEY_UNKNOWN, f"expected a proof by the known key for {purpose}")
    # 3. The document's context begins with the proof's, in the same order.
    _require_same_context(document, config)
    # 4. The signature over both hashes.
    signature = multibase_decode(get_text(proof, "proofValue"))
    if len(signature) != SIGNATURE_BYTES:
        raise Malformed(f"proofValue: expected {SIGNATURE_BYTES} bytes, got {len(signature)}")
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, _hash_data(document, config))
    except InvalidSignature as error:
        raise Rejected(Reason.SIGNATURE_INVALID, "expected a proof over this document") from error
    created = find_text(proof, "created")
    return VerifiedDocument(document, key, None if created is None else read_rfc3339(created))


def _hash_data(document: JsonObject, config: JsonObject) -> bytes:
    """Section 3.3.4: the proof's hash, then the document's."""
    return hashlib.sha256(canonical(config)).digest() + hashlib.sha256(canonical(document)).digest()


def _require_same_context(document: JsonObject, config: JsonObject) -> None:
    if CONTEXT not in config:
        return
    ours, theirs = _as_list(document.get(CONTEXT)), _as_list(config[CONTEXT])
    if list(ours[: len(theirs)]) != list(theirs):
        raise Rejected(Reason.SIGNATURE_INVALID, "expected a document whose context begins with the proof's")


def _as_list(context: JsonValue) -> Sequence[JsonValue]:
    if isinstance(context, Sequence) and not isinstance(context, str):
        return context
    return [context]
