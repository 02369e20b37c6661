"""base58btc, with and without the multibase prefix ``z`` (draft-multiformats-multibase, draft-msporny-base58)."""

from __future__ import annotations

from typing import Final

from passport.errors import Malformed

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_CHARACTERS: Final = 512
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def base58btc_encode(raw: bytes) -> str:
    """The text; each leading zero byte is a ``1``."""
    number = int.from_bytes(raw)
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\x00"))) + digits


def base58btc_decode(text: str) -> bytes:
    """The bytes.

    Raises:
        Malformed: another alphabet, or too long (decoding is quadratic).
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed(f"expected base58 of at most {MAX_CHARACTERS} characters, got {len(text)}")
    number = 0
    for character in text:
        if character not in _VALUES:
            raise Malformed("expected base58: a character is not of its alphabet")
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\x00" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multibase_encode(raw: bytes) -> str:
    """``z`` and base58btc."""
    return "z" + base58btc_encode(raw)


def multibase_decode(text: str) -> bytes:
    """The bytes of multibase text.

    Raises:
        Malformed: not base58btc with its prefix.
    """
    if not text.startswith("z"):
        raise Malformed("expected multibase base58btc: z first")
    return base58btc_decode(text[1:])
