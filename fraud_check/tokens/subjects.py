"""What a token is a token of: an account or a person, written in exactly one way.

Token input = HMAC-SHA-256(consortium key, kind ‖ canonical text). The kinds are no prefixes of one another, so the
concatenation is unambiguous. Canonical text: an account is ``TW:<bank>:<branch>:<number>`` (Taiwan has no IBAN) or an
IBAN without spaces; a person is ``<country>:<national id>``. The keyed value alone would be reversible by whoever
holds the consortium key, which is every member: the hub's own key, applied obliviously, is what stops that.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum

from passport.errors import Malformed, Misconfigured

_TAIWAN_ACCOUNT = re.compile(r"TW:[0-9]{3}:[0-9]{4}:[0-9]{10,16}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_PERSON = re.compile(r"[A-Z]{2}:[A-Z0-9]{4,24}")
_KEY_SIZE = 32


class TokenKind(StrEnum):
    """Separate domains: an account's token never equals a person's."""

    ACCOUNT = "account"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """One account or person in canonical text; it stays inside the bank that knows it."""

    kind: TokenKind
    canonical_text: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse every second way to write the same thing."""
        text = self.canonical_text
        if self.kind is TokenKind.ACCOUNT:
            good = _TAIWAN_ACCOUNT.fullmatch(text) or _IBAN.fullmatch(text)
        else:
            good = _PERSON.fullmatch(text)
        if not good:
            raise Malformed(
                f"expected the canonical text of one {self.kind} in capital letters, without spaces"
            )


def account_subject(text: str) -> TokenSubject:
    """An account from ``TW:822:0001:000012345678`` or an IBAN; spaces are dropped and letters made capital.

    Raises:
        Malformed: it is neither.
    """
    return TokenSubject(TokenKind.ACCOUNT, re.sub(r"[ -]", "", text).upper())


def person_subject(country: str, national_id: str) -> TokenSubject:
    """A person by the issuing country and the national id.

    Raises:
        Malformed: either is not what it should be.
    """
    return TokenSubject(TokenKind.PERSON, f"{country.upper()}:{re.sub(r'[ -]', '', national_id).upper()}")


@dataclass(frozen=True, slots=True)
class ConsortiumKey:
    """The key that every member bank and the police hold, and the hub does not."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Insist on full strength."""
        if len(self.raw) != _KEY_SIZE:
            raise Misconfigured(f"expected a consortium key of {_KEY_SIZE} bytes, got {len(self.raw)}")

    def token_input(self, subject: TokenSubject) -> bytes:
        """The 32 bytes that enter the oblivious PRF."""
        message = subject.kind.value.encode() + subject.canonical_text.encode()
        return hmac.new(self.raw, message, hashlib.sha256).digest()
