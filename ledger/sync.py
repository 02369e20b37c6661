"""Keeps facts in step with a node: new blocks in, replaced blocks out.

What a node says is tied together by hashes: chain id and first block are pinned, every span of blocks must follow on
the last one known, every log must name its block. Events are kept with their block, so that a reorganisation takes
back exactly what it replaced. A node that is merely behind what was already seen is *unavailable*: a stale head would
hide a withdrawal (T41). Leaves out proofs against a block hash.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ledger.blocks import Header, Log, Node, header, quantity, read_log
from ledger.events import LedgerEvent, in_our_words
from ledger.facts import Facts
from ledger.interfaces import interface
from ledger.rpc import NodeError, unavailable
from ledger.settings import ContractName, LedgerSettings
from passport.errors import Malformed, Reason, Rejected
from passport.registry import BlockRef

_SPAN: Final = 2000
_MARKS_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at the node brought: events that are new, and whether earlier ones were taken back."""

    events: tuple[LedgerEvent, ...]
    rolled_back: bool


class Sync:
    """The facts of one chain, as far as they were read. One thread steps; readers hold ``lock`` while they read."""

    def __init__(self, settings: LedgerSettings, node: Node, lock: AbstractContextManager[object]) -> None:
        """Know nothing yet. ``lock`` is held while facts change, never while the node is asked."""
        self._lock = lock
        self._settings = settings
        self._node = node
        self._contracts = {settings.address_of(name): name for name in ContractName}
        self._history: list[tuple[BlockRef, LedgerEvent]] = []
        # Blocks known to be of our chain, oldest first: the first block of all, then every head that was read up to.
        self._marks: list[BlockRef] = []
        self.facts = Facts()

    @property
    def head(self) -> BlockRef | None:
        """The block up to which the facts go."""
        return self._marks[-1] if self._marks else None

    def step(self) -> Step:
        """Catch up with the node.

        Raises:
            Unavailable: it cannot be reached, contradicts itself, or is behind what was seen.
            Rejected: WRONG_CHAIN, it is another chain.
        """
        try:
            return self._step()
        except (NodeError, Malformed, LookupError, ValueError) as failed:
            # Whatever a node can send that no contract of ours ever said.
            raise unavailable(f"the ledger's node is no help: {failed}") from failed

    def _step(self) -> Step:
        if not self._marks:
            self._marks.append(self._first_block())
        target = self._target()
        if target is None or target.block == self.head:
            return Step((), rolled_back=False)
        rolled_back = self._go_back_to_common_block(target)
        new: list[LedgerEvent] = []
        while self._marks[-1].number < target.block.number:
            new += self._read_span(min(self._next_number() + _SPAN - 1, target.block.number))
        return Step(tuple(new), rolled_back)

    def _first_block(self) -> BlockRef:
        chain_id = quantity(self._node.call("eth_chainId"))
        if chain_id != self._settings.chain_id:
            raise Rejected(Reason.WRONG_CHAIN, f"expected chain {self._settings.chain_id}, got {chain_id}")
        first = header(self._node, 0)
        if first is None:
            raise unavailable("expected the ledger's node to have the first block")
        return first.block

    def _target(self) -> Header | None:
        """The newest block that counts, or nothing if none does yet."""
        newest = header(self._node, "latest")
        if newest is None:
            raise unavailable("expected a newest block from the ledger's node")
        if self._settings.confirmations == 1:
            return newest
        number = newest.block.number - self._settings.confirmations + 1
        return header(self._node, number) if number > 0 else None

    def _next_number(self) -> int:
        return max(self._marks[-1].number + 1, self._settings.first_block)

    def _go_back_to_common_block(self, target: Header) -> bool:
        """Drop what the node's chain no longer has; returns whether anything was."""
        if target.parent == self._marks[-1].hash:
            return False
        common = len(self._marks)
        while common > 0 and not self._is_on_chain(self._marks[common - 1], target):
            common -= 1
        if common == 0:
            raise Rejected(
                Reason.WRONG_CHAIN, "expected the chain that was read before, got one with another beginning"
            )
        dropped = self._marks[common:]
        if not dropped:
            return False
        if dropped[-1].number > target.block.number and all(b.number > target.block.number for b in dropped):
            raise unavailable(
                f"the ledger's node is at block {target.block.number}, {self._marks[-1].number} was seen before"
            )
        with self._lock:
            self._roll_back(self._marks[common - 1], common)
        return True

    def _is_on_chain(self, mark: BlockRef, target: Header) -> bool:
        if mark.number >= target.block.number:
            return mark == target.block
        found = header(self._node, mark.number)
        return found is not None and found.block.hash == mark.hash

    def _roll_back(self, common: BlockRef, marks: int) -> None:
        self._history = [(block, event) for block, event in self._history if block.number <= common.number]
        del self._marks[marks:]
        facts = Facts()
        for _, event in self._history:
            facts.apply(event)
        self.facts = facts

    def _read_span(self, last: int) -> list[LedgerEvent]:
        """Read the blocks after the newest mark up to ``last``."""
        first = self._next_number()
        before, end = header(self._node, first - 1), header(self._node, last)
        if before is None or end is None:
            raise unavailable("the ledger's chain changed while it was read")
        if first - 1 == self._marks[-1].number and before.block.hash != self._marks[-1].hash:
            raise unavailable("the ledger's chain changed while it was read")
        logs = self._logs(first, last)
        blocks = self._blocks_of(logs, end)
        again = header(self._node, last)
        if again is None or again.block != end.block:
            raise unavailable("the ledger's chain changed while it was read")
        found = [
            (blocks[log.block_hash], event)
            for log in logs
            if (event := self._meaning(log, blocks)) is not None
        ]
        # Everything is read and understood: only now does anything change.
        with self._lock:
            try:
                for _, event in found:
                    self.facts.apply(event)
            except Malformed:
                self._roll_back(self._marks[-1], len(self._marks))
                raise
            self._history += found
            self._marks.append(end.block)
            if len(self._marks) > _MARKS_KEPT:
                del self._marks[1 : _MARKS_KEPT // 2]
        return [event for _, event in found]

    def _logs(self, first: int, last: int) -> list[Log]:
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

    def _blocks_of(self, logs: list[Log], end: Header) -> dict[bytes, BlockRef]:
        """Each log's block. A number has one hash; the newest block is known."""
        blocks = {end.block.hash: end.block}
        by_number = {end.block.number: end.block.hash}
        for log in logs:
            if by_number.setdefault(log.block_number, log.block_hash) != log.block_hash:
                raise unavailable("expected one block of each number from the ledger's node")
            if log.block_hash in blocks:
                continue
            if log.block_time is not None:
                blocks[log.block_hash] = BlockRef(log.block_number, log.block_hash, log.block_time)
                continue
            found = header(self._node, log.block_number)
            if found is None or found.block.hash != log.block_hash:
                raise unavailable("expected the block of a log from the ledger's node")
            blocks[log.block_hash] = found.block
        return blocks

    def _meaning(self, log: Log, blocks: dict[bytes, BlockRef]) -> LedgerEvent | None:
        decoded = interface(self._contracts[log.address]).event(log.topics, log.content)
        return None if decoded is None else in_our_words(decoded, blocks[log.block_hash])
