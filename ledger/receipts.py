"""What came of a transaction: it is in a block, or a contract refused it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.blocks import Log
from passport.errors import Reason, Rejected
from passport.identifiers import Address
from passport.registry import BlockRef


class Reverted(Rejected):
    """A contract refused. ``error`` is its custom error's name, ``arguments`` what it said with it."""

    def __init__(self, error: str, arguments: tuple[Any, ...] = ()) -> None:
        super().__init__(Reason.LEDGER_REFUSED, f"the contract refused: {error}")
        self.error = error
        self.arguments = arguments


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that is in a block."""

    transaction_hash: bytes
    block: BlockRef
    gas_used: int
    logs: tuple[Log, ...]
    created: Address | None
