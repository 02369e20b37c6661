"""Sends an account's transactions and waits until each is in a block: nonces, gas, refusals, lost answers.

web3's contracts build the calls and creations, eth-account signs them, web3 asks the node; which nonce, when to try
again and what an answer means are decided here. A transaction that a node keeps in its pool and puts into no block is
*not known* after half a minute, and nothing more is sent behind it until it is settled: what piles up there would come in
all together one day, long after it was meant. Importing this module imports web3, which takes a second or two: the
writer and the deployment do so late (decision 0021). Thread-safe; a second process with the same account is noticed by
its nonces.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic, sleep
from typing import Final, TypeAlias

from web3 import Web3
from web3.contract.contract import Contract, ContractConstructor, ContractFunction
from web3.exceptions import (
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.types import LogReceipt, Nonce, TxParams, TxReceipt, Wei

from ledger.account import AccountKey, SignedTransaction
from ledger.blocks import Log, Node, moment, octets
from ledger.interfaces import AbiValue, interface, revert_reason
from ledger.node_provider import NodeProvider
from ledger.receipts import Receipt, Reverted
from ledger.rpc import unavailable
from ledger.settings import ContractName
from passport.errors import Malformed, Unavailable
from passport.identifiers import Address
from passport.registry import BlockRef

Prepared: TypeAlias = "ContractFunction | ContractConstructor"
Argument: TypeAlias = "AbiValue | Address"

_TRIES: Final = 32  # Each is lost only to a transaction of another process with this account that went in.
_RECEIPT_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.02
_MISSING_DATA: Final = "no data"  # What web3 puts for an error without data.
_GAS_MARGIN: Final = (
    5  # A fifth more than estimated: the block's state may differ a little from the estimate's.
)
_NOT_AN_ANSWER: Final = (Web3Exception, Malformed, ValueError, TypeError, LookupError, AttributeError)


class Sender:
    """Sends for one account."""

    def __init__(
        self,
        node: Node,
        account: AccountKey,
        chain_id: int,
        max_fee_per_gas: int = 0,
        receipt_seconds: float = _RECEIPT_SECONDS,
    ) -> None:
        """Asks nothing yet; a block is waited for so long."""
        self._receipt_seconds = receipt_seconds
        # No middleware: what it would fill in (gas, fees, names, the chain's id) is given with every transaction.
        self._web3 = Web3(NodeProvider(node), middleware=[])
        self._account = account
        self._from = Web3.to_checksum_address(account.address.raw)
        self._chain_id = chain_id
        self._max_fee = max_fee_per_gas
        self._lock = Lock()
        self._unsettled: SignedTransaction | None = None

    def call(self, name: ContractName, at: Address, function: str, *arguments: Argument) -> Receipt:
        """Call a contract's function, and wait for the block.

        Raises:
            Reverted: a contract refused; nothing was changed.
            Unavailable: not known whether it is in, or will be. Asking the ledger for its effect tells.
        """
        contract = self._contract(name)(Web3.to_checksum_address(at.raw))
        return self._send(contract.functions[function](*_plain(arguments)))

    def create(self, name: ContractName, *arguments: Argument) -> Address:
        """Create a contract; returns where it is. Raises as ``call`` does."""
        created = self._send(self._contract(name).constructor(*_plain(arguments))).created
        if created is None:
            raise unavailable(f"expected the address of a new {name} from the ledger's node")
        return created

    def _contract(self, name: ContractName) -> type[Contract]:
        described = interface(name)
        return self._web3.eth.contract(abi=described.abi, bytecode=described.creation_code)

    def _send(self, prepared: Prepared) -> Receipt:
        with self._lock:
            self._require_settled()
            sent = self._take_in(prepared)
        return self._receipt(sent)

    def _require_settled(self) -> None:
        """No earlier transaction waits in the node's pool, neither in a block nor dropped."""
        if self._unsettled is None:
            return
        try:
            with _answers():
                found = self._web3.eth.get_transaction(Web3.to_hex(self._unsettled.hash))
        except TransactionNotFound:
            found = None
        if found is not None and found.get("blockNumber") is None:
            raise unavailable(
                "an earlier transaction of this account is in no block yet: nothing more is sent until it is"
            )
        self._unsettled = None

    def _take_in(self, prepared: Prepared) -> SignedTransaction:
        gas = self._estimate(prepared)
        for attempt in range(_TRIES):
            signed = self._sign(prepared, gas)
            try:
                self._web3.eth.send_raw_transaction(signed.raw)
            except _NOT_AN_ANSWER as refused:
                if self._is_known(signed):
                    return (
                        signed  # An answer was lost on the way, and this is the second time it hears of it.
                    )
                # Another process with this account was quicker; its nonce is taken, the next may not be.
                said = _said(refused)
                if "nonce too low" not in said.lower() or attempt == _TRIES - 1:
                    raise unavailable(f"the ledger did not take the transaction: {said}") from refused
                continue
            except Unavailable as lost:
                self._find_again(signed, lost)
            return signed
        raise unavailable(
            "the ledger did not take the transaction"
        )  # pragma: no cover - the loop returns or raises

    def _sign(self, prepared: Prepared, gas: int) -> SignedTransaction:
        with _answers():
            nonce = Nonce(_number(self._web3.eth.get_transaction_count(self._from, "pending")))
        transaction: TxParams = {
            "chainId": self._chain_id,
            "nonce": nonce,
            "gas": gas,
            "maxFeePerGas": Wei(self._max_fee),
            "maxPriorityFeePerGas": Wei(0),
            "value": Wei(0),
        }
        return self._account.sign(prepared.build_transaction(transaction))

    def _estimate(self, prepared: Prepared) -> int:
        with _answers():
            try:
                # On the pending block: the newest may be days old, and contracts look at the time.
                gas = _number(prepared.estimate_gas({"from": self._from}, block_identifier="pending"))
            except (ContractLogicError, Web3RPCError) as refused:
                raise _as_revert(refused) from refused
        return gas + gas // _GAS_MARGIN

    def _find_again(self, signed: SignedTransaction, lost: Unavailable) -> None:
        """The node has the transaction, though its answer was lost; raises if that cannot be said."""
        try:
            if self._is_known(signed):
                return
        except Unavailable:
            pass  # Away still: the first loss says what happened.
        self._unsettled = signed
        raise unavailable(
            f"not known whether the ledger took the transaction ({lost}): ask it for the effect before repeating it"
        ) from lost

    def _is_known(self, signed: SignedTransaction) -> bool:
        """Whether the node has the transaction although its answer was lost."""
        try:
            with _answers():
                self._web3.eth.get_transaction(Web3.to_hex(signed.hash))
        except TransactionNotFound:
            return False
        return True

    def _receipt(self, sent: SignedTransaction) -> Receipt:
        found = self._wait_for_receipt(sent)
        with _answers():
            if bytes(found["transactionHash"]) != sent.hash:
                raise unavailable("expected the transaction's own receipt from the ledger's node")
            if _number(found["status"]) != 1:
                raise Reverted("unknown")
            block = self._web3.eth.get_block(found["blockHash"])
            reference = BlockRef(
                _number(block["number"]), bytes(block["hash"]), moment(_number(block["timestamp"]))
            )
            return _read_receipt(found, reference, sent.hash)

    def _wait_for_receipt(self, sent: SignedTransaction) -> TxReceipt:
        """The receipt. A node that is away for a moment is asked again: the transaction is with it."""
        deadline = monotonic() + self._receipt_seconds
        problem = f"the ledger had the transaction in no block after {self._receipt_seconds:.0f} s"
        while True:
            try:
                with _answers():
                    return self._web3.eth.get_transaction_receipt(Web3.to_hex(sent.hash))
            except TransactionNotFound:
                pass
            except Unavailable as lost:
                problem = f"the ledger took the transaction, and then did not say what came of it ({lost})"
            if monotonic() >= deadline:
                break
            sleep(_POLL_SECONDS)
        with self._lock:
            self._unsettled = sent
        raise unavailable(
            f"{problem}: it may still come in; ask the ledger for its effect before repeating it"
        )


