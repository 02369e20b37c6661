"""A proof of funds as a W3C Verifiable Credential, data model 1.1, for didkit (design sections 7 and 9).

didkit knows only VCDM 1.1 and loads no context from outside, so ours is inline. Our claims are two JSON literals
(``@json``): their bytes are signed as RFC 8785 writes them and no term inside can be dropped (T20). There is no
selective disclosure in this form: everything is shown. The signature is didkit's to make and to check; ``read_vc11``
says what it would be about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from passport.claims import ProofOfFunds, ShownProofOfFunds, rfc3339
from passport.credential import OpenClaims
from passport.did import DidKey, KeyKind
from passport.disclosable import ClaimTree, Decoy, Disclosable
from passport.errors import Reason, Rejected
from passport.identifiers import PROOF_OF_FUNDS
from passport.strict_json import JsonObject, JsonValue, canonical, dumps, get_object, get_text, loads

TERMS: Final = "urn:financial-passport:terms:1#"
TYPE: Final = "FinancialProofOfFunds"
CONTEXT: Final[JsonValue] = [
    "https://www.w3.org/2018/credentials/v1",
    {
        "@version": 1.1,
        TYPE: TERMS + TYPE,
        "proof_of_funds": {"@id": TERMS + "proof_of_funds", "@type": "@json"},
        "copy": {"@id": TERMS + "copy", "@type": "@json"},
    },
]
TYPES: Final = ("VerifiableCredential", TYPE)
PROOF_TYPE: Final = "Ed25519Signature2018"
_MEMBERS: Final = frozenset(
    {"@context", "id", "type", "issuer", "issuanceDate", "expirationDate", "credentialSubject", "proof"}
)


@dataclass(frozen=True, slots=True)
class UnverifiedVc11:
    """What a credential of this form says; whether anybody signed it is didkit's to find out."""

    unverified_open_claims: OpenClaims
    unverified_funds: ShownProofOfFunds
    claimed_issuer: DidKey
    credential_hash: bytes


def proof_of_funds_vc11(
    funds: ProofOfFunds, *, open_claims: OpenClaims, issuer: DidKey, credential_id: str
) -> JsonObject:
    """The unsigned credential; ``credential_id`` is a URN, fresh for each copy."""
    return {
        "@context": CONTEXT,
        "id": credential_id,
        "type": list(TYPES),
        "issuer": str(issuer),
        "issuanceDate": rfc3339(open_claims.issued_at),
        "expirationDate": rfc3339(open_claims.expires_at),
        "credentialSubject": {
            "id": str(DidKey.from_jwk(open_claims.holder_key)),
            "proof_of_funds": _opened(funds.to_sd_claims()),
            "copy": open_claims.to_claims(),
        },
    }


def unsecured(document: JsonObject) -> JsonObject:
    """The document without its proof."""
    return {name: value for name, value in document.items() if name != "proof"}


def document_hash(document: JsonObject) -> bytes:
    """The credential hash of a Data Integrity credential: SHA-256 of the unsecured document's JCS (design section 5)."""
    return hashlib.sha256(canonical(unsecured(document))).digest()


def read_vc11(secured: JsonObject) -> UnverifiedVc11:
    """Read a signed credential of this form.

    Raises:
        Malformed: a part is missing or not of its form.
        Rejected: SCHEMA_INVALID, KEY_UNKNOWN or ALGORITHM_NOT_ALLOWED, another context, type, member, proof or key.
    """
    # 1. Exactly our members, context and types: nothing that JSON-LD could read differently (T20).
    if not secured.keys() <= _MEMBERS or _plain(secured.get("@context")) != _plain(CONTEXT):
        raise Rejected(
            Reason.SCHEMA_INVALID, "expected the context and members of this credential, and no other"
        )
    if _plain(secured.get("type")) != list(TYPES):
        raise Rejected(Reason.SCHEMA_INVALID, f"expected the types {', '.join(TYPES)}")
    # 2. One proof, of the suite that didkit makes, by the issuer's own key.
    issuer = DidKey.parse(get_text(secured, "issuer"))
    proof = get_object(secured, "proof")
    if proof.get("type") != PROOF_TYPE or proof.get("proofPurpose") != "assertionMethod":
        raise Rejected(Reason.ALGORITHM_NOT_ALLOWED, f"expected one {PROOF_TYPE} for assertionMethod")
    if issuer.kind is not KeyKind.ED25519 or proof.get("verificationMethod") != issuer.verification_method:
        raise Rejected(Reason.KEY_UNKNOWN, "expected a proof by the issuer's Ed25519 key")
    # 3. The same times, holder and type in the W3C members as in ours.
    subject = get_object(secured, "credentialSubject")
    copy = OpenClaims.read(get_object(subject, "copy"))
    same = {
        rfc3339(copy.issued_at): get_text(secured, "issuanceDate"),
        rfc3339(copy.expires_at): get_text(secured, "expirationDate"),
        str(DidKey.from_jwk(copy.holder_key)): get_text(subject, "id"),
        PROOF_OF_FUNDS: copy.vct,
    }
    if any(ours != theirs for ours, theirs in same.items()):
        raise Rejected(Reason.SCHEMA_INVALID, "expected times, holder and type to agree")
    # 4. Our claims.
    funds = ShownProofOfFunds.read(get_object(subject, "proof_of_funds"))
    return UnverifiedVc11(copy, funds, issuer, document_hash(secured))


def _opened(tree: ClaimTree) -> JsonValue:
    """Claims with everything shown: decoys are left out."""
    match tree:
        case Disclosable(value):
            return _opened(value)
        case None | bool() | int() | float() | str() | Decoy():
            return None if isinstance(tree, Decoy) else tree
        case Mapping():
            return {name: _opened(value) for name, value in tree.items() if not isinstance(value, Decoy)}
        case _:
            return [_opened(value) for value in tree if not isinstance(value, Decoy)]


def _plain(value: JsonValue) -> JsonValue:
    """Lists and dicts, so that equal JSON compares equal."""
    return loads(dumps(value))
