"""The registration that a request carries: who asks, and why (OpenID4VP 1.0 section 5.11; design section 3).

A claim-bound attestation: the document's SHA-256 is the evidence hash of a grant that the ledger keeps for the
verifier's DID, so it needs no signature and nobody can use another's. Entries of other formats are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import DidEthr
from passport.messages import AnyObject, Message
from passport.openid4vp.dcql import Identifier, Text
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import REGISTRATION_FORMAT
from passport.registry import (
    Grant,
    Purpose,
    Role,
    VerifierRegistration,
    evidence_hash,
    grant_in_force,
)
from passport.strict_json import JsonObject, as_object, get_object, get_text


class VerifierInfo(Message):
    """One attestation about the verifier; ``data`` depends on ``format``."""

    format: Text
    data: AnyObject | str
    credential_ids: (
        Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=LIMITS.credentials)] | None
    ) = None


@dataclass(frozen=True, slots=True)
class ClaimedRegistration:
    """What the request says about its sender, before the ledger was asked."""

    unverified_registration: VerifierRegistration
    unverified_purpose: str
    evidence_hash: bytes


@dataclass(frozen=True, slots=True)
class VerifiedRegistration:
    """A registration that a grant in force vouches for, and the one of its purposes that this request names."""

    registration: VerifierRegistration
    purpose: Purpose
    grant: Grant


def registration_entry(registration: JsonObject, *, purpose: str) -> VerifierInfo:
    """The entry to put into a request's ``verifier_info``."""
    return VerifierInfo.read(
        {"format": REGISTRATION_FORMAT, "data": {"registration": registration, "purpose": purpose}}
    )


def find_registration(entries: Sequence[VerifierInfo] | None) -> ClaimedRegistration:
    """The one registration among the attestations.

    Raises:
        Malformed: the entry of our format is not a registration with a purpose.
        Rejected: REQUEST_INVALID, there is none or more than one.
    """
    ours = [entry for entry in entries or () if entry.format == REGISTRATION_FORMAT]
    if len(ours) != 1:
        raise Rejected(Reason.REQUEST_INVALID, f"expected one verifier registration, got {len(ours)}")
    data = ours[0].data
    if isinstance(data, str):
        raise Malformed("verifier_info: expected a JSON object as data")
    received = get_object(as_object(data), "registration")
    return ClaimedRegistration(
        VerifierRegistration.read(received), get_text(data, "purpose"), evidence_hash(received)
    )


def require_registered(
    claimed: ClaimedRegistration, *, verifier: DidEthr, grants: Iterable[Grant], at: datetime
) -> VerifiedRegistration:
    """The registration, if the ledger vouches for it now.

    Raises:
        Rejected: VERIFIER_NOT_ACCREDITED or REQUEST_INVALID (a purpose that was never registered).
    """
    # 1. The document is about the DID that signed the request.
    if claimed.unverified_registration.did != str(verifier):
        raise Rejected(Reason.VERIFIER_NOT_ACCREDITED, "expected a registration of the verifier that signed")
    # 2. A grant of that DID as a verifier, in force and not suspended, has this document as evidence.
    grant = next(
        (
            each
            for each in grants
            if each.role is Role.VERIFIER
            and each.participant == verifier.address
            and each.evidence_hash == claimed.evidence_hash
            and not each.suspended
            and grant_in_force(each, at=at)
        ),
        None,
    )
    if grant is None:
        raise Rejected(Reason.VERIFIER_NOT_ACCREDITED, "expected a grant in force for this registration")
    # 3. The purpose is one that was registered.
    purpose = claimed.unverified_registration.purpose(claimed.unverified_purpose)
    if purpose is None:
        raise Rejected(Reason.REQUEST_INVALID, "expected one of the registered purposes")
    return VerifiedRegistration(claimed.unverified_registration, purpose, grant)
