"""A batch's leaves as one static file, named by its root (design section 5).

::

    8 bytes   magic: "FPLEAF" 0x00 0x01
    8 bytes   number of leaves, big-endian
    32 each   leaves, in the tree's order

Any host may mirror it: whoever fetches it computes the root again, so a host can withhold a file but not change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from passport.anchor.leaf import HASH_BYTES
from passport.anchor.tree import Tree
from passport.errors import Malformed, Reason, Rejected

MAGIC: Final = b"FPLEAF\x00\x01"
HEADER_BYTES: Final = len(MAGIC) + 8
MAX_LEAVES: Final = 65_536
LEAF_FILE_MEDIA_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class LeafFile:
    """The leaves that a root stands for."""

    tree: Tree

    @property
    def name(self) -> str:
        """The root in hexadecimal."""
        return self.tree.root.hex()

    def to_bytes(self) -> bytes:
        """The file."""
        return MAGIC + self.tree.size.to_bytes(8) + b"".join(self.tree.leaves)

    @classmethod
    def parse(cls, data: bytes, *, root: bytes, size: int) -> Self:
        """Read the file that the ledger's root and size promise.

        Raises:
            Malformed: not a leaf file, or too large. Rejected: ANCHOR_MISSING, the leaves of another root.
        """
        if data[: len(MAGIC)] != MAGIC or len(data) < HEADER_BYTES:
            raise Malformed("expected a leaf file")
        count = int.from_bytes(data[len(MAGIC) : HEADER_BYTES])
        if not 0 < count <= MAX_LEAVES or len(data) != HEADER_BYTES + count * HASH_BYTES:
            raise Malformed(f"expected a leaf file of 1 to {MAX_LEAVES} leaves and nothing after them")
        leaves = [data[at : at + HASH_BYTES] for at in range(HEADER_BYTES, len(data), HASH_BYTES)]
        tree = Tree(leaves)
        if tree.root != root or count != size:
            raise Rejected(Reason.ANCHOR_MISSING, "expected the leaves of the anchored root")
        return cls(tree)
