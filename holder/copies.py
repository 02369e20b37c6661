"""Looking into one's own copies: they were verified when they were saved, so here they are only read.

Leaves out judging them: ``received`` did that, and the wallet file's seals keep it true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holder.credentials import HeldCredential
from passport.clock import from_epoch
from passport.openid4vci import names
from passport.openid4vp import Candidate, Place
from passport.sd_jwt import parse, unfold
from passport.strict_json import JsonObject, as_object, find_number, loads
from passport.x509 import authority_key_ids, x5c_from_header

# Whose question is whether a credential counts; a person wants to see what it says.
_NOT_FOR_PEOPLE = frozenset(
    {"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status", "fraud", "anchor"}
)


@dataclass(frozen=True, slots=True)
class OpenedCopy:
    """A copy with everything in its place, and where each disclosable claim is."""

    claims: JsonObject
    disclosable: frozenset[Place]
    unverified_header: JsonObject

    @property
    def issued_at(self) -> datetime | None:
        """When it was issued."""
        seconds = find_number(self.claims, "iat")
        return None if seconds is None else from_epoch(seconds)

    @property
    def expires_at(self) -> datetime | None:
        """When it ends."""
        seconds = find_number(self.claims, "exp")
        return None if seconds is None else from_epoch(seconds)

    @property
    def authority_key_ids(self) -> frozenset[str]:
        """Who certified the issuer, by the certificates that came with the credential."""
        return authority_key_ids(x5c_from_header(self.unverified_header))

    @property
    def content(self) -> JsonObject:
        """The claims about the person and their money."""
        return {name: value for name, value in self.claims.items() if name not in _NOT_FOR_PEOPLE}


def open_copy(text: str) -> OpenedCopy:
    """Read an SD-JWT copy of our own.

    Raises:
        Malformed: it cannot be read.
    """
    received = parse(text)
    payload = as_object(loads(received.issuer_jwt.unverified_payload, received.limits.token))
    unfolded = unfold(payload, received.disclosures, received.limits)
    places = frozenset(tuple(part for part in path if part is not None) for path in unfolded.disclosed)
    return OpenedCopy(unfolded.claims, places, received.unverified_header)


def candidate_in(credential: HeldCredential, slot: int, at: datetime) -> Candidate | None:
    """The credential's copy in a slot as an answer to a query, unless there is none or it has expired."""
    if credential.format != names.SD_JWT_VC or slot not in credential.copies:
        return None
    opened = open_copy(credential.copies[slot])
    if opened.expires_at is not None and opened.expires_at <= at:
        return None
    return Candidate(
        reference=credential.reference,
        format=credential.format,
        vct=credential.type,
        claims=opened.claims,
        authority_key_ids=opened.authority_key_ids,
    )