def _read_receipt(found: TxReceipt, block: BlockRef, transaction_hash: bytes) -> Receipt:
    created = found.get("contractAddress")
    return Receipt(
        transaction_hash=transaction_hash,
        block=block,
        gas_used=_number(found["gasUsed"]),
        logs=tuple(_read_log(log, block) for log in found["logs"]),
        created=None if created is None else Address(created),
    )


def _read_log(log: LogReceipt, block: BlockRef) -> Log:
    return Log(
        address=Address(log["address"]),
        topics=tuple(bytes(topic) for topic in log["topics"]),
        content=bytes(log["data"]),
        block_number=_number(log["blockNumber"]),
        block_hash=bytes(log["blockHash"]),
        index=_number(log["logIndex"]),
        transaction_hash=bytes(log["transactionHash"]),
        block_time=block.time,
    )


@contextmanager
def _answers() -> Iterator[None]:
    """What web3 cannot read, or a node's error, is no answer. That there is no such transaction is one."""
    try:
        yield
    except TransactionNotFound:
        raise
    except Web3RPCError as failed:
        raise unavailable(f"the ledger's node would not answer: {_said(failed)}") from failed
    except _NOT_AN_ANSWER as unreadable:
        raise unavailable("expected a readable answer from the ledger's node") from unreadable


def _number(value: object) -> int:
    """What web3 should have read as a number; it lets anything pass that is no text."""
    if not isinstance(value, int):
        raise unavailable("expected a number from the ledger's node")
    return value


def _plain(arguments: tuple[Argument, ...]) -> list[AbiValue]:
    return [one.raw if isinstance(one, Address) else one for one in arguments]


def _said(refused: Exception) -> str:
    """The node's own words."""
    if isinstance(refused, ContractLogicError):
        return (refused.message or "").removeprefix(
            "execution reverted: "
        )  # web3 puts this before any words.
    response = refused.rpc_response if isinstance(refused, Web3RPCError) else None
    error = response.get("error") if response else None
    return str(error["message"]) if isinstance(error, dict) else type(refused).__name__


def _as_revert(refused: ContractLogicError | Web3RPCError) -> Reverted | Unavailable:
    data: object = refused.data if isinstance(refused, ContractLogicError) else None
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, str) or data == _MISSING_DATA:
        if "revert" in _said(refused).lower():
            return Reverted("unknown")
        return unavailable(f"the ledger's node would not estimate: {_said(refused)}")
    known = revert_reason(octets(data))
    return Reverted("unknown") if known is None else Reverted(known.name, known.arguments)
