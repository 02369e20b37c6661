"""Who is accredited, as the ledger said at one block: the only ground on which this wallet trusts anybody.

A directory is a value: it is read from the ledger whole, kept in the wallet for a day in which the ledger may be
unreachable, and asked without touching the network. Leaves out anchors and status lists, which are verifiers' work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from outbound import Origin, parse_url
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import DidEthr
from passport.registry import Grant, ParticipantKey, Role, grant_in_force

ISSUING_SERVICE = "OpenID4VCI"
PRESENTING_SERVICE = "OpenID4VP"


@dataclass(frozen=True, slots=True)
class Participant:
    """A bank or a verifier: its grants, its signing keys, its services' base URLs."""

    did: DidEthr
    grants: tuple[Grant, ...]
    keys: tuple[ParticipantKey, ...]
    endpoints: Mapping[str, str]

    def grants_now(self, role: Role, at: datetime) -> tuple[Grant, ...]:
        """Grants of a role that are in force and not suspended."""
        return tuple(
            grant
            for grant in self.grants
            if grant.role is role and not grant.suspended and grant_in_force(grant, at=at)
        )

    def origin(self, service: str) -> Origin:
        """Where one of its services is.

        Raises:
            Rejected: DESTINATION_NOT_ALLOWED, the ledger names no readable place for it.
        """
        endpoint = self.endpoints.get(service)
        try:
            return parse_url(endpoint or "").origin
        except Malformed as error:
            raise Rejected(
                Reason.DESTINATION_NOT_ALLOWED, f"the ledger names no place for {service} of this participant"
            ) from error

    def has_origin(self, service: str, origin: Origin) -> bool:
        """Whether a service of this participant is at an origin."""
        try:
            return self.origin(service) == origin
        except Rejected:
            return False

    def key(self, thumbprint: bytes) -> ParticipantKey | None:
        """One of its signing keys."""
        return next((key for key in self.keys if key.thumbprint == thumbprint), None)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody who ever had a grant as issuer or verifier, and the trusted roots (SHA-256 of each certificate)."""

    as_of: datetime
    block_number: int
    participants: tuple[Participant, ...]
    roots: frozenset[bytes]

    def issuers_at(self, origin: Origin, at: datetime) -> tuple[Participant, ...]:
        """The accredited banks that say that their issuing service is at an origin.

        Each says so itself, in its own DID document: who names another's origin is told apart by what the origin
        shows (``use_cases.know_issuer``).

        Raises:
            Rejected: ISSUER_NOT_ACCREDITED or ISSUER_SUSPENDED; there is none.
        """
        found = [each for each in self.participants if each.has_origin(ISSUING_SERVICE, origin)]
        accredited = tuple(each for each in found if each.grants_now(Role.ISSUER, at))
        if accredited:
            return accredited
        if any(grant.suspended for each in found for grant in each.grants if grant.role is Role.ISSUER):
            raise Rejected(Reason.ISSUER_SUSPENDED, f"the bank at {origin} is suspended on the ledger")
        raise Rejected(
            Reason.ISSUER_NOT_ACCREDITED,
            f"nobody at {origin} is accredited on the ledger to issue credentials",
        )

    def verifiers_at(self, origin: Origin, at: datetime) -> tuple[Participant, ...]:
        """The accredited verifiers that say that their service is at an origin; the request's certificate says which.

        Raises:
            Rejected: VERIFIER_NOT_ACCREDITED; there is none.
        """
        found = tuple(
            each
            for each in self.participants
            if each.has_origin(PRESENTING_SERVICE, origin) and each.grants_now(Role.VERIFIER, at)
        )
        if not found:
            raise Rejected(
                Reason.VERIFIER_NOT_ACCREDITED,
                f"nobody at {origin} is accredited on the ledger to ask for data",
            )
        return found

    def participant(self, did: DidEthr) -> Participant | None:
        """One participant."""
        return next((each for each in self.participants if each.did == did), None)

    def says_the_same_as(self, other: Directory) -> bool:
        """Whether nothing but the block differs."""
        return (self.participants, self.roots) == (other.participants, other.roots)
