"""What blocks hold in their logs about our contracts: all of it, proved, or nothing.

A header names what its block may hold in its logs bloom, and what it does hold in the root of its receipts. A block whose
bloom names no event that we want is read by its header alone; of every other the logs count only once they are proved to
be all of it (T55: an empty or partial list of logs once hid a suspension for good). The list of logs is a shortcut: where
it does not prove itself, all receipts are asked for, and a bloom that named us by chance is settled by them, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ledger.blocks import BatchingNode, Log, read_log
from ledger.did_blocks import identity_mask, identity_word
from ledger.events import LedgerEvent, in_our_words
from ledger.interfaces import interface
from ledger.proofs import Entry, ProvenHeader, bloom_mask, logs_of_one_receipt, logs_of_receipts
from ledger.rpc import Json, NodeError, unavailable
from ledger.settings import ContractName, LedgerSettings
from passport.identifiers import Address
from passport.registry import BlockRef

_CALLS_AT_ONCE: Final = 64
_IDENTITIES_AT_ONCE: Final = 64
_DIDS: Final = ContractName.DID_REGISTRY


def asked_by_parts(node: BatchingNode, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
    """The answers to many calls; what is refused together is asked for by halves, down to one at a time."""
    if len(calls) > _CALLS_AT_ONCE:
        parts = [calls[begin : begin + _CALLS_AT_ONCE] for begin in range(0, len(calls), _CALLS_AT_ONCE)]
        return [answer for part in parts for answer in asked_by_parts(node, part)]
    try:
        return node.batch(calls)
    except NodeError:
        half = len(calls) // 2
        if not half:
            raise
        return [*asked_by_parts(node, calls[:half]), *asked_by_parts(node, calls[half:])]


@dataclass(frozen=True, slots=True)
class _Query:
    """Which logs are asked for: of contracts, and of identities if some are named (ERC-1056's first indexed value)."""

    addresses: tuple[Address, ...]
    identities: tuple[bytes, ...] = ()

    def parameters(self, first: int, last: int) -> dict[str, Json]:
        """As ``eth_getLogs`` takes it."""
        addresses: list[Json] = [str(one) for one in self.addresses]
        span: dict[str, Json] = {"fromBlock": hex(first), "toBlock": hex(last), "address": addresses}
        identities: list[Json] = [f"0x{one.hex()}" for one in self.identities]
        return {**span, "topics": [None, identities]} if identities else span

    def covers(self, log: Log) -> bool:
        """Whether this is one of those asked for."""
        return log.address in self.addresses and (
            not self.identities or _first_indexed(log.topics) in self.identities
        )


class LogReader:
    """Reads blocks whose headers are proved."""

    def __init__(self, settings: LedgerSettings, node: BatchingNode) -> None:
        """Asks nothing yet."""
        self._node = node
        self._settings = settings
        self._by_raw_address = {settings.address_of(name).raw: name for name in ContractName}
        self._registries = tuple(settings.address_of(name) for name in ContractName if name is not _DIDS)
        self._registry_masks: tuple[int, ...] = ()
        self._did_masks: tuple[int, ...] = ()

    def events(
        self, headers: Sequence[ProvenHeader], whose: frozenset[Address], *, dids_only: bool = False
    ) -> Iterator[tuple[BlockRef, LedgerEvent]]:
        """What our registries say in these blocks, and the DID registry of ``whose``; or only the latter.

        Raises:
            Unavailable: it is not proved.
        """
        words = frozenset(map(identity_word, whose))
        for header, entries in self._logs_by_block(headers, whose, dids_only=dids_only):
            for entry in entries:
                name = self._by_raw_address.get(entry.address)
                wanted = _first_indexed(entry.topics) in words if name is _DIDS else not dids_only
                if name is None or not wanted:
                    continue
                decoded = interface(name).event(entry.topics, entry.content)
                event = None if decoded is None else in_our_words(decoded, header.block)
                if event is not None:
                    yield header.block, event

    def may_be_did(self, header: ProvenHeader) -> bool:
        """Whether the DID registry may have spoken in this block, of anybody."""
        if not self._did_masks:
            self._did_masks = self._masks((_DIDS,))
        return _names(int.from_bytes(header.bloom), self._did_masks)

    def _logs_by_block(
        self, headers: Sequence[ProvenHeader], whose: frozenset[Address], *, dids_only: bool
    ) -> Iterable[tuple[ProvenHeader, Sequence[Entry]]]:
        of_registries = [] if dids_only else [one for one in headers if self._names_registries(one)]
        of_dids, speaking = self._speaking(headers, whose)
        told = self._told(of_registries, _Query(self._registries))
        words = [identity_word(who) for who in sorted(speaking)]
        for begin in range(0, len(words), _IDENTITIES_AT_ONCE):
            some = tuple(words[begin : begin + _IDENTITIES_AT_ONCE])
            query = _Query((self._settings.address_of(_DIDS),), some)
            told += self._told(of_dids, query)
        blocks = {header.block.number: header.block.hash for header in headers}
        if any(blocks.get(log.block_number) != log.block_hash for log in told):
            raise unavailable("the ledger's chain changed while it was read")
        by_block: defaultdict[int, list[Entry]] = defaultdict(list)
        for log in sorted(told, key=_place):
            by_block[log.block_number].append(Entry(log.address.raw, log.topics, log.content))
        named = {header.block.number: header for header in (*of_registries, *of_dids)}
        for number, header in sorted(named.items()):
            entries = by_block[number]
            yield header, entries if logs_of_one_receipt(header, entries) else self._from_receipts(header)

    def _names_registries(self, header: ProvenHeader) -> bool:
        """Whether the block may hold an event of ours; a bloom may say so by chance, and is never silent about one."""
        if not self._registry_masks:
            self._registry_masks = self._masks([name for name in ContractName if name is not _DIDS])
        return _names(int.from_bytes(header.bloom), self._registry_masks)

    def _speaking(
        self, headers: Sequence[ProvenHeader], whose: frozenset[Address]
    ) -> tuple[list[ProvenHeader], set[Address]]:
        """The blocks in which the DID registry may have spoken of some of these, and of whom."""
        blocks, speaking = [], set()
        for header in headers:
            if self.may_be_did(header):
                bloom = int.from_bytes(header.bloom)
                here = {who for who in whose if _names(bloom, (identity_mask(who),))}
                speaking |= here
                blocks += [header] * bool(here)
        return blocks, speaking

    def _masks(self, names: Sequence[ContractName]) -> tuple[int, ...]:
        """The bits that each event of each contract sets."""
        return tuple(
            bloom_mask(self._settings.address_of(name).raw) | bloom_mask(topic)
            for name in names
            for topic in interface(name).event_topics
        )

    def _told(self, named: Sequence[ProvenHeader], query: _Query) -> list[Log]:
        """What the node lists. Of use only where it proves itself.

        An answer has a longest length that a stranger's logs may reach: what is refused is asked for by halves, and of
        a block that is refused by itself nothing is listed, so that its receipts tell.
        """
        if not named:
            return []
        try:
            return self._listed(named[0].block.number, named[-1].block.number, query)
        except NodeError:
            half = len(named) // 2
            return [*self._told(named[:half], query), *self._told(named[half:], query)] if half else []

    def _listed(self, first: int, last: int, query: _Query) -> list[Log]:
        answer = self._node.call("eth_getLogs", query.parameters(first, last))
        if not isinstance(answer, list):
            raise unavailable("expected a list of logs from the ledger's node")
        logs = sorted((read_log(one) for one in answer), key=_place)
        if any(one == other for one, other in pairwise(map(_place, logs))) or any(
            not first <= log.block_number <= last or not query.covers(log) for log in logs
        ):
            raise unavailable("expected each log once, in the blocks and from the contracts asked for")
        return logs

    def _from_receipts(self, header: ProvenHeader) -> tuple[Entry, ...]:
        """A block's logs, by all its receipts."""
        try:
            receipts = self._node.call("eth_getBlockReceipts", hex(header.block.number))
        except NodeError:
            # A node that does not offer this, or not so much at once, answers for each transaction that it named.
            calls = [("eth_getTransactionReceipt", (f"0x{one.hex()}",)) for one in header.transactions]
            receipts = list(asked_by_parts(self._node, calls))
        return logs_of_receipts(header, receipts)


def _first_indexed(topics: Sequence[bytes]) -> bytes | None:
    return topics[1] if len(topics) > 1 else None


def _names(bloom: int, masks: Sequence[int]) -> bool:
    return any(bloom & mask == mask for mask in masks)


def _place(log: Log) -> tuple[int, int]:
    return log.block_number, log.index
