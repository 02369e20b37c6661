"""Why a wallet cannot answer a DCQL query, for its owner's eyes (OpenID4VP 1.0 section 6.4).

Nothing of this may reach whoever asks: section 6.4.1 has the wallet say nothing of a credential that cannot give all
that was asked. Leaves out credentials that the wallet sorts out before it matches, such as expired ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from passport.errors import Malformed
from passport.openid4vp.claims_path import resolve
from passport.openid4vp.dcql import ClaimsQuery, CredentialQuery, DcqlQuery
from passport.openid4vp.dcql_match import Candidate, is_of_the_kind, is_of_the_type, picks_for


class Lack(StrEnum):
    """What a credential query did not find."""

    TYPE = "type"
    """There is no credential of this format and type."""
    AUTHORITY = "authority"
    """There is one, certified by none of the authorities that are trusted."""
    HOLDER_BINDING = "holder_binding"
    CLAIM = "claim"
    """There is one, and it lacks a claim."""
    VALUE = "value"
    """The claim is there, and says something else than was asked for."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing that is missing; the candidate is the one that came nearest."""

    query: CredentialQuery
    lack: Lack
    candidate: Candidate | None = None
    claim: ClaimsQuery | None = None


def unmet(query: DcqlQuery, candidates: Sequence[Candidate]) -> tuple[Unmet, ...]:
    """What each required credential query lacks; nothing where each alone could be answered."""
    found = {each.id: _lacks(each, candidates) for each in query.credentials}
    if query.credential_sets is None:
        return tuple(lack for lacks in found.values() for lack in lacks)
    wanted: dict[str, None] = {}
    for each in query.credential_sets:
        if each.required and not any(all(not found[name] for name in option) for option in each.options):
            # The verifier's first choice is what the person would be asked to get.
            wanted |= dict.fromkeys(each.options[0])
    return tuple(lack for name in wanted for lack in found[name])


def _lacks(query: CredentialQuery, candidates: Sequence[Candidate]) -> tuple[Unmet, ...]:
    if any(True for _ in picks_for(query, candidates)):
        return ()
    typed = [each for each in candidates if is_of_the_type(query, each)]
    if not typed:
        return (Unmet(query, Lack.TYPE),)
    kind = [each for each in typed if is_of_the_kind(query, each)]
    if not kind:
        bound = not query.require_cryptographic_holder_binding or any(each.holder_bound for each in typed)
        return (Unmet(query, Lack.AUTHORITY if bound else Lack.HOLDER_BINDING, typed[0]),)
    option = query.claim_options()[0]
    # The nearest is the one that lacks least; of equals the first, which the caller put first.
    return min((_missing(query, each, option) for each in kind), key=len)


def _missing(
    query: CredentialQuery, candidate: Candidate, option: Sequence[ClaimsQuery]
) -> tuple[Unmet, ...]:
    lacks = ((claim, _lack_of(claim, candidate)) for claim in option)
    return tuple(Unmet(query, lack, candidate, claim) for claim, lack in lacks if lack is not None)


def _lack_of(claim: ClaimsQuery, candidate: Candidate) -> Lack | None:
    try:
        elements = resolve(candidate.claims, claim.pointer)
    except Malformed:
        return Lack.CLAIM
    return None if any(claim.accepts(each.value) for each in elements) else Lack.VALUE
