"""Blocks and logs as a node sends them, read into values of ours. What does not fit is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ledger.rpc import Json, unavailable
from passport.clock import from_epoch
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import BlockRef

# The last second of year 9999, the last that a datetime can hold; a contract's uint64 may say "for ever".
_LAST_SECOND: Final = 253_402_300_799


class Node(Protocol):
    """Somebody who answers JSON-RPC: an ``Rpc``, or a simulator in tests."""

    def call(self, method: str, *parameters: Json) -> Json:
        """The result of one call; raises ``Unavailable`` or ``NodeError``."""
        ...


class BatchingNode(Node, Protocol):
    """A node that takes several calls in one request, as JSON-RPC 2.0 section 6 lets it."""

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        """The results of several calls, in their order; raises as ``call`` does."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """A block, and the one before it."""

    block: BlockRef
    parent: bytes


@dataclass(frozen=True, slots=True)
class Log:
    """One event as the chain records it; (block hash, log index) names it for ever."""

    address: Address
    topics: tuple[bytes, ...]
    content: bytes
    block_number: int
    block_hash: bytes
    index: int
    transaction_hash: bytes
    block_time: datetime | None


def moment(seconds: int) -> datetime:
    """A contract's time; one beyond year 9999 is the end of year 9999."""
    return from_epoch(min(seconds, _LAST_SECOND))


def quantity(value: Json) -> int:
    """A number as JSON-RPC writes it: 0x and hexadecimal."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise unavailable("expected a number from the ledger's node")
    try:
        return int(value, 16)
    except ValueError:
        raise unavailable("expected a number from the ledger's node") from None


def octets(value: Json) -> bytes:
    """Bytes as JSON-RPC writes them: 0x and hexadecimal pairs."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise unavailable("expected bytes from the ledger's node")
    try:
        return bytes.fromhex(value[2:])
    except ValueError:
        raise unavailable("expected bytes from the ledger's node") from None


def fields(value: Json) -> dict[str, Json]:
    """An object."""
    if not isinstance(value, dict):
        raise unavailable("expected an object from the ledger's node")
    return value


def header(node: Node, block: int | str) -> Header | None:
    """A block by number or by name (``latest``), if the node has it."""
    name = hex(block) if isinstance(block, int) else block
    found = node.call("eth_getBlockByNumber", name, False)
    return None if found is None else read_header(found)


def read_header(value: Json) -> Header:
    """A block's header."""
    content = fields(value)
    try:
        block = BlockRef(
            quantity(content.get("number")),
            octets(content.get("hash")),
            moment(quantity(content.get("timestamp"))),
        )
    except Malformed as wrong:
        raise unavailable("expected a block from the ledger's node") from wrong
    return Header(block, octets(content.get("parentHash")))


def read_log(value: Json) -> Log:
    """A log. Newer nodes say its block's time with it."""
    content = fields(value)
    topics, time = content.get("topics"), content.get("blockTimestamp")
    if not isinstance(topics, list) or content.get("removed") is True:
        raise unavailable("expected a log that stands from the ledger's node")
    try:
        return Log(
            address=Address(str(content.get("address"))),
            topics=tuple(octets(topic) for topic in topics),
            content=octets(content.get("data")),
            block_number=quantity(content.get("blockNumber")),
            block_hash=octets(content.get("blockHash")),
            index=quantity(content.get("logIndex")),
            transaction_hash=octets(content.get("transactionHash")),
            block_time=None if time is None else moment(quantity(time)),
        )
    except Malformed as wrong:
        raise unavailable("expected a log from the ledger's node") from wrong
