"""What may be asked of the chain: an allow-list of methods, each parameter with its form and its bound.

The house asks for heads, blocks, logs, receipts, proofs, calls and an account's next nonce; beside these stand the few
that a stock client asks before it does the same. Whatever is not on the list is not passed on, since a node may come
to grief over one parameter (``eth_feeHistory`` over 2**256 - 1 blocks ended it). Follows the Ethereum execution API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ledger.embedded.ipc import Json
from ledger.embedded.journal import LONGEST_TRANSACTION
from ledger.embedded.transactions import MOST_GAS

_TAGS: Final = frozenset({"latest", "earliest", "pending", "safe", "finalized"})
_HIGHEST_BLOCK: Final = (1 << 63) - 1
_LONGEST_SPAN: Final = 10_000
_MOST_ADDRESSES: Final = 64
_MOST_TOPICS: Final = 4
_MOST_ALTERNATIVES: Final = 64
_MOST_SLOTS: Final = 64
_CALL_FIELDS: Final = frozenset(
    {
        "from", "to", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas",
        "value", "data", "input", "nonce", "chainId", "type",
    }
)  # fmt: skip
_FILTER_FIELDS: Final = frozenset({"fromBlock", "toBlock", "blockHash", "address", "topics"})
_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,64}", re.ASCII)
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_BYTES: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)


class Code(IntEnum):
    """JSON-RPC 2.0 error codes (section 5.1), and three of EIP-1474."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    RESOURCE_UNAVAILABLE = -32002
    TRANSACTION_REJECTED = -32003
    LIMIT_EXCEEDED = -32005


class CallRefused(Exception):
    """This call will not be carried out."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def refused(message: str) -> CallRefused:
    """A parameter is not one that may be passed on."""
    return CallRefused(Code.INVALID_PARAMS, message)


def read_octets(value: Json, most: int) -> bytes | None:
    """Bytes as ``0x`` and hexadecimal digits, and nothing else (``bytes.fromhex`` passes over blanks and line ends)."""
    if not isinstance(value, str) or len(value) > 2 + 2 * most or not _BYTES.fullmatch(value):
        return None
    return bytes.fromhex(value[2:])


Check = Callable[[Json, int], None]
"""Passes a parameter, or raises ``CallRefused``; the number is the chain's newest block."""


