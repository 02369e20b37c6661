"""Reading an SD-JWT without judging it (RFC 9901 section 4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from passport.errors import Malformed
from passport.jose import UnverifiedJws, parse_compact
from passport.strict_json import JsonObject, Limits

_TOKEN_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class SdJwtLimits:
    """How much of an SD-JWT is read before giving up; every bound is inclusive."""

    size: int = 256 * 1024
    """Characters of the whole text."""
    disclosures: int = 256
    depth: int = 24
    """Members and elements inside one another, once disclosures are in their places."""
    token: Limits = _TOKEN_LIMITS
    """Of the issuer-signed JWT, of the KB-JWT and of each disclosure."""


_DEFAULT_LIMITS = SdJwtLimits()


@dataclass(frozen=True, slots=True)
class ReceivedSdJwt:
    """An SD-JWT that was read and not judged. Disclosures stay text until a signature vouches for their digest."""

    text: str
    issuer_jwt_text: str
    issuer_jwt: UnverifiedJws
    disclosures: tuple[str, ...]
    key_binding_jwt: str | None
    limits: SdJwtLimits

    @property
    def unverified_header(self) -> JsonObject:
        """The issuer-signed JWT's header: where its x5c is."""
        return self.issuer_jwt.unverified_header

    @property
    def bound_text(self) -> str:
        """Everything before the KB-JWT, the last tilde included."""
        return self.text[: len(self.text) - len(self.key_binding_jwt or "")]

    @property
    def credential_hash(self) -> bytes:
        """SHA-256 of the issuer-signed JWT's signing input."""
        return hashlib.sha256(self.issuer_jwt.signing_input).digest()


def parse(text: str, limits: SdJwtLimits = _DEFAULT_LIMITS) -> ReceivedSdJwt:
    """Separate the issuer-signed JWT, the disclosures and the KB-JWT (RFC 9901 section 7.1, step 1).

    Raises:
        Malformed: it has no tilde, an empty disclosure, an unreadable JWT, or passes a limit.
    """
    if len(text) > limits.size:
        raise Malformed(f"expected an SD-JWT of at most {limits.size} characters, got {len(text)}")
    if not text.isascii():
        raise Malformed("expected an SD-JWT of ASCII characters")
    issuer_jwt_text, *disclosures = text.split("~")
    if not disclosures:
        raise Malformed("expected an SD-JWT, got text without a tilde")
    key_binding_jwt = disclosures.pop()
    if len(disclosures) > limits.disclosures:
        raise Malformed(f"expected at most {limits.disclosures} disclosures, got {len(disclosures)}")
    if "" in disclosures:
        raise Malformed("expected disclosures, got an empty one")
    return ReceivedSdJwt(
        text=text,
        issuer_jwt_text=issuer_jwt_text,
        issuer_jwt=parse_compact(issuer_jwt_text, limits.token),
        disclosures=tuple(disclosures),
        key_binding_jwt=key_binding_jwt or None,
        limits=limits,
    )
