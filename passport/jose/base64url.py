"""base64url without padding (RFC 4648 section 5, RFC 7515 section 2), one spelling for each byte string."""

from __future__ import annotations

import base64
import binascii

from passport.errors import Malformed


def b64u_encode(raw: bytes) -> str:
    """The text, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def b64u_decode(text: str) -> bytes:
    """The bytes.

    Raises:
        Malformed: padding, another alphabet, white space, or stray bits in the last character.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Malformed("expected base64url") from error
    # The decoder skips what it does not know; writing it again shows whether it skipped anything.
    if b64u_encode(raw) != text:
        raise Malformed("expected canonical base64url without padding")
    return raw
