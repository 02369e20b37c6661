"""Where the DID registry spoke, of anybody at all: what it takes to read somebody's past once that somebody matters.

About a hundred bytes a block; what was said there is not kept, since most of it is nobody's business.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ledger.proofs import ProvenHeader, bloom_mask
from passport.identifiers import Address

_NUMBER: Final = 8
_HASH_END: Final = _NUMBER + 32
_WORD: Final = 32


class DidBlocks:
    """Blocks by number, hash and logs bloom, oldest first."""

    def __init__(self) -> None:
        """Know none yet."""
        self._kept: list[bytes] = []

    def add(self, header: ProvenHeader) -> None:
        """Keep a block that is later than all before."""
        place = header.block.number.to_bytes(_NUMBER) + header.block.hash
        self._kept.append(place + zlib.compress(header.bloom))

    def forget_after(self, number: int) -> None:
        """Blocks after this one are replaced."""
        while self._kept and _number(self._kept[-1]) > number:
            self._kept.pop()

    def naming(self, whose: Iterable[Address], last: int) -> list[tuple[int, bytes]]:
        """Number and hash of each block up to ``last`` that may speak of one of these."""
        masks = [identity_mask(who) for who in whose]
        found = []
        for kept in self._kept:
            bloom = int.from_bytes(zlib.decompress(kept[_HASH_END:]))
            if _number(kept) <= last and any(bloom & mask == mask for mask in masks):
                found.append((_number(kept), kept[_NUMBER:_HASH_END]))
        return found


def identity_word(who: Address) -> bytes:
    """An identity as an event's indexed value (ERC-1056)."""
    return who.raw.rjust(_WORD, b"\0")


@lru_cache(4096)
def identity_mask(who: Address) -> int:
    """The bits that an event about an identity sets in a logs bloom."""
    return bloom_mask(identity_word(who))


def _number(kept: bytes) -> int:
    return int.from_bytes(kept[:_NUMBER])
