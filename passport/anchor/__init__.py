"""Anchors: what a bank puts on the ledger for everything it issues, without telling anything about it.

Leaves, trees and inclusion proofs as in RFC 9162 section 2.1 (which hashes as RFC 6962 does), batches of fixed size,
and the file that a root names (design section 5). Leaves out consistency proofs: each batch is a tree of its own,
and the ledger orders them.
"""

from passport.anchor.inclusion import InclusionProof, verify_inclusion
from passport.anchor.leaf import AnchorScope, leaf_hash
from passport.anchor.leaf_file import LEAF_FILE_MEDIA_TYPE, MAX_LEAVES, LeafFile
from passport.anchor.proof_message import AnchorProof
from passport.anchor.tree import Tree, padded

__all__ = [
    "LEAF_FILE_MEDIA_TYPE",
    "MAX_LEAVES",
    "AnchorProof",
    "AnchorScope",
    "InclusionProof",
    "LeafFile",
    "Tree",
    "leaf_hash",
    "padded",
    "verify_inclusion",
]
