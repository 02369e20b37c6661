"""A token: the name of an account or a person at the hub, in one epoch.

Written ``<epoch>.<base64url of 32 bytes>``, so that a token says which key made it and tokens of two epochs never
compare equal. How one is made is the hub's own room's; here it is only a word.
"""

from __future__ import annotations

import re
from typing import Annotated, NewType

from pydantic import StringConstraints

from passport.errors import Malformed
from passport.jose import b64u_decode, b64u_encode

Token = NewType("Token", str)

TOKEN_PATTERN = r"^[1-9][0-9]{0,5}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"  # noqa: S105 - a pattern, not a secret
"""The last character stands for four bits and two zeros: a second spelling of the same bytes would never match."""
TokenText = Annotated[Token, StringConstraints(pattern=TOKEN_PATTERN)]
"""A token as a member of a message."""

_PATTERN = re.compile(TOKEN_PATTERN)


def make_token(epoch: int, raw: bytes) -> Token:
    """The token of 32 bytes made under the key of ``epoch``."""
    return read_token(f"{epoch}.{b64u_encode(raw)}")


def read_token(text: str) -> Token:
    """A token from text.

    Raises:
        Malformed: it is not ``<epoch>.<base64url of 32 bytes>``.
    """
    if not _PATTERN.fullmatch(text):
        raise Malformed("expected a token: an epoch, a dot and 32 bytes in base64url")
    b64u_decode(text.partition(".")[2])  # refuses what is not canonical
    return Token(text)


def epoch_of(token: Token) -> int:
    """The epoch whose key made the token."""
    return int(token.partition(".")[0])
