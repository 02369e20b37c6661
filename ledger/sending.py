"""Sends an account's transactions and waits until each is in a block: nonces, gas, refusals, lost answers.

Thread-safe; a second process with the same account is noticed by its nonces.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from ledger.account import AccountKey, SignedTransaction, Transaction
from ledger.blocks import Log, fields, octets, quantity, read_header, read_log
from ledger.interfaces import revert_reason
from ledger.rpc import Json, NodeError, Rpc, unavailable
from passport.errors import Reason, Rejected, Unavailable
from passport.identifiers import Address
from passport.registry import BlockRef

_TRIES: Final = 32  # Each is lost only to a transaction of another process with this account that went in.
_RECEIPT_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.02
_GAS_MARGIN: Final = (
    5  # A fifth more than estimated: the block's state may differ a little from the estimate's.
)


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


class Sender:
    """Sends for one account."""

    def __init__(self, rpc: Rpc, account: AccountKey, chain_id: int, max_fee_per_gas: int = 0) -> None:
        """Asks nothing yet."""
        self._rpc = rpc
        self._account = account
        self._chain_id = chain_id
        self._max_fee = max_fee_per_gas
        self._lock = Lock()

    def send(self, recipient: Address | None, content: bytes) -> Receipt:
        """Send, and wait for the block.

        Raises:
            Reverted: a contract refused; nothing was changed.
            Unavailable: not known whether it is in. Asking the ledger for its effect tells.
        """
        with self._lock:
            sent = self._send(recipient, content)
        return self._receipt(sent)

    def _send(self, recipient: Address | None, content: bytes) -> SignedTransaction:
        gas = self._estimate(recipient, content)
        for attempt in range(_TRIES):
            nonce = self._ask("eth_getTransactionCount", str(self._account.address), "pending")
            signed = self._account.sign(
                Transaction(self._chain_id, quantity(nonce), gas, recipient, content, self._max_fee)
            )
            try:
                self._rpc.call("eth_sendRawTransaction", f"0x{signed.raw.hex()}")
            except NodeError as refused:
                if self._is_known(signed):
                    return (
                        signed  # An answer was lost on the way, and this is the second time it hears of it.
                    )
                # Another process with this account was quicker; its nonce is taken, the next may not be.
                if "nonce too low" not in refused.node_message.lower() or attempt == _TRIES - 1:
                    raise unavailable(
                        f"the ledger did not take the transaction: {refused.node_message}"
                    ) from refused
                continue
            except Unavailable:
                if not self._is_known(signed):
                    raise
            return signed
        raise unavailable(
            "the ledger did not take the transaction"
        )  # pragma: no cover - the loop returns or raises

    def _estimate(self, recipient: Address | None, content: bytes) -> int:
        call: dict[str, Json] = {"from": str(self._account.address), "data": f"0x{content.hex()}"}
        if recipient is not None:
            call["to"] = str(recipient)
        try:
            # On the pending block: the newest may be days old, and contracts look at the time.
            gas = quantity(self._rpc.call("eth_estimateGas", call, "pending"))
        except NodeError as refused:
            raise _as_revert(refused) from refused
        return gas + gas // _GAS_MARGIN

    def _is_known(self, signed: SignedTransaction) -> bool:
        """Whether the node has the transaction although its answer was lost."""
        return self._ask("eth_getTransactionByHash", f"0x{signed.hash.hex()}") is not None

    def _receipt(self, sent: SignedTransaction) -> Receipt:
        deadline = time.monotonic() + _RECEIPT_SECONDS
        while (found := self._ask("eth_getTransactionReceipt", f"0x{sent.hash.hex()}")) is None:
            if time.monotonic() > deadline:
                raise unavailable(
                    f"the ledger had the transaction in no block after {_RECEIPT_SECONDS:.0f} s"
                )
            time.sleep(_POLL_SECONDS)
        receipt = fields(found)
        if quantity(receipt.get("status")) != 1:
            raise Reverted("unknown")
        block_hash = octets(receipt.get("blockHash"))
        header = read_header(self._ask("eth_getBlockByHash", f"0x{block_hash.hex()}", False))
        created, logs = receipt.get("contractAddress"), receipt.get("logs")
        return Receipt(
            transaction_hash=sent.hash,
            block=header.block,
            gas_used=quantity(receipt.get("gasUsed")),
            logs=tuple(read_log(log) for log in logs) if isinstance(logs, list) else (),
            created=Address(created) if isinstance(created, str) else None,
        )

    def _ask(self, method: str, *parameters: Json) -> Json:
        try:
            return self._rpc.call(method, *parameters)
        except NodeError as failed:
            raise unavailable(str(failed)) from failed


def _as_revert(refused: NodeError) -> Reverted | Unavailable:
    data = refused.data
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, str):
        if "revert" in refused.node_message.lower():
            return Reverted("unknown")
        return unavailable(f"the ledger's node would not estimate: {refused.node_message}")
    known = revert_reason(octets(data))
    return Reverted("unknown") if known is None else Reverted(known.name, known.arguments)
