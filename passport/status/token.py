"""The signed list, and a credential's reference into it (draft sections 5.1, 6.2 and 8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Self

from passport.clock import from_epoch, to_epoch
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.jose import PublicJwk, Signer, UnverifiedJws, parse_compact
from passport.keys import TokenType, sign_token, verify_token
from passport.sd_jwt import check_validity
from passport.status.commitment import commitment, list_id_of
from passport.status.statuses import StatusList, StatusValue
from passport.strict_json import (
    JsonObject,
    Limits,
    find_number,
    get_integer,
    get_number,
    get_object,
    get_text,
)

TOKEN_LIMITS = Limits(size=2 * 1024 * 1024)
"""A million entries of two bits that do not compress take less than half of it."""

_MAX_LIFETIME = 366 * 24 * 3600
_NOTHING: JsonObject = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where a credential's status stands."""

    uri: str
    index: int

    @classmethod
    def from_claims(cls, claims: JsonObject) -> Self:
        """Read a credential's ``status`` claim.

        Raises:
            Malformed: it has no ``status_list`` with a URI and an index of zero or more.
        """
        reference = get_object(get_object(claims, "status"), "status_list")
        index = get_integer(reference, "idx")
        if index < 0:
            raise Malformed("expected a status index of zero or more")
        return cls(get_text(reference, "uri"), index)

    def to_json(self) -> JsonObject:
        """The ``status`` claim."""
        return {"status_list": {"idx": self.index, "uri": self.uri}}


@dataclass(frozen=True, slots=True)
class VerifiedStatusList:
    """A list that its issuer signed. Whether it is the newest, only the ledger tells."""

    uri: str
    version: int
    statuses: StatusList
    issued_at: datetime
    expires_at: datetime
    lifetime: timedelta | None
    """For how long a stranger may keep it (``ttl``)."""
    header: JsonObject

    @property
    def list_id(self) -> bytes:
        """Its name on the ledger."""
        return list_id_of(self.uri)

    @property
    def commitment(self) -> bytes:
        """What the ledger has of this version if the issuer published it."""
        return commitment(self.uri, self.statuses.bits, self.version, self.statuses.raw)

    def get(self, index: int) -> StatusValue:
        """See :meth:`StatusList.get`."""
        return self.statuses.get(index)


def sign_status_list(
    statuses: StatusList,
    *,
    uri: str,
    version: int,
    issued_at: datetime,
    expires_at: datetime,
    signer: Signer,
    lifetime: timedelta | None = None,
    header: JsonObject = _NOTHING,
) -> str:
    """The Status List Token of one version; ``header`` adds ``kid`` and ``x5c``."""
    payload: dict[str, JsonObject | str | int] = {
        "sub": uri,
        "iat": to_epoch(issued_at),
        "exp": to_epoch(expires_at),
        "version": version,
        "status_list": statuses.to_json(),
    }
    if lifetime is not None:
        payload["ttl"] = int(lifetime.total_seconds())
    return sign_token(kind=TokenType.STATUS_LIST, payload=payload, signer=signer, header=header)


def verify_status_list(
    token: str | UnverifiedJws, *, key: PublicJwk, uri: str, now: datetime, limits: Limits = TOKEN_LIMITS
) -> VerifiedStatusList:
    """Check a Status List Token by the issuer's key (draft section 8.3).

    1. Signature and type.
    2. ``sub`` is the address from which it was asked: no other list passes for it.
    3. It was issued and has not expired; an expired list is no answer, rather than a bad one.
    4. The list itself: width, compression, size.

    Raises:
        Malformed: it cannot be read. Rejected: as :func:`passport.jose.verify_compact`; STATUS_INVALID for step 2;
        NOT_YET_VALID. Unavailable: STATUS_STALE.
    """
    unverified = parse_compact(token, limits) if isinstance(token, str) else token
    jws = verify_token(unverified, kind=TokenType.STATUS_LIST, key=key, limits=limits)
    claims = jws.payload
    if get_text(claims, "sub") != uri:
        raise Rejected(Reason.STATUS_INVALID, "expected the status list of this address, got another")
    try:
        check_validity(claims, now)
    except Rejected as error:
        if error.reason is not Reason.EXPIRED:
            raise
        raise Unavailable(Reason.STATUS_STALE, "expected a status list that has not expired") from error
    version = get_integer(claims, "version")
    lifetime = find_number(claims, "ttl")
    if version < 0 or (lifetime is not None and not 0 <= lifetime <= _MAX_LIFETIME):
        raise Malformed(f"expected a version of zero or more and a ttl of 0 to {_MAX_LIFETIME}")
    return VerifiedStatusList(
        uri=uri,
        version=version,
        statuses=StatusList.from_json(get_object(claims, "status_list")),
        issued_at=from_epoch(get_number(claims, "iat")),
        expires_at=from_epoch(get_number(claims, "exp")),
        lifetime=None if lifetime is None else timedelta(seconds=lifetime),
        header=jws.header,
    )
