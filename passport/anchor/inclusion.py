"""Inclusion proofs (RFC 9162 section 2.1.3)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from passport.anchor.leaf import hash_node, require_hash
from passport.errors import Malformed, Reason, Rejected

MAX_PATH: Final = 64


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where a leaf is in a tree of ``size`` leaves, and the nodes beside its way to the root."""

    index: int
    size: int
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """A place in the tree, and nodes of the right size."""
        if not 0 <= self.index < self.size:
            raise Malformed(f"expected an index below the tree's size {self.size}, got {self.index}")
        if len(self.path) > MAX_PATH:
            raise Malformed(f"expected a path of at most {MAX_PATH} nodes, got {len(self.path)}")
        for node in self.path:
            require_hash("node", node)


def verify_inclusion(leaf: bytes, proof: InclusionProof, *, root: bytes, size: int) -> None:
    """Check that ``leaf`` is in the tree that the ledger anchored with ``root`` and ``size``.

    Numbers are those of RFC 9162 section 2.1.3.2.

    Raises:
        Malformed: the leaf or the root is not of 32 bytes. Rejected: ANCHOR_MISSING.
    """
    require_hash("leaf", leaf)
    require_hash("root", root)
    # The size is bound by the ledger: with another one the same path could lead to the same root.
    if proof.size != size:
        raise _refused()
    # 2. Start at the leaf.
    fn, sn, r = proof.index, proof.size - 1, leaf
    # 3. Walk up.
    for p in proof.path:
        if sn == 0:  # 3.1
            raise _refused()
        if fn & 1 or fn == sn:  # 3.2
            r = hash_node(p, r)
            while not fn & 1 and fn != 0:  # the last node of a level has risen without a sibling
                fn >>= 1
                sn >>= 1
        else:
            r = hash_node(r, p)
        fn >>= 1  # 3.3
        sn >>= 1
    # 4. Arrived at the root, and nowhere else.
    if sn != 0 or not hmac.compare_digest(r, root):
        raise _refused()


def _refused() -> Rejected:
    return Rejected(Reason.ANCHOR_MISSING, "expected a proof that leads to the anchored root")
