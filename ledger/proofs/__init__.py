"""The ledger's state, proved against a block hash (EIP-1186), so that the node need not be trusted.

A node can leave out an event of an honest block, such as a suspension; it cannot prove a false storage slot. Whoever
holds a block's hash from elsewhere (its own follower's agreement of nodes, a checkpoint) gets from any node what the
contracts held then. Follows EIP-1186 and the yellow paper's appendix D. Leaves out attributes and delegates' events,
which no storage holds, and where the block hash comes from.
"""

from ledger.proofs.state import ProvenState

__all__ = ["ProvenState"]