def _text(value: Json, form: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise refused(f"expected {what}")
    return value


def _number(value: Json, most: int, what: str) -> int:
    number = int(_text(value, _QUANTITY, f"{what} as 0x and hexadecimal digits"), 16)
    if number > most:
        raise refused(f"expected at most {most} as {what}")
    return number


def _address(value: Json, _head: int) -> None:
    _text(value, _ADDRESS, "an address of 20 bytes")


def _hash(value: Json, _head: int) -> None:
    _text(value, _HASH, "a hash of 32 bytes")


def _slot(value: Json, _head: int) -> None:
    _text(value, _QUANTITY, "a storage slot of at most 32 bytes")


def _slots(value: Json, head: int) -> None:
    if not isinstance(value, list) or len(value) > _MOST_SLOTS:
        raise refused(f"expected a list of at most {_MOST_SLOTS} storage slots")
    for one in value:
        _slot(one, head)


def _flag(value: Json, _head: int) -> None:
    if not isinstance(value, bool):
        raise refused("expected true or false")


def _block_number(value: Json, head: int) -> int:
    if isinstance(value, str) and value in _TAGS:
        return 0 if value == "earliest" else head
    return _number(value, _HIGHEST_BLOCK, "a block's number")


def _block(value: Json, head: int) -> None:
    """A number, a tag, or EIP-1898's object."""
    if not isinstance(value, dict):
        _block_number(value, head)
    elif "blockHash" in value and set(value) <= {"blockHash", "requireCanonical"}:
        _hash(value["blockHash"], head)
        _flag(value.get("requireCanonical", False), head)
    elif set(value) == {"blockNumber"}:
        _block_number(value["blockNumber"], head)
    else:
        raise refused("expected a block's number, tag or hash")


def _block_or_hash(value: Json, head: int) -> None:
    if not (isinstance(value, str) and _HASH.fullmatch(value)):
        _block(value, head)


def _numbered_block(value: Json, head: int) -> None:
    _block_number(value, head)


def _call(value: Json, head: int) -> None:
    """A call within the gas of a transaction, on the chain's own state."""
    if not isinstance(value, dict) or not set(value) <= _CALL_FIELDS:
        raise refused(f"expected a call with no fields but {', '.join(sorted(_CALL_FIELDS))}")
    for name, given in value.items():
        if given is None:
            continue
        if name in {"from", "to"}:
            _address(given, head)
        elif name in {"data", "input"}:
            if (
                len(_text(given, _BYTES, f"{name} as 0x and hexadecimal digits"))
                > 2 + 2 * LONGEST_TRANSACTION
            ):
                raise refused(f"expected at most {LONGEST_TRANSACTION} bytes of {name}")
        elif name == "gas":
            _number(given, MOST_GAS, "gas")
        else:
            _number(given, (1 << 256) - 1, name)


def _topic(value: Json, head: int) -> None:
    if isinstance(value, list):
        if len(value) > _MOST_ALTERNATIVES:
            raise refused(f"expected at most {_MOST_ALTERNATIVES} alternatives of a topic")
        for one in value:
            _topic_word(one, head)
    else:
        _topic_word(value, head)


def _topic_word(value: Json, head: int) -> None:
    if value is not None:
        _hash(value, head)


def _filter(value: Json, head: int) -> None:
    if not isinstance(value, dict) or not set(value) <= _FILTER_FIELDS:
        raise refused(f"expected a filter with no fields but {', '.join(sorted(_FILTER_FIELDS))}")
    _span(value, head)
    addresses = value.get("address")
    addresses = addresses if isinstance(addresses, list) else [] if addresses is None else [addresses]
    if len(addresses) > _MOST_ADDRESSES:
        raise refused(f"expected at most {_MOST_ADDRESSES} addresses")
    for one in addresses:
        _address(one, head)
    topics = value.get("topics")
    if topics is not None and (not isinstance(topics, list) or len(topics) > _MOST_TOPICS):
        raise refused(f"expected a list of at most {_MOST_TOPICS} topics")
    for one in topics or []:
        _topic(one, head)


def _span(value: Mapping[str, Json], head: int) -> None:
    """A block by its hash, or so many blocks in a row; what lies past the newest block costs nothing."""
    if value.get("blockHash") is not None:
        _hash(value["blockHash"], head)
        if value.get("fromBlock") is not None or value.get("toBlock") is not None:
            raise refused("expected a block's hash or a span of blocks, got both")
        return
    first, last = (
        head if value.get(name) is None else _block_number(value[name], head)
        for name in ("fromBlock", "toBlock")
    )
    if min(last, head) - first >= _LONGEST_SPAN:
        raise refused(f"expected a span of at most {_LONGEST_SPAN} blocks: ask for one span after another")


@dataclass(frozen=True, slots=True)
class Read:
    """The forms of a method's parameters, how many must be there, and whether answering runs a contract."""

    forms: tuple[Check, ...] = ()
    required: int = 0
    simulates: bool = False

    def require(self, parameters: list[Json], head: int) -> None:
        """Pass parameters that may be passed on.

        Raises:
            CallRefused: what was expected.
        """
        if not self.required <= len(parameters) <= len(self.forms):
            raise refused(f"expected {self.required} to {len(self.forms)} params, got {len(parameters)}")
        for form, parameter in zip(self.forms, parameters, strict=False):
            form(parameter, head)

    def bounded(self, parameters: list[Json]) -> list[Json]:
        """What is passed on: a call that names no gas would have a block's whole."""
        call = parameters[0] if self.simulates else None
        if not isinstance(call, dict) or call.get("gas") is not None:
            return parameters
        return [{**call, "gas": hex(MOST_GAS)}, *parameters[1:]]


READS: Final[Mapping[str, Read]] = {
    "eth_accounts": Read(),
    "eth_blockNumber": Read(),
    "eth_call": Read((_call, _block), 1, simulates=True),
    "eth_chainId": Read(),
    "eth_estimateGas": Read((_call, _block), 1, simulates=True),
    "eth_gasPrice": Read(),
    "eth_getBalance": Read((_address, _block), 1),
    "eth_getBlockByHash": Read((_hash, _flag), 2),
    "eth_getBlockByNumber": Read((_numbered_block, _flag), 2),
    "eth_getBlockReceipts": Read((_block_or_hash,), 1),
    "eth_getCode": Read((_address, _block), 1),
    "eth_getLogs": Read((_filter,), 1),
    "eth_getProof": Read((_address, _slots, _block), 3),
    "eth_getStorageAt": Read((_address, _slot, _block), 2),
    "eth_getTransactionByHash": Read((_hash,), 1),
    "eth_getTransactionCount": Read((_address, _block), 1),
    "eth_getTransactionReceipt": Read((_hash,), 1),
    "eth_maxPriorityFeePerGas": Read(),
    "net_version": Read(),
    "web3_clientVersion": Read(),
}
