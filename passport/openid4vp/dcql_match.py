"""What a wallet may send for a DCQL query (OpenID4VP 1.0 section 6.4).

Least disclosure wins wherever the text leaves a choice: the first satisfiable claim set and option, no optional
credential set unless the holder wants it, and of a path with nulls only the elements whose value is accepted.
Nothing is ever returned for a credential that cannot give all that was asked (section 6.4.1). Leaves out which of
several fitting credentials is used: that is the holder's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from passport.errors import Malformed, Reason, Rejected
from passport.openid4vp.claims_path import Place, is_array, resolve
from passport.openid4vp.dcql import ClaimsQuery, CredentialQuery, DcqlQuery
from passport.openid4vp.names import SD_JWT_VC
from passport.strict_json import JsonObject, JsonValue

AUTHORITY_KEY_IDENTIFIER = "aki"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A credential that the wallet holds. ``reference`` is the wallet's own name for it.

    ``claims`` are all claims, as they would read if everything were disclosed. ``authority_key_ids`` are the
    base64url AuthorityKeyIdentifiers of its certificate chain.
    """

    reference: str
    format: str
    vct: str
    claims: JsonObject
    holder_bound: bool = True
    authority_key_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pick:
    """A fitting credential and the places that it would disclose, contents included."""

    candidate: Candidate
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Match:
    """What the wallet can answer: per credential query the picks it may choose from.

    Where ``multiple`` is not set, exactly one pick is to be sent.
    """

    picks: Mapping[str, tuple[Pick, ...]]
    optional: Mapping[str, tuple[Pick, ...]] = field(default_factory=dict)
    """For credential sets that are not required: the holder may add them."""


def match(query: DcqlQuery, candidates: Sequence[Candidate]) -> Match:
    """The credentials and claims that answer ``query``.

    Raises:
        Rejected: NOTHING_TO_SHOW, a required credential cannot be given; then nothing at all may be sent.
    """
    # 1. Credentials that fit no credential query are treated as if they did not exist (section 6.4.2).
    fitting = {each.id: tuple(picks_for(each, candidates)) for each in query.credentials}
    available = {name: picks for name, picks in fitting.items() if picks}
    # 2. Without credential sets every credential query must be answered.
    if query.credential_sets is None:
        if len(available) < len(fitting):
            raise _nothing(sorted(set(fitting) - set(available)))
        return Match(available)
    # 3. Otherwise all required sets must be, each by its first option that can be given; others are an offer.
    required: set[str] = set()
    optional: set[str] = set()
    for each in query.credential_sets:
        option = next((option for option in each.options if set(option) <= set(available)), None)
        if option is not None:
            (required if each.required else optional).update(option)
        elif each.required:
            raise _nothing(sorted({name for option in each.options for name in option} - set(available)))
    return Match(
        {name: picks for name, picks in available.items() if name in required},
        {name: picks for name, picks in available.items() if name in optional - required},
    )


def _nothing(missing: Iterable[str]) -> Rejected:
    return Rejected(Reason.NOTHING_TO_SHOW, f"no credential answers the query for {', '.join(missing)}")


def picks_for(query: CredentialQuery, candidates: Sequence[Candidate]) -> Iterable[Pick]:
    """The credentials that answer one credential query, with what they would disclose."""
    for candidate in candidates:
        if not is_of_the_kind(query, candidate):
            continue
        places = next(
            (found for option in query.claim_options() if (found := _places(option, candidate)) is not None),
            None,
        )
        if places is not None:
            yield Pick(candidate, places)


def is_of_the_type(query: CredentialQuery, candidate: Candidate) -> bool:
    """Format and type."""
    if query.format != candidate.format or query.format != SD_JWT_VC:
        return False
    return candidate.vct in (query.meta.vct_values or ())


def is_of_the_kind(query: CredentialQuery, candidate: Candidate) -> bool:
    """Format, type, holder binding and authority (section 6.1.1), but not yet claims.

    One authority of the list is enough; a type of authority that this wallet does not know is met by nothing.
    """
    if not is_of_the_type(query, candidate):
        return False
    if query.require_cryptographic_holder_binding and not candidate.holder_bound:
        return False
    return query.trusted_authorities is None or any(
        authority.type == AUTHORITY_KEY_IDENTIFIER
        and not candidate.authority_key_ids.isdisjoint(authority.values)
        for authority in query.trusted_authorities
    )


def _places(claims: Sequence[ClaimsQuery], candidate: Candidate) -> frozenset[Place] | None:
    """The places that answer all ``claims``, or None where the credential lacks one of them."""
    places: set[Place] = set()
    for claim in claims:
        try:
            elements = resolve(candidate.claims, claim.pointer)
        except Malformed:
            return None
        accepted = [element for element in elements if claim.accepts(element.value)]
        if not accepted:
            return None
        for element in accepted:
            places.update(_with_contents(element.place, element.value))
    return frozenset(places)


def _with_contents(place: Place, value: JsonValue) -> Iterable[Place]:
    """An object or array is asked for with what is in it, however it was made disclosable."""
    yield place
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _with_contents((*place, name), member)
    elif is_array(value):
        for index, item in enumerate(value):
            yield from _with_contents((*place, index), item)
