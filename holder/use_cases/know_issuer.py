"""Know the bank behind an origin, and by which name it is registered, before a person types a code for it (threat T03).

The ledger's DID documents say where a bank's service is, and each bank writes its own: another accredited participant
may name the same place. What the registrar vouches for is the registration whose hash is the grant's evidence, and that
says DID, names and base URL. So the place itself is asked for it, and the hash decides (decision 0055):

1. Somebody accredited says that they are at this origin, or nothing is fetched.
2. The registration that the origin shows is one that the ledger vouches for, of one of them, for this origin.
3. Where none is shown, a single claimant is known by DID and address alone; several are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holder.ports import Clock, Web
from holder.trust_gate import Accredited, TrustGate
from outbound import FetchLimits, Origin, parse_url
from passport import strict_json
from passport.errors import PassportError, Reason, Rejected
from passport.openid4vci import well_known_url
from passport.registry import WELL_KNOWN_REGISTRATION, IssuerRegistration, require_registered_issuer
from passport.strict_json import JsonObject, as_object

_FETCH = FetchLimits(max_bytes=64 * 1024, seconds=3.0)


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """A bank, and its registration where it could be had."""

    accredited: Accredited
    registration: IssuerRegistration | None


def know_issuer(
    credential_issuer: str, *, gate: TrustGate, web: Web, clock: Clock, named: bool
) -> KnownIssuer:
    """The bank behind a Credential Issuer Identifier; ``named`` says whether its registered name is wanted, too.

    Raises:
        Malformed: it is no URL. Rejected: ISSUER_NOT_ACCREDITED, ISSUER_SUSPENDED.
        Unavailable: the ledger is out of reach for too long.
    """
    # 1. Nothing is asked of a host that nobody accredited names as theirs.
    claimants = gate.issuers(credential_issuer)
    if len(claimants) == 1 and not named:
        return KnownIssuer(claimants[0], None)
    # 2. The registration that is shown there decides whose place it is.
    origin, now = parse_url(credential_issuer).origin, clock.now()
    shown = _shown_by(credential_issuer, web)
    if shown is not None:
        for each in claimants:
            registration = _registered(shown, each, origin, now)
            if registration is not None:
                return KnownIssuer(each, registration)
    # 3. Without it, one claimant is known by what the ledger says, and several not at all.
    if len(claimants) == 1:
        return KnownIssuer(claimants[0], None)
    raise Rejected(
        Reason.ISSUER_NOT_ACCREDITED,
        f"several participants say that {origin} is theirs, and it does not show a registration that tells whose it is",
    )


def _shown_by(credential_issuer: str, web: Web) -> JsonObject | None:
    """What is shown there as the issuer's registration, if anything can be had; it is only a claim."""
    try:
        answer = web.get(well_known_url(credential_issuer, WELL_KNOWN_REGISTRATION), limits=_FETCH)
        return as_object(strict_json.loads(answer.body)) if answer.ok else None
    except PassportError:
        return None


def _registered(
    claimed: JsonObject, claimant: Accredited, origin: Origin, now: datetime
) -> IssuerRegistration | None:
    participant = claimant.participant
    try:
        found = require_registered_issuer(claimed, issuer=participant.did, grants=participant.grants, at=now)
        return found if parse_url(found.base_url).origin == origin else None
    except PassportError:
        return None
