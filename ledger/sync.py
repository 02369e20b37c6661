"""Keeps facts in step with a node: new blocks in, replaced blocks out, nothing marked as read that was not checked.

Chain id and first block are pinned, and every header hashes to its block and follows on the one before; ``ledger.spans``
reads what blocks say. Nothing changes until all of a span is read and understood. A node that is merely behind what was
already seen is *unavailable*: a stale head would hide a withdrawal (T41). Facts that contradict one another are read
again from the first block, beside the old ones, until they add up: the way back needs no restart. Leaves out consensus:
which blocks a network agreed on is the node's word, or that of several nodes.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from ledger.blocks import BatchingNode, quantity
from ledger.events import LedgerEvent
from ledger.facts import Facts
from ledger.proofs import ProvenHeader
from ledger.reading import Reading
from ledger.rpc import NodeError, unavailable
from ledger.settings import LedgerSettings
from ledger.spans import SpanReader, asked_header, header_unless
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.identifiers import Address
from passport.registry import BlockRef

_SPAN: Final = 2000
_LONGEST_PAUSE: Final = 256
_MOST_WATCHED: Final = 256


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at the node brought: new events, whether earlier ones were taken back, whether there is more."""

    events: tuple[LedgerEvent, ...] = ()
    rolled_back: bool = False
    more: bool = False


class Sync:
    """The facts of one chain, as far as they were read. One thread steps; readers hold ``lock`` while they read."""

    def __init__(
        self, settings: LedgerSettings, node: BatchingNode, lock: AbstractContextManager[object]
    ) -> None:
        """Know nothing yet. ``lock`` is held while facts change, never while the node is asked."""
        self._lock = lock
        self._settings = settings
        self._node = node
        self._spans = SpanReader(settings, node)
        self._reading: Reading | None = None
        # The same chain from its first block, while what was read contradicts what came then.
        self._again: Reading | None = None
        self._watched: frozenset[Address] = frozenset()
        self._span = _SPAN
        self._pause = 0
        self._steps_to_wait = 0

    @property
    def facts(self) -> Facts:
        """The facts up to the head."""
        return Facts() if self._reading is None else self._reading.facts

    @property
    def head(self) -> BlockRef | None:
        """The block up to which the facts go."""
        return None if self._reading is None else self._reading.head

    def reads(self, who: Address) -> bool:
        """Whether what the DID registry says of somebody is among the facts. Of participants it is."""
        return self._reading is not None and self._reading.reads(who)

    def watch(self, who: Address) -> None:
        """Read of somebody as of participants, from the first block on; the facts are the old ones meanwhile.

        Raises:
            Unavailable: of too many already.
        """
        with self._lock:
            if len(self._watched) >= _MOST_WATCHED:
                raise unavailable(f"the ledger is read for at most {_MOST_WATCHED} who are no participants")
            self._watched |= {who}

    def step(self) -> Step:
        """Catch up with the node, at most by so many blocks; ``more`` says that the node has more.

        Raises:
            Unavailable: it cannot be reached, contradicts itself, is behind what was seen, or does not prove its logs.
            Rejected: WRONG_CHAIN, it is another chain.
        """
        try:
            return self._step()
        except (NodeError, Malformed, LookupError, ValueError) as failed:
            # Whatever a node can send that no contract of ours ever said.
            raise unavailable(f"the ledger's node is no help: {failed}") from failed

    def _step(self) -> Step:
        if self._reading is None:
            self._reading = Reading(self._first_block(), self._watched)
        if self._again is None and not self._watched <= self._reading.watched:
            self._again = Reading(self._reading.marks[0], self._watched)
        if self._again is not None:
            return self._read_again(self._reading, self._again)
        target = self._target(self._reading.head)
        return Step() if target is None else self._advance(self._reading, target, self._lock)

    def _first_block(self) -> BlockRef:
        chain_id = quantity(self._node.call("eth_chainId"))
        if chain_id != self._settings.chain_id:
            raise Rejected(Reason.WRONG_CHAIN, f"expected chain {self._settings.chain_id}, got {chain_id}")
        return asked_header(self._node, 0).block

    def _target(self, head: BlockRef) -> ProvenHeader | None:
        """The newest block that counts, or nothing if none does yet or nothing has changed."""
        if self._settings.confirmations == 1:
            return header_unless(self._node, "latest", head)
        newest = asked_header(self._node, "latest")
        number = newest.block.number - self._settings.confirmations + 1
        return header_unless(self._node, number, head) if number > 0 else None

    def _advance(self, reading: Reading, target: ProvenHeader, lock: AbstractContextManager[object]) -> Step:
        """Read the next blocks on the way to ``target``, and take back what its chain does not have."""
        common = self._common(reading, target)
        before, rolled_back = reading.marks[common], common < len(reading.marks) - 1
        if before.number < reading.floor:
            self._begin_again(before)
            raise unavailable("the ledger's chain has replaced much of what was read: it is read again")
        first = max(before.number + 1, self._settings.first_block)
        last = min(first + self._span - 1, target.block.number)
        # Half as much next time, if this is too much for the time or the length that an answer may have.
        span, self._span = self._span, max(1, self._span // 2)
        said = self._spans.read(
            *(before, first, last, target), whose=reading.whose(common), earlier=reading.did_blocks
        )
        self._span = min(_SPAN, 2 * span)
        # Everything is read, proved and understood: only now does anything change.
        with lock:
            try:
                reading.advance(common, said)
            except Malformed:
                self._begin_again(reading.marks[0])
                raise
        more = said.end.number < target.block.number
        return Step(tuple(event for _, event in said.events), rolled_back, more)

    def _common(self, reading: Reading, target: ProvenHeader) -> int:
        """The place of the newest mark that is on the chain of ``target``."""
        marks = reading.marks
        if target.parent == marks[-1].hash:
            return len(marks) - 1
        common = len(marks) - 1
        while common >= 0 and not self._is_on_chain(marks[common], target):
            common -= 1
        if common < 0:
            raise Rejected(
                Reason.WRONG_CHAIN, "expected the chain that was read before, got one with another beginning"
            )
        dropped = marks[common + 1 :]
        if dropped and all(block.number > target.block.number for block in dropped):
            raise _behind(target.block, marks[-1])
        return common

    def _is_on_chain(self, mark: BlockRef, target: ProvenHeader) -> bool:
        if mark.number >= target.block.number:
            return mark == target.block
        return asked_header(self._node, mark.number).block.hash == mark.hash

    def _begin_again(self, first: BlockRef) -> None:
        """Read the chain once more, beside what was read: soon at first, and ever more rarely if that does not help."""
        self._again = Reading(first, self._watched)
        self._steps_to_wait = self._pause
        self._pause = min(2 * self._pause + 1, _LONGEST_PAUSE)

    def _read_again(self, reading: Reading, again: Reading) -> Step:
        if self._steps_to_wait:
            self._steps_to_wait -= 1
            raise unavailable("what the ledger's node said contradicts itself: it will be read again")
        target = self._target(again.head)
        step = Step() if target is None else self._advance(again, target, nullcontext())
        if step.more:
            return Step(more=True)
        if again.head.number < reading.head.number:
            # Shorter than what it is to replace: as stale as it would be anywhere else.
            raise _behind(again.head, reading.head)
        with self._lock:
            self._reading, self._again, self._pause = again, None, 0
        return Step(rolled_back=True)


def _behind(shown: BlockRef, seen: BlockRef) -> Unavailable:
    return unavailable(f"the ledger's node is at block {shown.number}, {seen.number} was seen before")
