"""The ledger's state and its logs, proved against a block hash, so that the node need not be trusted.

A node can leave out an event of an honest block, such as a suspension; it cannot prove a false storage slot (EIP-1186)
or make receipts that add up to the header's ``receiptsRoot``. Whoever holds a block's hash from elsewhere (its own
follower's agreement of nodes, a checkpoint) gets from any node what the contracts held then. The follower checks every
header and the logs of every block whose logs bloom names our contracts. Follows EIP-1186, EIP-2718 and the yellow
paper's sections 4.3, 4.4.1 and appendix D. Leaves out where the block hash comes from, and consensus.
"""

from ledger.proofs.header import ProvenHeader, proven_header
from ledger.proofs.receipts import Entry, bloom_mask, logs_of_one_receipt, logs_of_receipts
from ledger.proofs.state import ProvenState

__all__ = [
    "Entry",
    "ProvenHeader",
    "ProvenState",
    "bloom_mask",
    "logs_of_one_receipt",
    "logs_of_receipts",
    "proven_header",
]
