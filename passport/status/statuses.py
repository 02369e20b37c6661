"""The list itself: statuses of 1, 2, 4 or 8 bits, packed from the low bits up (draft section 4)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from passport.errors import Malformed
from passport.jose import b64u_decode, b64u_encode
from passport.strict_json import JsonObject, get_integer, get_text

MAX_SIZE = 2 * 1024 * 1024
"""Bytes of an uncompressed list that are read, inclusive."""

_BYTE = 8
_WIDTHS = frozenset({1, 2, 4, 8})
_DEFAULT_BITS = 2


class StatusValue(IntEnum):
    """What a status says (draft section 7.1)."""

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2


@dataclass(frozen=True, slots=True)
class StatusList:
    """Statuses by index; a change makes a new list."""

    bits: int
    raw: bytes

    def __post_init__(self) -> None:
        """Refuse widths that the draft does not have, and lists beyond the limit."""
        if self.bits not in _WIDTHS:
            raise Malformed("expected statuses of 1, 2, 4 or 8 bits")
        if len(self.raw) > MAX_SIZE:
            raise Malformed(f"expected a status list of at most {MAX_SIZE} bytes, got {len(self.raw)}")

    @classmethod
    def empty(cls, size: int, bits: int = _DEFAULT_BITS) -> Self:
        """A list of at least ``size`` valid entries, rounded up to whole bytes."""
        return cls(bits, bytes(-(-size * bits // _BYTE)))

    @classmethod
    def from_json(cls, members: JsonObject) -> Self:
        """Read the ``status_list`` claim.

        Raises:
            Malformed: width, encoding or compression is wrong, something follows, or the limit is passed.
        """
        inflating = zlib.decompressobj()
        try:
            raw = inflating.decompress(b64u_decode(get_text(members, "lst")), MAX_SIZE + 1)
        except zlib.error as error:
            raise Malformed("expected a status list compressed with zlib") from error
        if len(raw) > MAX_SIZE:
            raise Malformed(f"expected a status list of at most {MAX_SIZE} bytes, got a longer one")
        if not inflating.eof or inflating.unused_data:
            raise Malformed("expected a whole status list and nothing after it")
        return cls(get_integer(members, "bits"), raw)

    def to_json(self) -> dict[str, int | str]:
        """The ``status_list`` claim."""
        return {"bits": self.bits, "lst": b64u_encode(zlib.compress(self.raw, level=9))}

    def __len__(self) -> int:
        return len(self.raw) * _BYTE // self.bits

    def value_at(self, index: int) -> int:
        """The bare value of an entry.

        Raises:
            Malformed: the list has no such entry.
        """
        self._check(index)
        place, shift = self._place(index)
        return self.raw[place] >> shift & (1 << self.bits) - 1

    def get(self, index: int) -> StatusValue:
        """The status of an entry.

        Raises:
            Malformed: the list has no such entry, or its value has no meaning here.
        """
        value = self.value_at(index)
        try:
            return StatusValue(value)
        except ValueError as error:
            raise Malformed("expected a status of valid, revoked or suspended, got another") from error

    def changed(self, values: Mapping[int, int]) -> Self:
        """The list with other values at some entries.

        Raises:
            Malformed: the list has no such entry, or a value does not fit.
        """
        raw = bytearray(self.raw)
        mask = (1 << self.bits) - 1
        for index, value in values.items():
            self._check(index)
            if not 0 <= value <= mask:
                raise Malformed(f"expected a status of {self.bits} bits")
            place, shift = self._place(index)
            raw[place] = raw[place] & ~(mask << shift) | value << shift
        return type(self)(self.bits, bytes(raw))

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise Malformed(f"expected a status index below {len(self)}")

    def _place(self, index: int) -> tuple[int, int]:
        place, within = divmod(index * self.bits, _BYTE)
        return place, within
