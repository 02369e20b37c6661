"""Whether an answer fits the DCQL query it answers (OpenID4VP 1.0 section 8.6, steps 1, 2.2, 2.3 and 3).

The presentations must already be verified: this says nothing about signatures. ``values`` is not judged, because
section 6.4.1 forbids to rely on it; what a claim must say is the verifier's policy. A claim that is missing is
reported, not refused, so that policy can say why (a threshold that was not met is never issued, hence missing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passport.errors import Malformed, Reason, Rejected
from passport.openid4vp.claims_path import Place, Pointer, covered_by_any, resolve
from passport.openid4vp.dcql import ClaimsQuery, CredentialQuery, DcqlQuery
from passport.openid4vp.dcql_match import AUTHORITY_KEY_IDENTIFIER
from passport.strict_json import JsonObject


@dataclass(frozen=True, slots=True)
class Presented:
    """A verified presentation: its processed claims and the places that its disclosures opened."""

    format: str
    vct: str
    claims: JsonObject
    disclosed: frozenset[Place]
    holder_bound: bool = True
    authorities: frozenset[str] = frozenset()
    """The key identifiers of who certified the issuer, as base64url (section 6.1.1.1)."""


@dataclass(frozen=True, slots=True)
class MissingClaim:
    """A claim that was asked for and not shown."""

    query_id: str
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer that gives the credentials asked for and nothing beyond; ``missing`` claims are for policy."""

    presented: Mapping[str, tuple[Presented, ...]]
    missing: tuple[MissingClaim, ...]

    def require_complete(self) -> None:
        """Refuse an answer in which a claim is missing.

        Raises:
            Rejected: CLAIM_MISSING.
        """
        if self.missing:
            first = self.missing[0]
            path = ".".join("*" if part is None else str(part) for part in first.pointer)
            raise Rejected(
                Reason.CLAIM_MISSING, f"expected claim {path} in the credential for {first.query_id}"
            )


def check_answer(query: DcqlQuery, presented: Mapping[str, Sequence[Presented]]) -> CheckedAnswer:
    """The answer, if it holds what the query asks for and nothing more.

    Raises:
        Rejected: CREDENTIAL_NOT_REQUESTED, CREDENTIAL_MISSING, HOLDER_BINDING_INVALID, CERTIFICATE_NOT_TRUSTED or
            CLAIM_NOT_REQUESTED.
    """
    missing: list[MissingClaim] = []
    # 1. Entries answer credential queries, once where `multiple` is not set (section 8.1).
    for query_id, presentations in presented.items():
        asked = query.credential(query_id)
        if asked is None:
            raise Rejected(Reason.CREDENTIAL_NOT_REQUESTED, "expected only credentials that the query names")
        if not presentations:
            raise Rejected(
                Reason.CREDENTIAL_MISSING, f"expected a presentation for {query_id}, got an empty array"
            )
        if len(presentations) > 1 and not asked.multiple:
            raise Rejected(Reason.CREDENTIAL_NOT_REQUESTED, f"expected one presentation for {query_id}")
        # 2. Each is of the kind that was asked for, with holder binding, and shows nothing else.
        for each in presentations:
            _check_kind(asked, each)
            _check_authority(asked, each)
            _check_disclosed(asked, each)
            missing.extend(MissingClaim(query_id, claim.pointer) for claim in _missing_claims(asked, each))
    # 3. Together they satisfy the query (section 6.4.2).
    _check_sets(query, frozenset(presented))
    return CheckedAnswer({name: tuple(each) for name, each in presented.items()}, tuple(missing))


def _check_kind(asked: CredentialQuery, each: Presented) -> None:
    if each.format != asked.format or each.vct not in (asked.meta.vct_values or ()):
        raise Rejected(
            Reason.CREDENTIAL_NOT_REQUESTED, f"expected a credential of the type asked for as {asked.id}"
        )
    if asked.require_cryptographic_holder_binding and not each.holder_bound:
        raise Rejected(
            Reason.HOLDER_BINDING_INVALID, f"expected holder binding in the credential for {asked.id}"
        )


def _check_authority(asked: CredentialQuery, each: Presented) -> None:
    """One authority of the list is enough; a type of authority that is not known here is met by nothing (section 6.1.1)."""
    if asked.trusted_authorities is None:
        return
    for authority in asked.trusted_authorities:
        if authority.type == AUTHORITY_KEY_IDENTIFIER and not each.authorities.isdisjoint(authority.values):
            return
    raise Rejected(
        Reason.CERTIFICATE_NOT_TRUSTED,
        f"expected the credential for {asked.id} to be certified by an authority that was asked for",
    )


def _check_disclosed(asked: CredentialQuery, each: Presented) -> None:
    pointers = [claim.pointer for claim in asked.claims or ()]
    if not all(covered_by_any(pointers, place) for place in each.disclosed):
        raise Rejected(Reason.CLAIM_NOT_REQUESTED, f"more is disclosed than was asked for as {asked.id}")


def _missing_claims(asked: CredentialQuery, each: Presented) -> tuple[ClaimsQuery, ...]:
    """Nothing if one combination of claims is there, else what the preferred combination lacks."""
    lacking = [
        tuple(claim for claim in option if not _is_shown(claim, each)) for option in asked.claim_options()
    ]
    return () if () in lacking else lacking[0]


def _is_shown(claim: ClaimsQuery, each: Presented) -> bool:
    """Whether the pointer selects something; an index counts as "an element", since hidden ones leave no gap."""
    pointer = tuple(None if isinstance(part, int) else part for part in claim.pointer)
    try:
        resolve(each.claims, pointer)
    except Malformed:
        return False
    return True


def _check_sets(query: DcqlQuery, answered: frozenset[str]) -> None:
    if query.credential_sets is None:
        wanted = {each.id for each in query.credentials}
        if not wanted <= answered:
            raise Rejected(
                Reason.CREDENTIAL_MISSING, f"expected a credential for {', '.join(sorted(wanted - answered))}"
            )
        return
    for each in query.credential_sets:
        if each.required and not any(set(option) <= answered for option in each.options):
            raise Rejected(
                Reason.CREDENTIAL_MISSING, "expected the credentials of one option of a required set"
            )
