"""Recursive length prefix (Ethereum's yellow paper, appendix B), for what ``ledger.proofs`` checks.

Decoding is part of verifying what a node that is not trusted says: the one encoding only, and of limited depth.
Transactions are eth-account's to encode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from passport.errors import Malformed

Encodable: TypeAlias = "int | bytes | Sequence[Encodable]"
Decoded: TypeAlias = "bytes | list[Decoded]"

_STRING: Final = 0x80
_LIST: Final = 0xC0
_LONGEST_SHORT: Final = 55
_DEEPEST: Final = 16


def encode(item: Encodable) -> bytes:
    """The encoding of bytes, a number (without leading zeros) or a list."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8)
    if isinstance(item, bytes):
        size = len(item)
        if size == 1 and item[0] < _STRING:
            return item
        # Most items are short, and a reader encodes every header of a chain.
        return (bytes((_STRING + size,)) if size <= _LONGEST_SHORT else _prefix(size, _STRING)) + item
    content = b"".join(encode(part) for part in item)
    return _prefix(len(content), _LIST) + content


def decode(encoded: bytes) -> Decoded:
    """What bytes encode, if they are the one encoding of it.

    Raises:
        Malformed: they are not.
    """
    item, end = _item(encoded, 0, 0)
    if end != len(encoded):
        raise Malformed("expected one RLP item, got more")
    return item


def _prefix(size: int, short: int) -> bytes:
    if size <= _LONGEST_SHORT:
        return bytes([short + size])
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([short + _LONGEST_SHORT + len(length)]) + length


def _item(encoded: bytes, start: int, depth: int) -> tuple[Decoded, int]:
    if start >= len(encoded) or depth > _DEEPEST:
        raise Malformed("expected an RLP item, got none or one nested too deeply")
    first = encoded[start]
    if first < _STRING:
        return encoded[start : start + 1], start + 1
    short = _LIST if first >= _LIST else _STRING
    begin, end = _extent(encoded, start, first - short)
    if short == _STRING:
        content = encoded[begin:end]
        if len(content) == 1 and content[0] < _STRING:
            raise Malformed("expected a single byte to stand for itself in RLP")
        return content, end
    items: list[Decoded] = []
    while begin < end:
        item, begin = _item(encoded, begin, depth + 1)
        items.append(item)
    if begin != end:
        raise Malformed("expected an RLP list's items to fill it")
    return items, end


def _extent(encoded: bytes, start: int, code: int) -> tuple[int, int]:
    """Where an item's content begins and ends."""
    if code <= _LONGEST_SHORT:
        begin, size = start + 1, code
    else:
        begin = start + 1 + code - _LONGEST_SHORT
        length = encoded[start + 1 : begin]
        size = int.from_bytes(length)
        if length[:1] in {b"", b"\0"} or size <= _LONGEST_SHORT:
            raise Malformed("expected the shortest length in RLP")
    if begin + size > len(encoded):
        raise Malformed("expected an RLP item's content, got less")
    return begin, begin + size
