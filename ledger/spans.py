"""What a span of blocks says about our contracts: all of it, proved, or nothing.

Headers here, logs in ``ledger.logs``. Of the DID registry only participants' words are read: anybody may say anything of
itself there, and whoever says much would else be read by everybody (decision 0027). Who becomes a participant later had
its say before: the blocks in which that registry spoke at all are kept by number, hash and bloom, and read again then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.blocks import BatchingNode, Node
from ledger.did_blocks import DidBlocks
from ledger.events import DidEvent, Granted, LedgerEvent
from ledger.logs import LogReader, asked_by_parts
from ledger.proofs import ProvenHeader, proven_header
from ledger.rpc import Json, unavailable
from ledger.settings import LedgerSettings
from passport.identifiers import Address
from passport.registry import BlockRef

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


@dataclass(frozen=True, slots=True)
class Said:
    """What a span of blocks says, its last block, and the blocks of it in which the DID registry spoke of anybody."""

    events: Sequence[tuple[BlockRef, LedgerEvent]]
    end: BlockRef
    did_blocks: Sequence[ProvenHeader] = ()


class SpanReader:
    """Reads the blocks of one network for what its contracts said."""

    def __init__(self, settings: LedgerSettings, node: BatchingNode) -> None:
        """Asks nothing yet."""
        self._node = node
        self._logs = LogReader(settings, node)

    def read(
        self,
        before: BlockRef,
        first: int,
        last: int,
        target: ProvenHeader,
        *,
        whose: frozenset[Address],
        earlier: DidBlocks,
    ) -> Said:
        """What the blocks from ``first`` to ``last`` say; ``before`` was read already, and ``earlier`` is up to it.

        ``target`` is the header of ``last`` or of a later block; if ``first`` is behind it there is nothing to read.
        Of the DID registry come the words of ``whose``, and all that those said who are accredited in this span.

        Raises:
            Unavailable: a block is missing, follows on another one, or its logs are not proved.
        """
        if first > target.block.number:
            return Said((), target.block)
        headers = self._headers(first, last, target)
        parents = [before.hash if first == before.number + 1 else headers[0].parent]
        parents += [header.block.hash for header in headers]
        if any(parent != header.parent for parent, header in zip(parents, headers, strict=False)):
            raise unavailable("the ledger's chain changed while it was read")
        found = list(self._logs.events(headers, whose))
        accredited: dict[Address, BlockRef] = {}
        for block, event in found:
            if isinstance(event, Granted) and event.grant.participant not in whose:
                accredited.setdefault(event.grant.participant, block)
        if accredited:
            # A past is taken in with the grant that makes it matter, and taken back with it.
            past = self._headers_again(earlier, accredited, before.number)
            found += self._past([*past, *headers], accredited)
            found.sort(key=lambda one: one[0].number)
        spoken = [header for header in headers if self._logs.may_be_did(header)]
        return Said(found, headers[-1].block, spoken)

    def _past(
        self, headers: Sequence[ProvenHeader], accredited: dict[Address, BlockRef]
    ) -> list[tuple[BlockRef, LedgerEvent]]:
        said = self._logs.events(headers, frozenset(accredited), dids_only=True)
        return [
            (max(block, accredited[event.identity], key=lambda one: one.number), event)
            for block, event in said
            if isinstance(event, DidEvent)
        ]

    def _headers_again(
        self, earlier: DidBlocks, whose: dict[Address, BlockRef], last: int
    ) -> list[ProvenHeader]:
        """The headers of the blocks before in which the DID registry may have spoken of somebody."""
        places = earlier.naming(whose, last)
        headers = self._numbered([number for number, _ in places])
        if any(header.block.hash != known for header, (_, known) in zip(headers, places, strict=True)):
            raise unavailable("the ledger's chain changed while it was read")
        return headers

    def _headers(self, first: int, last: int, target: ProvenHeader) -> list[ProvenHeader]:
        if last < target.block.number:
            return self._numbered(range(first, last + 1))
        return [*self._numbered(range(first, last)), target]

    def _numbered(self, numbers: Sequence[int]) -> list[ProvenHeader]:
        answers = asked_by_parts(self._node, [(_BLOCK_BY_NUMBER, (hex(number), False)) for number in numbers])
        return [_header(number, answer) for number, answer in zip(numbers, answers, strict=True)]


def _name(block: int | str) -> str:
    return hex(block) if isinstance(block, int) else block


def _header(block: int | str, answer: Json) -> ProvenHeader:
    if answer is None:
        raise unavailable(f"expected block {block} from the ledger's node, got none")
    header = proven_header(answer)
    if isinstance(block, int) and header.block.number != block:
        raise unavailable(f"expected block {block} from the ledger's node, got {header.block.number}")
    return header
