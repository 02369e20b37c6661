"""The chain, spoken to in our own words.

Reading: ``open_ledger`` asks a node anew for each question; ``Follower`` keeps everything in memory and answers from
there. Writing: ``LedgerWriter`` with an ``AccountKey``. ``deploy`` creates the contracts. ``python -m ledger`` serves
the embedded chain. Follows ERC-1056, EIP-1474 and EIP-1559; design section 5. ``ledger.proofs`` checks storage against a block's
hash. Leaves out checkpoints. No personal data, not even hashed, goes through here.
"""

from ledger.account import AccountKey
from ledger.deployment import deploy
from ledger.events import AttributeChanged, DelegateChanged, DidEvent, LedgerEvent, OwnerChanged
from ledger.follower import Changes, Follower
from ledger.reads import Ledger, LedgerReads
from ledger.receipts import Receipt, Reverted
from ledger.settings import ContractName, LedgerSettings
from ledger.writer import LedgerWriter

__all__ = [
    "AccountKey",
    "AttributeChanged",
    "Changes",
    "ContractName",
    "DelegateChanged",
    "DidEvent",
    "Follower",
    "Ledger",
    "LedgerEvent",
    "LedgerReads",
    "LedgerSettings",
    "LedgerWriter",
    "OwnerChanged",
    "Receipt",
    "Reverted",
    "deploy",
    "open_ledger",
]


def open_ledger(settings: LedgerSettings) -> Ledger:
    """A reader of the ledger; it connects when first asked."""
    return Ledger(settings)
