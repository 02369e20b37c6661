"""Judging what a bank sent before it is kept: a wallet that stores anything shows anything.

Follows OpenID4VCI 1.0 section 8.3 and SD-JWT VC; the issuer's key comes from ``x5c`` and must be the accredited
bank's on the ledger (design section 3). Leaves out status and anchor, which do not exist yet at this moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from holder.directory import Participant
from passport.credential import require_open
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Vct
from passport.jose import PublicJwk
from passport.registry import Role, require_key_at, schema_id
from passport.sd_jwt import check_validity, parse, verify_issuer
from passport.strict_json import JsonObject, get_text
from passport.vcdm import read_vc11
from passport.vcdm.proof_of_funds_v1 import TYPE
from passport.x509 import verify_x5c, x5c_from_header

DEFAULT_LEEWAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class VerifiedCopy:
    """One copy, bound to the key of one of our slots."""

    slot: int
    text: str
    claims: JsonObject


def require_may_issue(issuer: Participant, vct: str, at: datetime) -> None:
    """The bank is accredited for this very type of credential.

    Raises:
        Rejected: ISSUER_NOT_ACCREDITED, SCHEMA_INVALID.
    """
    schema = schema_id(Vct(vct))
    if not any(grant.schema == schema for grant in issuer.grants_now(Role.ISSUER, at)):
        raise Rejected(
            Reason.ISSUER_NOT_ACCREDITED, "the bank is not accredited to issue this type of credential"
        )


def verify_copies(
    texts: Sequence[str],
    *,
    vct: str,
    credential_issuer: str,
    issuer: Participant,
    roots: Sequence[bytes],
    slots: Mapping[PublicJwk, int],
    at: datetime,
) -> tuple[VerifiedCopy, ...]:
    """The copies, in the order of their slots.

    Raises:
        Malformed, Rejected: one of them is not what was asked for; then none is kept.
    """
    copies = [
        _verify(
            text,
            vct=vct,
            credential_issuer=credential_issuer,
            issuer=issuer,
            roots=roots,
            slots=slots,
            at=at,
        )
        for text in texts
    ]
    if sorted(copy.slot for copy in copies) != sorted(slots.values()):
        raise Rejected(Reason.HOLDER_BINDING_INVALID, "expected one copy for each of the wallet's keys")
    return tuple(sorted(copies, key=lambda copy: copy.slot))


def read_w3c_copy(
    document: JsonObject, *, credential_issuer: str, slots: Mapping[PublicJwk, int], at: datetime
) -> int:
    """The slot of a W3C credential (VCDM 1.1); everything about it is checked but its Data Integrity signature.

    That signature is didkit's to check (design section 7), and no wallet should carry didkit: so such a credential is
    kept and listed as "signature not checked by this wallet", and never presented over OpenID4VP.

    Raises:
        Malformed, Rejected: it is of our own form and says something else than was offered.
    """
    types = document.get("type")
    if not isinstance(types, Sequence) or isinstance(types, str) or "VerifiableCredential" not in types:
        raise Malformed("expected a W3C credential with its types")
    if TYPE not in types:
        return min(slots.values())
    read = read_vc11(document).unverified_open_claims
    if read.issuer != credential_issuer:
        raise Rejected(Reason.ISSUER_MISMATCH, "expected a credential by the bank that offered it")
    if not read.issued_at - DEFAULT_LEEWAY <= at < read.expires_at:
        raise Rejected(Reason.EXPIRED, "expected a credential that holds now")
    slot = slots.get(read.holder_key)
    if slot is None:
        raise Rejected(Reason.HOLDER_BINDING_INVALID, "expected a credential for one of the wallet's keys")
    return slot


def _verify(
    text: str,
    *,
    vct: str,
    credential_issuer: str,
    issuer: Participant,
    roots: Sequence[bytes],
    slots: Mapping[PublicJwk, int],
    at: datetime,
) -> VerifiedCopy:
    # 1. It is a credential and no presentation of one.
    received = parse(text)
    if received.key_binding_jwt is not None:
        raise Malformed("expected a credential, got a presentation of one")
    # 2. Its certificate leads to a root that wallet and ledger trust, and speaks for this bank's DID and URL.
    chain = verify_x5c(x5c_from_header(received.unverified_header), roots=roots, at=at)
    chain.check_participant(issuer.did)
    chain.check_uri(credential_issuer)
    chain.check_signed_at(at)
    # 3. The key is the bank's on the ledger, now.
    require_key_at(issuer.key(chain.leaf_jwk.thumbprint()), at=at)
    # 4. That key signed it, and every disclosure is signed.
    verified = verify_issuer(received, chain.leaf_jwk)
    # 5. It is of the type that was offered, by this bank, and holds now.
    claims = verified.claims
    require_open(verified.disclosed)
    if get_text(claims, "vct") != vct:
        raise Rejected(Reason.SCHEMA_INVALID, "expected a credential of the type that was offered")
    if get_text(claims, "iss") != credential_issuer:
        raise Rejected(Reason.ISSUER_MISMATCH, "expected a credential by the bank that offered it")
    check_validity(claims, at)
    # 6. It is bound to a key of ours.
    slot = slots.get(verified.holder_key())
    if slot is None:
        raise Rejected(Reason.HOLDER_BINDING_INVALID, "expected a credential for one of the wallet's keys")
    return VerifiedCopy(slot, text, claims)
