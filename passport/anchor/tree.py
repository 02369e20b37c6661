"""A batch's tree (RFC 9162 section 2.1.1): built once, then every leaf's proof is a walk up.

A level's last node without a sibling rises as it is and is never doubled (CVE-2012-2459); pairs are never sorted.
"""

from __future__ import annotations

from collections.abc import Sequence

from passport.anchor.inclusion import InclusionProof
from passport.anchor.leaf import HASH_BYTES, hash_node, require_hash
from passport.clock import Entropy
from passport.errors import Malformed, Reason, Rejected


class Tree:
    """The tree over leaf hashes in the order given."""

    __slots__ = ("_levels", "_places")

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Hash the whole tree.

        Raises:
            Malformed: no leaves, a leaf that is not a hash, or one that comes twice.
        """
        if not leaves:
            raise Malformed("expected a tree of one leaf or more")
        for leaf in leaves:
            require_hash("leaf", leaf)
        self._places = {leaf: index for index, leaf in enumerate(leaves)}
        if len(self._places) != len(leaves):
            raise Malformed("expected each leaf once")
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_parents(self._levels[-1]))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash."""
        return self._levels[-1][0]

    @property
    def size(self) -> int:
        """How many leaves."""
        return len(self._levels[0])

    @property
    def leaves(self) -> tuple[bytes, ...]:
        """The leaves in order."""
        return tuple(self._levels[0])

    def proof_of(self, leaf: bytes) -> InclusionProof:
        """The proof for a leaf (RFC 9162 section 2.1.3.1).

        Raises:
            Rejected: ANCHOR_MISSING, the leaf is not in this tree.
        """
        index = self._places.get(leaf)
        if index is None:
            raise Rejected(Reason.ANCHOR_MISSING, "expected a leaf of this tree")
        path: list[bytes] = []
        place = index
        for level in self._levels[:-1]:
            sibling = place ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            place >>= 1
        return InclusionProof(index, self.size, tuple(path))


def padded(leaves: Sequence[bytes], size: int, entropy: Entropy) -> tuple[bytes, ...]:
    """A batch of ``size`` leaves: the given ones among random ones, in the order of their values.

    So neither the number nor the order of what was issued can be read from it.

    Raises:
        Malformed: more leaves than the batch holds.
    """
    if len(leaves) > size:
        raise Malformed(f"expected at most {size} leaves for a batch, got {len(leaves)}")
    filling = [entropy.token(HASH_BYTES) for _ in range(size - len(leaves))]
    return tuple(sorted([*leaves, *filling]))


def _parents(level: Sequence[bytes]) -> list[bytes]:
    paired = [hash_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*paired, level[-1]] if len(level) % 2 else paired
