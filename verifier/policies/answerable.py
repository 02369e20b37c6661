"""Whether a policy can be met at all: its query against the types that it names, and its rules against its query.

A query for a claim that a type never has, or for a value that it never holds, is answered by nobody, and every holder
hears "nothing to show" without a word about why. So such a file stops the start, and the words say which line to mend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum, auto
from typing import Final

from passport.claims import TypeMetadata, type_metadata
from passport.claims.accounts import AccountScheme, Ownership
from passport.claims.identity import AssuranceLevel, DocumentType
from passport.claims.proof_of_funds import FundsKind
from passport.errors import Malformed, Rejected
from passport.identifiers import Vct
from passport.jose import b64u_decode
from passport.openid4vp import ClaimsQuery, CredentialQuery, Pointer
from passport.openid4vp.dcql import TrustedAuthority
from passport.openid4vp.dcql_match import AUTHORITY_KEY_IDENTIFIER
from passport.openid4vp.names import SD_JWT_VC
from verifier.policies.model import Policy


class Kind(Enum):
    """What a claim holds, as far as a rule or a value in a query must know it."""

    TEXT = auto()
    DATE = auto()
    TIME = auto()
    BOOLEAN = auto()
    RUNG = auto()
    """A threshold: true or absent."""
    STRUCTURE = auto()
    """An object or an array, which no value of a query can equal."""


_DATES: Final = frozenset({"birth_date", "expiry", "opened_on", "customer_since"})
_TIMES: Final = frozenset({"as_of", "held_until"})
_MONEY: Final = frozenset(
    {"balance", "available", "average_3m", "average_6m", "min28d", "months_3", "months_6", "liabilities",
     "equivalent", "by_currency"}
)  # fmt: skip
_CLOSED: Final[Mapping[Pointer, frozenset[str]]] = {
    ("kind",): frozenset(FundsKind),
    ("accounts", None, "scheme"): frozenset(AccountScheme),
    ("accounts", None, "ownership"): frozenset(Ownership),
    ("account", "scheme"): frozenset(AccountScheme),
    ("account", "ownership"): frozenset(Ownership),
    ("document", "type"): frozenset(DocumentType),
    ("assurance_level",): frozenset(AssuranceLevel),
}
_DATE_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def require_answerable(policy: Policy) -> None:
    """Refuse a policy that no credential of its types could ever meet.

    Raises:
        Malformed: in words for the one who writes policies.
    """
    for query in policy.dcql_query.credentials:
        _require_query(query)
    _require_rules(policy)


def _require_query(query: CredentialQuery) -> None:
    if query.format != SD_JWT_VC:
        raise Malformed(
            f"query {query.id}: expected the format {SD_JWT_VC}, which is all that is verified here"
        )
    if not query.require_cryptographic_holder_binding:
        raise Malformed(f"query {query.id}: expected holder binding, without which every answer is refused")
    for authority in query.trusted_authorities or ():
        _require_authority(query, authority)
    claims = query.claims or ()
    paths = [claim.path for claim in claims]
    if len(set(paths)) != len(paths):
        raise Malformed(f"query {query.id}: expected each path once")
    for vct in query.meta.vct_values or ():
        try:
            known = type_metadata(Vct(vct))
        except Rejected as error:
            raise Malformed(
                f"query {query.id}: expected a type that this program knows, got {vct}"
            ) from error
        for claim in claims:
            _require_claim(query, known, claim)


def _require_authority(query: CredentialQuery, authority: TrustedAuthority) -> None:
    """Of a type that is checked here: what a wallet alone keeps to is no rule."""
    if authority.type != AUTHORITY_KEY_IDENTIFIER:
        raise Malformed(
            f"query {query.id}: expected trusted_authorities of the type {AUTHORITY_KEY_IDENTIFIER}, got {authority.type}"
        )
    for value in authority.values:
        try:
            b64u_decode(value)
        except Malformed as error:
            raise Malformed(
                f"query {query.id}: expected key identifiers in base64url, got {value}"
            ) from error


def _require_claim(query: CredentialQuery, known: TypeMetadata, claim: ClaimsQuery) -> None:
    if known.claim(claim.path) is None:
        raise Malformed(
            f"query {query.id}: {known.vct} never has the claim {_named(claim.path)}; "
            f"expected one of {', '.join(_named(each.path) for each in known.claims)}"
        )
    kind = kind_of(known, claim.path)
    for value in claim.values or ():
        if not _possible(kind, claim.path, value):
            raise Malformed(f"query {query.id}: the claim {_named(claim.path)} never has the value {value!r}")


def kind_of(known: TypeMetadata, path: Pointer) -> Kind:
    """What a claim of a type holds."""
    pattern = tuple(None if isinstance(part, int) else part for part in path)
    last = pattern[-1]
    if pattern[0] == "thresholds" and len(pattern) == len(("thresholds", "of what", "rung")):
        return Kind.RUNG
    if last in _MONEY or any(
        len(each.path) > len(pattern) and each.path[: len(pattern)] == pattern for each in known.claims
    ):
        return Kind.STRUCTURE
    if last in _DATES:
        return Kind.DATE
    if last in _TIMES:
        return Kind.TIME
    return Kind.BOOLEAN if last == "any_joint" else Kind.TEXT


def _possible(kind: Kind, path: Pointer, value: object) -> bool:
    closed = _CLOSED.get(tuple(None if isinstance(part, int) else part for part in path))
    match kind:
        case Kind.RUNG:
            return value is True
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.TEXT:
            return isinstance(value, str) and bool(value) and (closed is None or value in closed)
        case Kind.DATE:
            return isinstance(value, str) and bool(_DATE_FORM.fullmatch(value)) and _reads(date, value)
        case Kind.TIME:
            return isinstance(value, str) and value.endswith("Z") and _reads(datetime, value)
        case Kind.STRUCTURE:
            return False


def _reads(kind: type[date], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


def _require_rules(policy: Policy) -> None:
    identity, funds = policy.rules.identity, policy.rules.funds
    if identity.query == funds.query:
        raise Malformed("rules: expected identity and funds to be two credentials of the query")
    if len(set(funds.thresholds)) != len(funds.thresholds):
        raise Malformed("rules: expected each threshold once")
    wanted: list[tuple[str, str, tuple[str, ...], Kind]] = [
        ("identity.name", identity.query, identity.name, Kind.TEXT),
        ("identity.birth_date", identity.query, identity.birth_date, Kind.DATE),
        ("identity.document_expiry", identity.query, identity.document_expiry, Kind.DATE),
        ("funds.holder_name", funds.query, funds.holder_name, Kind.TEXT),
        ("funds.as_of", funds.query, funds.as_of, Kind.TIME),
        *(("funds.thresholds", funds.query, each, Kind.RUNG) for each in funds.thresholds),
    ]
    if funds.any_joint is not None:
        wanted.append(("funds.any_joint", funds.query, funds.any_joint, Kind.BOOLEAN))
    for rule, query_id, path, kind in wanted:
        query = policy.dcql_query.credential(query_id)
        for vct in (query.meta.vct_values if query is not None else None) or ():
            if kind_of(type_metadata(Vct(vct)), path) is not kind:
                raise Malformed(
                    f"rules: {rule}: expected a claim that holds a {kind.name.lower()}, got {_named(path)}"
                )
        if query is not None:
            _require_in_every_option(query, rule, path)
    for query_id in sorted(policy.rules.queries):
        _require_in_every_set(policy, query_id)


def _require_in_every_option(query: CredentialQuery, rule: str, path: tuple[str, ...]) -> None:
    """A claim that a wallet may leave out (section 6.4.1) can carry no rule."""
    if any(path not in {claim.path for claim in option} for option in query.claim_options()):
        raise Malformed(f"rules: {rule}: expected {_named(path)} in every claim set of query {query.id}")


def _require_in_every_set(policy: Policy, query_id: str) -> None:
    """A credential that a wallet may leave out (section 6.4.2) can carry no rule."""
    sets = policy.dcql_query.credential_sets
    if sets is None:
        return
    if not any(each.required and all(query_id in option for option in each.options) for each in sets):
        raise Malformed(f"rules: expected {query_id} in every option of a required credential set")


def _named(path: Pointer) -> str:
    return ".".join("*" if part is None else str(part) for part in path)
