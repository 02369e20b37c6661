"""What every signed message to and from the hub has in common, and how one is sealed and opened.

The header carries the signer's ``jwk`` and its RFC 7638 thumbprint as ``kid``; the key counts only because the
TrustRegistry has that thumbprint for the DID in ``iss``, now. Leaves out grants: what a signer may *do* is judged by
who acts on the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Generic, Protocol, TypeVar

from pydantic import StringConstraints

from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from passport.fraud.names import LEEWAY, MAX_AGE
from passport.identifiers import Address, DidEthr
from passport.jose import (
    PublicJwk,
    Signer,
    b64u_decode,
    b64u_encode,
    parse_compact,
)
from passport.keys import TokenType, sign_token, verify_token
from passport.messages import DidText, Message, NumericDate
from passport.registry import ParticipantKey, require_key_at
from passport.strict_json import JsonObject, Limits, get_object, get_text

_MESSAGE_LIMITS = Limits(size=192 * 1024)

Identifier = Annotated[str, StringConstraints(min_length=16, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$")]
"""A random or composed name of one message."""


class Envelope(Message):
    """Who says it, to whom, when, and under which name."""

    iss: DidText
    aud: DidText
    iat: NumericDate
    jti: Identifier


M = TypeVar("M", bound=Envelope)


class KeyBook(Protocol):
    """The TrustRegistry's signing keys, as a caller of this module hands them in."""

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        """The key that ``who`` wrote under this thumbprint, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Opened(Generic[M]):
    """A message whose signature, signer's key, audience and age were checked; only :func:`open_sealed` makes one."""

    message: M
    signer: DidEthr
    signing_input: bytes
    header: JsonObject


def seal(message: Envelope, *, typ: TokenType, signer: Signer, x5c: tuple[str, ...] = ()) -> str:
    """The message as a signed token."""
    jwk = signer.public_jwk
    header: dict[str, str | tuple[str, ...] | dict[str, str]] = {
        "kid": b64u_encode(jwk.thumbprint()),
        "jwk": jwk.to_json(),
    }
    if x5c:
        header["x5c"] = x5c
    return sign_token(kind=typ, payload=message.to_object(), signer=signer, header=header)


def open_sealed(
    token: str,
    *,
    typ: TokenType,
    kind: type[M],
    keys: KeyBook,
    audience: DidEthr,
    at: datetime,
    max_age: timedelta = MAX_AGE,
) -> Opened[M]:
    """Check a signed message.

    1. Its type, its algorithm, and its signature by the key in its header (RFC 7515).
    2. ``kid`` is that key's thumbprint (RFC 7638).
    3. It has the form of ``kind``, and is meant for ``audience`` (RFC 7519 section 4.1.3).
    4. It is at most ``max_age`` old and not from the future (leeway one minute).
    5. The TrustRegistry has that key for the DID in ``iss``, now, and it is not stolen.

    Raises:
        Malformed: it cannot be read. Rejected: with the step's reason. Unavailable: the registry cannot be read.
    """
    unverified = parse_compact(token, _MESSAGE_LIMITS)
    key = PublicJwk.from_json(get_object(unverified.unverified_header, "jwk"))
    verified = verify_token(unverified, kind=typ, key=key, limits=_MESSAGE_LIMITS)
    thumbprint = key.thumbprint()
    if b64u_decode(get_text(verified.header, "kid")) != thumbprint:
        raise Rejected(Reason.KEY_UNKNOWN, "expected kid to be the thumbprint of the key in the header")
    message = kind.read(verified.payload)
    if message.aud != str(audience):
        raise Rejected(Reason.AUDIENCE_MISMATCH, "expected a message to this audience, got another")
    require_age(message.iat, at=at, max_age=max_age)
    signer = DidEthr.parse(message.iss)
    if signer.chain_id != audience.chain_id:
        raise Rejected(Reason.WRONG_CHAIN, "expected a signer on the audience's own chain")
    try:
        require_key_at(keys.signing_key(signer.address, thumbprint), at=at)
    except Rejected as refused:
        raise Rejected(
            Reason.KEY_UNKNOWN, "expected a key that the registry has for this signer now"
        ) from refused
    return Opened(message, signer, verified.signing_input, verified.header)


def require_age(issued_at: int, *, at: datetime, max_age: timedelta) -> None:
    """Refuse what is too old or from the future.

    Raises:
        Rejected: EXPIRED or NOT_YET_VALID.
    """
    now = to_epoch(at)
    if issued_at > now + LEEWAY.total_seconds():
        raise Rejected(Reason.NOT_YET_VALID, f"expected an iat of at most {from_epoch(now).isoformat()}")
    if issued_at + max_age.total_seconds() < now:
        raise Rejected(Reason.EXPIRED, f"expected a message of at most {int(max_age.total_seconds())} s")
