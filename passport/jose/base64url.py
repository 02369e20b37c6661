"""base64url without padding (RFC 4648 section 5, RFC 7515 section 2), one spelling for each byte string."""

from __future__ import annotations

import binascii

from passport.errors import Malformed

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


def b64u_encode(raw: bytes) -> str:
    """The text, without padding."""
    return binascii.b2a_base64(raw, newline=False).translate(_TO_URL, b"=").decode()


def b64u_decode(text: str) -> bytes:
    """The bytes.

    Raises:
        Malformed: padding, another alphabet, white space, or stray bits in the last character.
    """
    try:
        raw = binascii.a2b_base64((text + "=" * (-len(text) % 4)).encode("ascii").translate(_FROM_URL))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Malformed("expected base64url") from error
    # The decoder skips what it does not know; writing it again shows whether it skipped anything.
    if b64u_encode(raw) != text:
        raise Malformed("expected canonical base64url without padding")
    return raw
