"""Every anchor, about 110 bytes each: they are the one fact of which there is more every minute, for ever.

As objects an anchor took 775 bytes. Rows of one width stand in the chain's order, and an open-addressing table of
row numbers finds them by their root. An anchor is never forgotten while its chain stands: a credential that rests on
it may be shown at any time in the credential's life, which the ledger does not know.
"""

from __future__ import annotations

from array import array
from struct import Struct
from typing import Final, TypeAlias

from passport.clock import from_epoch, to_epoch
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef

_Group: TypeAlias = tuple[Address, bytes, int]

_ROW: Final = Struct("<IQQQ32s32s")  # group, size, block's number, its time in seconds, its hash, root
_NUMBER_AT: Final = 12
_LARGEST: Final = 2**64 - 1
_SMALLEST_TABLE: Final = 64


class AnchorBook:
    """The anchors of one chain, in its order. The newest can be taken back, as a reorganisation does."""

    def __init__(self) -> None:
        """Know none yet."""
        self._rows = bytearray()
        self._count = 0
        self._groups: list[_Group] = []
        self._group_numbers: dict[_Group, int] = {}
        self._table = array("I", bytes(4 * _SMALLEST_TABLE))  # A row's number plus one; zero is empty.

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def add(self, anchor: AnchorRecord) -> None:
        """Take the next one in.

        Raises:
            Malformed: a number that no 64 bits hold.
        """
        if max(anchor.size, anchor.block.number) > _LARGEST:
            raise Malformed("expected an anchor's size and block number in 64 bits")
        group = (anchor.issuer, anchor.schema, anchor.grant_number)
        number = self._group_numbers.get(group)
        if number is None:
            number = self._group_numbers[group] = len(self._groups)
            self._groups.append(group)
        block = anchor.block
        self._rows += _ROW.pack(
            number, anchor.size, block.number, to_epoch(block.time), block.hash, anchor.root
        )
        self._count += 1
        if 3 * self._count > 2 * len(self._table):
            self._table = array("I", bytes(8 * len(self._table)))
            for row in range(self._count):
                self._enter(row)
        else:
            self._enter(self._count - 1)

    def take_back(self) -> None:
        """Forget the newest."""
        row = self._count - 1
        # Nothing was entered after it, so no search passes over its place.
        self._table[self._place_of(row)] = 0
        del self._rows[row * _ROW.size :]
        self._count = row

    def find(self, issuer: Address, schema: bytes, grant_number: int, root: bytes) -> AnchorRecord | None:
        """The first anchor of a batch."""
        group = self._group_numbers.get((issuer, schema, grant_number))
        if group is None:
            return None
        place = hash(root) % len(self._table)
        while entry := self._table[place]:
            row = _ROW.unpack_from(self._rows, (entry - 1) * _ROW.size)
            if (row[0], row[-1]) == (group, root):
                return self._record(entry - 1)
            place = (place + 1) % len(self._table)
        return None

    def since(self, block_number: int, at_most: int | None = None) -> tuple[AnchorRecord, ...]:
        """Every anchor in blocks after this one; or about so many of them, the last block whole."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._block_number(middle) > block_number:
                high = middle
            else:
                low = middle + 1
        end = self._count if at_most is None else min(low + max(at_most, 1), self._count)
        while low < end < self._count and self._block_number(end) == self._block_number(end - 1):
            end += 1
        return tuple(self._record(row) for row in range(low, end))

    def _enter(self, row: int) -> None:
        self._table[self._place_of(row)] = row + 1

    def _place_of(self, row: int) -> int:
        """Where a row stands in the table, or is to stand. Python's hash of bytes is keyed, so nobody can crowd it."""
        root = self._rows[(row + 1) * _ROW.size - 32 : (row + 1) * _ROW.size]
        place = hash(bytes(root)) % len(self._table)
        while self._table[place] not in {0, row + 1}:
            place = (place + 1) % len(self._table)
        return place

    def _block_number(self, row: int) -> int:
        begin = row * _ROW.size + _NUMBER_AT
        return int.from_bytes(self._rows[begin : begin + 8], "little")

    def _record(self, row: int) -> AnchorRecord:
        group, size, number, time, block_hash, root = _ROW.unpack_from(self._rows, row * _ROW.size)
        issuer, schema, grant_number = self._groups[group]
        block = BlockRef(number, block_hash, from_epoch(time))
        return AnchorRecord(issuer, schema, grant_number, root, size, block)
