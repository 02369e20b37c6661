"""The claims of a copy that are always open (design section 9): where its status, anchor and handle are.

Read only from what an issuer signed; their meaning is judged by the later steps. Leaves out the disclosable claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.clock import from_epoch
from passport.errors import Malformed
from passport.identifiers import Address, DidEthr, Handle, Vct
from passport.jose import b64u_decode
from passport.strict_json import JsonObject, find_integer, find_object, get_integer, get_object, get_text
from verifier.evidence import AnchorReference, FraudReference, StatusReference

_SALT_BYTES: Final = 32
_HANDLE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class OpenClaims:
    """Always readable, never hidden."""

    iss: str
    vct: Vct
    issued_at: datetime
    expires_at: datetime | None
    status: StatusReference
    anchor: AnchorReference | None
    fraud: FraudReference | None


def read_open_claims(claims: JsonObject) -> OpenClaims:
    """The open claims among signed ones.

    Raises:
        Malformed: one that must be there is missing, or one is not of its form.
    """
    expires = find_integer(claims, "exp")
    status = get_object(get_object(claims, "status"), "status_list")
    index = get_integer(status, "idx")
    if index < 0:
        raise Malformed("expected a status index of zero or more")
    return OpenClaims(
        iss=get_text(claims, "iss"),
        vct=Vct(get_text(claims, "vct")),
        issued_at=from_epoch(get_integer(claims, "iat")),
        expires_at=None if expires is None else from_epoch(expires),
        status=StatusReference(uri=get_text(status, "uri"), index=index),
        anchor=_anchor(find_object(claims, "anchor")),
        fraud=_fraud(find_object(claims, "fraud")),
    )


def _anchor(anchor: JsonObject | None) -> AnchorReference | None:
    if anchor is None:
        return None
    salt = b64u_decode(get_text(anchor, "salt"))
    if len(salt) != _SALT_BYTES:
        raise Malformed(f"expected an anchor salt of {_SALT_BYTES} bytes, got {len(salt)}")
    return AnchorReference(
        chain_id=get_integer(anchor, "chain_id"),
        registry=Address(get_text(anchor, "registry")),
        salt=salt,
        due=from_epoch(get_integer(anchor, "due")),
    )


def _fraud(fraud: JsonObject | None) -> FraudReference | None:
    if fraud is None:
        return None
    handle = get_text(fraud, "handle")
    if len(b64u_decode(handle)) < _HANDLE_BYTES:
        raise Malformed(f"expected a handle of at least {_HANDLE_BYTES} bytes")
    return FraudReference(hub=DidEthr.parse(get_text(fraud, "hub")), handle=Handle(handle))
