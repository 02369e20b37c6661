"""What a span of blocks says about our contracts: all of it, proved, or nothing.

A header names what its block may hold in its logs bloom, and what it does hold in the root of its receipts. A block whose
bloom names no event of ours is read by its header alone; of every other the logs count only once they are proved to be all
of it (T55: an empty or partial list of logs once hid a suspension for good). The list of logs is a shortcut: where it does
not prove itself, all receipts are asked for, and a bloom that named us by chance is settled by them, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final

from ledger.blocks import BatchingNode, Log, Node, read_log
from ledger.events import LedgerEvent, in_our_words
from ledger.interfaces import interface
from ledger.proofs import (
    Entry,
    ProvenHeader,
    bloom_mask,
    logs_of_one_receipt,
    logs_of_receipts,
    proven_header,
)
from ledger.rpc import Json, NodeError, unavailable
from ledger.settings import ContractName, LedgerSettings
from passport.registry import BlockRef

_CALLS_AT_ONCE: Final = 64
_BLOCK_BY_NUMBER: Final = "eth_getBlockByNumber"


def asked_header(node: Node, block: int | str) -> ProvenHeader:
    """A block's header by number or by name (``latest``).

    Raises:
        Unavailable: the node has it not, or cannot prove it.
    """
    return _header(block, node.call(_BLOCK_BY_NUMBER, _name(block), False))


def header_unless(node: Node, block: int | str, known: BlockRef) -> ProvenHeader | None:
    """The same, or nothing if it is a block that is known."""
    found = node.call(_BLOCK_BY_NUMBER, _name(block), False)
    if isinstance(found, dict) and found.get("hash") == f"0x{known.hash.hex()}":
        return None
    header = _header(block, found)
    return None if header.block == known else header


class SpanReader:
    """Reads the blocks of one network for what its contracts said."""

    def __init__(self, settings: LedgerSettings, node: BatchingNode) -> None:
        """Asks nothing yet."""
        self._node = node
        self._contracts = {settings.address_of(name): name for name in ContractName}
        self._by_raw_address = {at.raw: name for at, name in self._contracts.items()}

    def read(
        self, before: BlockRef, first: int, last: int, target: ProvenHeader
    ) -> tuple[list[tuple[BlockRef, LedgerEvent]], BlockRef]:
        """What the blocks from ``first`` to ``last`` say, and the last of them; ``before`` was read already.

        ``target`` is the header of ``last`` or of a later block; if ``first`` is behind it there is nothing to read.

        Raises:
            Unavailable: a block is missing, follows on another one, or its logs are not proved.
        """
        if first > target.block.number:
            return [], target.block
        headers = self._headers(first, last, target)
        parents = [before.hash if first == before.number + 1 else headers[0].parent]
        parents += [header.block.hash for header in headers]
        if any(parent != header.parent for parent, header in zip(parents, headers, strict=False)):
            raise unavailable("the ledger's chain changed while it was read")
        found = [
            (header.block, event)
            for header, entries in self._logs_by_block(headers)
            for entry in entries
            if (event := self._meaning(entry, header.block)) is not None
        ]
        return found, headers[-1].block

    def _headers(self, first: int, last: int, target: ProvenHeader) -> list[ProvenHeader]:
        numbers = list(range(first, last + 1 if last < target.block.number else last))
        headers = []
        for begin in range(0, len(numbers), _CALLS_AT_ONCE):
            part = numbers[begin : begin + _CALLS_AT_ONCE]
            answers = self._asked([(_BLOCK_BY_NUMBER, (hex(number), False)) for number in part])
            headers += [_header(number, answer) for number, answer in zip(part, answers, strict=True)]
        return headers if last < target.block.number else [*headers, target]

    def _logs_by_block(
        self, headers: Sequence[ProvenHeader]
    ) -> Iterable[tuple[ProvenHeader, Sequence[Entry]]]:
        named = [header for header in headers if self._names_us(header)]
        if not named:
            return
        told = self._told(named)
        blocks = {header.block.number: header.block.hash for header in headers}
        if any(blocks[log.block_number] != log.block_hash for log in told):
            raise unavailable("the ledger's chain changed while it was read")
        by_block: defaultdict[int, list[Entry]] = defaultdict(list)
        for log in told:
            by_block[log.block_number].append(Entry(log.address.raw, log.topics, log.content))
        for header in named:
            entries = by_block[header.block.number]
            yield header, entries if logs_of_one_receipt(header, entries) else self._from_receipts(header)

    def _names_us(self, header: ProvenHeader) -> bool:
        """Whether the block may hold an event of ours; a bloom may say so by chance, and is never silent about one."""
        bloom = int.from_bytes(header.bloom)
        return any(bloom & mask == mask for mask in self._masks)

    @cached_property
    def _masks(self) -> tuple[int, ...]:
        """The bits that each event of each contract sets."""
        return tuple(
            bloom_mask(at.raw) | bloom_mask(topic)
            for at, name in self._contracts.items()
            for topic in interface(name).event_topics
        )

    def _told(self, named: Sequence[ProvenHeader]) -> list[Log]:
        """What the node lists. Of use only where it proves itself.

        An answer has a longest length that a stranger's logs may reach: what is refused is asked for by halves, and of
        a block that is refused by itself nothing is listed, so that its receipts tell.
        """
        try:
            return self._listed(named[0].block.number, named[-1].block.number)
        except NodeError:
            half = len(named) // 2
            return [*self._told(named[:half]), *self._told(named[half:])] if half else []

    def _listed(self, first: int, last: int) -> list[Log]:
        answer = self._node.call(
            "eth_getLogs",
            {"fromBlock": hex(first), "toBlock": hex(last), "address": [str(one) for one in self._contracts]},
        )
        if not isinstance(answer, list):
            raise unavailable("expected a list of logs from the ledger's node")
        logs = sorted((read_log(one) for one in answer), key=lambda log: (log.block_number, log.index))
        places = [(log.block_number, log.index) for log in logs]
        if any(one == other for one, other in pairwise(places)) or any(
            not first <= log.block_number <= last or log.address not in self._contracts for log in logs
        ):
            raise unavailable("expected each log once, in the blocks and from the contracts asked for")
        return logs

    def _from_receipts(self, header: ProvenHeader) -> tuple[Entry, ...]:
        """A block's logs, by all its receipts."""
        try:
            receipts = self._node.call("eth_getBlockReceipts", hex(header.block.number))
        except NodeError:
            # A node that does not offer this, or not so much at once, answers for each transaction that it named.
            receipts = []
            for begin in range(0, len(header.transactions), _CALLS_AT_ONCE):
                part = header.transactions[begin : begin + _CALLS_AT_ONCE]
                receipts += self._asked([("eth_getTransactionReceipt", (f"0x{one.hex()}",)) for one in part])
        return logs_of_receipts(header, receipts)

    def _asked(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        """Several answers; what is refused together is asked for by halves, down to one at a time."""
        try:
            return self._node.batch(calls)
        except NodeError:
            half = len(calls) // 2
            if not half:
                raise
            return [*self._asked(calls[:half]), *self._asked(calls[half:])]

    def _meaning(self, entry: Entry, block: BlockRef) -> LedgerEvent | None:
        name = self._by_raw_address.get(entry.address)
        decoded = None if name is None else interface(name).event(entry.topics, entry.content)
        return None if decoded is None else in_our_words(decoded, block)


def _name(block: int | str) -> str:
    return hex(block) if isinstance(block, int) else block


def _header(block: int | str, answer: Json) -> ProvenHeader:
    if answer is None:
        raise unavailable(f"expected block {block} from the ledger's node, got none")
    header = proven_header(answer)
    if isinstance(block, int) and header.block.number != block:
        raise unavailable(f"expected block {block} from the ledger's node, got {header.block.number}")
    return header
