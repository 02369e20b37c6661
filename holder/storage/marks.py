"""Two marks that say how far the file is acknowledged.

A record is acknowledged when a mark that covers it is on the disk. Marks are written in turn, so a crash while
writing one leaves the other. That separates the two things that look alike in an append-only file: a tail that was
never acknowledged (dropped in silence) and an acknowledged record that is cut off or changed (damage, with a
message). A mark carries the chain's hash, so it vouches for every byte before it.

::

    counter 8 · end of the last record 8 · number of records 8 · chain hash 32 · HMAC 32
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from typing import Final

from holder.recovery import hkdf
from holder.storage.header import HEADER_SIZE

_FIELDS: Final = struct.Struct(">QQQ32s")
_MAC: Final = 32
MARK_SIZE: Final = _FIELDS.size + _MAC
RECORDS_START: Final = HEADER_SIZE + 2 * MARK_SIZE


@dataclass(frozen=True, slots=True)
class Mark:
    """The file up to ``end`` holds ``records`` records, all acknowledged."""

    counter: int
    end: int
    records: int
    chain: bytes

    @property
    def offset(self) -> int:
        """Where in the file this mark lies: odd and even counters alternate."""
        return mark_offset(self.counter % 2)

    def seal(self, file_key: bytes, file_id: bytes) -> bytes:
        """The mark's bytes."""
        fields = _FIELDS.pack(self.counter, self.end, self.records, self.chain)
        return fields + _mac(file_key, file_id, self.counter % 2, fields)


def mark_offset(place: int) -> int:
    """Where mark 0 or 1 lies."""
    return HEADER_SIZE + place * MARK_SIZE


def read_mark(content: bytes, place: int, file_key: bytes, file_id: bytes) -> Mark | None:
    """Mark 0 or 1, or nothing if its bytes are not as they were written."""
    start = mark_offset(place)
    raw = content[start : start + MARK_SIZE]
    if len(raw) < MARK_SIZE:
        return None
    fields, mac = raw[:-_MAC], raw[-_MAC:]
    if not hmac.compare_digest(_mac(file_key, file_id, place, fields), mac):
        return None
    counter, end, records, chain = _FIELDS.unpack(fields)
    return Mark(counter, end, records, chain)


def _mac(file_key: bytes, file_id: bytes, place: int, fields: bytes) -> bytes:
    return hmac.digest(hkdf(file_key, b"mark-mac"), file_id + bytes([place]) + fields, "sha256")
