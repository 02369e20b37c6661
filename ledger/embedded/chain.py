"""The chain's one way forward: a transaction with its block's time becomes one block, or is refused.

Used alike for a live transaction and for the replay of the journal, so that both come to the same head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from ledger.embedded.ipc import LONGEST_STATE, IpcConnection, Json
from ledger.embedded.transactions import Offered, Unmineable
from ledger.interfaces import keccak
from passport.errors import Reason, Unavailable

_REJECTED: Final = -32003
"""EIP-1474: transaction rejected."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Mined:
    """The transaction is in a block of its own."""

    transaction_hash: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The chain would not have the transaction; the head is as it was."""

    error: dict[str, Json]


def _as_block(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Unavailable(Reason.LEDGER_UNAVAILABLE, "expected a block from the chain, got something else")
    return value


def _quantity(value: Json) -> int:
    try:
        return int(str(value), 16)
    except ValueError:
        raise Unavailable(Reason.LEDGER_UNAVAILABLE, "expected a number from the chain") from None


def _head(block: dict[str, Json]) -> Head:
    return Head(
        number=int(str(block["number"]), 16),
        hash=bytes.fromhex(str(block["hash"])[2:]),
        time=int(str(block["timestamp"]), 16),
    )


class Chain:
    """anvil, with its newest block known."""

    def __init__(self, connection: IpcConnection, head: Head) -> None:
        """Use ``open`` instead."""
        self._connection = connection
        self.head = head

    @classmethod
    async def open(cls, connection: IpcConnection) -> Self:
        """The chain behind a connection."""
        newest = _as_block(await connection.result("eth_getBlockByNumber", "latest", False))
        return cls(connection, _head(newest))

    async def dump(self) -> bytes:
        """Everything that the chain holds, blocks and logs included, as compressed JSON.

        Raises:
            Unavailable: the chain does not answer, or holds more than a snapshot may have.
            ValueError: its answer is no hexadecimal.
        """
        return bytes.fromhex(str(await self._connection.result("anvil_dumpState", longest=LONGEST_STATE))[2:])

    async def holds_its_state(self) -> bool:
        """Whether the state of a chain that was started from a snapshot is the one that its head claims."""
        newest = _as_block(await self._connection.result("eth_getBlockByNumber", "latest", False))
        proof = await self._connection.result("eth_getProof", f"0x{'00' * 20}", [], "latest")
        path = proof.get("accountProof") if isinstance(proof, dict) else None
        if not isinstance(path, list) or not path:
            return False
        # The first node of any proof is the state's root, made from what is held and not from what is claimed.
        return f"0x{keccak(bytes.fromhex(str(path[0])[2:])).hex()}" == newest.get("stateRoot")

    async def require_takable(self, offered: Offered) -> None:
        """See that the next block can hold a transaction: its sender's next nonce, and funds for what it may cost.

        Raises:
            Unmineable: it cannot.
            Unavailable: the chain does not say.
        """
        sender = f"0x{offered.sender.hex()}"
        expected = _quantity(await self._connection.result("eth_getTransactionCount", sender, "latest"))
        if offered.nonce != expected:
            word = "low" if offered.nonce < expected else "high"
            raise Unmineable(
                f"nonce too {word}: expected the account's next, {expected}, got {offered.nonce}"
            )
        if not offered.most_cost:
            return
        funds = _quantity(await self._connection.result("eth_getBalance", sender, "latest"))
        if offered.most_cost > funds:
            raise Unmineable("insufficient funds for gas * price + value: on this chain gas costs nothing")

    async def apply(self, transaction: bytes, time: int) -> Mined | Refused:
        """Make a block of a transaction.

        A transaction that the chain takes into its pool and then into no block is refused, and its empty block stays:
        so it is now and at every replay, also of a journal whose gateway did not check before it wrote.

        Raises:
            Unavailable: the chain failed half-way. Only starting it again and replaying gives a known state.
        """
        call = self._connection.call
        sent = await call("eth_sendRawTransaction", f"0x{transaction.hex()}")
        if sent.error is not None:
            return Refused(sent.error)
        transaction_hash = str(sent.result)
        pool = await self._connection.result("txpool_status")
        if isinstance(pool, dict) and pool.get("queued") != "0x0":
            # A nonce from the future. Kept waiting it would one day share a block with another transaction.
            # (Dropping it by its hash would leave it there: anvil looks among those that are ready.)
            await self._connection.result("anvil_dropAllTransactions")
            return Refused({"code": _REJECTED, "message": "nonce too high: expected the account's next"})
        await self._connection.result("evm_setNextBlockTimestamp", time)
        blocks = await self._connection.result("evm_mine_detailed")
        block = _as_block(blocks[0] if isinstance(blocks, list) and blocks else None)
        self.head = _head(block)
        transactions = block.get("transactions")
        if transactions == []:
            await self._connection.result("anvil_dropAllTransactions")
            return Refused({"code": _REJECTED, "message": "the chain put this transaction into no block"})
        if not isinstance(transactions, list) or len(transactions) != 1:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "expected at most one transaction in the block")
        return Mined(transaction_hash)
