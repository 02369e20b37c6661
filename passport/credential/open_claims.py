"""The open claims of a copy: written by the issuer, read by wallet, hub and verifier.

Times are NumericDates (RFC 7519 section 2); ``status`` is that of Token Status List section 6; ``cnf`` that of RFC
7800; ``fraud`` and ``anchor`` are ours (design section 9). Reading judges shape only: whether a salt leads to an
anchored leaf, or a list says valid, is for the verifier's steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from passport.clock import from_epoch, to_epoch
from passport.disclosable import ClaimPath, ClaimTree
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.identifiers import Address, DidEthr, Handle, Vct
from passport.jose import PublicJwk, b64u_decode, b64u_encode
from passport.strict_json import (
    JsonObject,
    JsonValue,
    find_object,
    get_integer,
    get_number,
    get_object,
    get_text,
)

MAX_LIFETIME: Final = timedelta(days=90)
SALT_BYTES: Final = 32
MIN_HANDLE_BYTES: Final = 16
MAX_URI: Final = 2_048


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where the copy's status is."""

    uri: str
    index: int

    def __post_init__(self) -> None:
        """A place in a list."""
        if self.index < 0 or not 0 < len(self.uri) <= MAX_URI:
            raise Malformed("expected a status list URI and an index of zero or more")


@dataclass(frozen=True, slots=True)
class FraudReference:
    """The handle under which a hub knows the accounts that are proven."""

    hub: DidEthr
    handle: Handle

    def __post_init__(self) -> None:
        """Unguessable."""
        if len(b64u_decode(self.handle)) < MIN_HANDLE_BYTES:
            raise Malformed(f"expected a handle of at least {MIN_HANDLE_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class AnchorTerms:
    """Where the copy's leaf will be anchored, its salt, and by when."""

    chain_id: int
    registry: Address
    salt: bytes
    due: datetime

    def __post_init__(self) -> None:
        """Salted so that nobody can guess the leaf (T44)."""
        if self.chain_id < 1 or len(self.salt) != SALT_BYTES:
            raise Malformed(f"expected a chain id and a salt of {SALT_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class OpenClaims:
    """What a copy says in the open."""

    issuer: str
    issued_at: datetime
    expires_at: datetime
    vct: Vct
    holder_key: PublicJwk
    status: StatusReference
    anchor: AnchorTerms
    fraud: FraudReference | None = None

    def __post_init__(self) -> None:
        """Validity of at most 90 days (domain section 5)."""
        if not timedelta() < self.expires_at - self.issued_at <= MAX_LIFETIME:
            raise Malformed(f"expected a validity of more than zero and at most {MAX_LIFETIME.days} days")

    def to_claims(self) -> dict[str, JsonValue]:
        """The claims as they are signed."""
        claims: dict[str, JsonValue] = {
            "iss": self.issuer,
            "iat": to_epoch(self.issued_at),
            "exp": to_epoch(self.expires_at),
            "vct": self.vct,
            "cnf": {"jwk": self.holder_key.to_json()},
            "status": {"status_list": {"idx": self.status.index, "uri": self.status.uri}},
            "anchor": {
                "chain_id": self.anchor.chain_id,
                "registry": str(self.anchor.registry),
                "salt": b64u_encode(self.anchor.salt),
                "due": to_epoch(self.anchor.due),
            },
        }
        if self.fraud is not None:
            claims["fraud"] = {"hub": str(self.fraud.hub), "handle": self.fraud.handle}
        return claims

    @classmethod
    def read(cls, claims: JsonObject) -> OpenClaims:
        """The open claims among those that an issuer signed; others are left alone.

        Raises:
            Malformed: one is missing or not of its form.
        """
        status = get_object(get_object(claims, "status"), "status_list")
        anchor = get_object(claims, "anchor")
        fraud = find_object(claims, "fraud")
        return cls(
            issuer=get_text(claims, "iss"),
            issued_at=from_epoch(get_number(claims, "iat")),
            expires_at=from_epoch(get_number(claims, "exp")),
            vct=Vct(get_text(claims, "vct")),
            holder_key=PublicJwk.from_json(get_object(get_object(claims, "cnf"), "jwk")),
            status=StatusReference(get_text(status, "uri"), get_integer(status, "idx")),
            anchor=AnchorTerms(
                get_integer(anchor, "chain_id"),
                Address(get_text(anchor, "registry")),
                b64u_decode(get_text(anchor, "salt")),
                from_epoch(get_number(anchor, "due")),
            ),
            fraud=None
            if fraud is None
            else FraudReference(DidEthr.parse(get_text(fraud, "hub")), Handle(get_text(fraud, "handle"))),
        )


ALWAYS_OPEN: Final = frozenset({"iss", "iat", "exp", "vct", "cnf", "status", "anchor", "fraud"})
"""What decides whether, when and by whom a copy counts; the hub, which sees no disclosure, must read it, too."""


def require_open(disclosed: Iterable[ClaimPath]) -> None:
    """No open claim, and nothing inside one, was hidden and then disclosed.

    Raises:
        Rejected: DISCLOSURE_INVALID.
    """
    hidden = sorted({str(path[0]) for path in disclosed if path[0] in ALWAYS_OPEN})
    if hidden:
        raise Rejected(Reason.DISCLOSURE_INVALID, f"expected {', '.join(hidden)} as open claims")


def claims_to_sign(open_claims: OpenClaims, disclosable: Mapping[str, ClaimTree]) -> dict[str, ClaimTree]:
    """A copy's whole claims, for ``passport.sd_jwt.issue``.

    Raises:
        Misconfigured: a disclosable claim has the name of an open one and would replace it.
    """
    opened = open_claims.to_claims()
    clashing = sorted(opened.keys() & disclosable.keys())
    if clashing:
        raise Misconfigured(f"expected disclosable claims other than {', '.join(clashing)}")
    return {**opened, **disclosable}
