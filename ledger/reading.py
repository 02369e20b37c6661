"""How far a chain was read: its facts, and the way back for as many blocks as a reorganisation may replace."""

from __future__ import annotations

from collections import deque
from typing import Final

from ledger.did_blocks import DidBlocks
from ledger.events import Granted, LedgerEvent
from ledger.facts import Facts, Undo
from ledger.spans import Said
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import BlockRef

UNDO_BLOCKS: Final = 1024
"""A reorganisation that replaces more is read from the beginning."""


class Reading:
    """The facts of one chain up to its head. Not thread-safe: whoever holds it locks it."""

    def __init__(self, first: BlockRef, watched: frozenset[Address] = frozenset()) -> None:
        """Know the first block, and nothing yet. Whoever is ``watched`` is read of as participants are."""
        self.watched = watched
        self.did_blocks = DidBlocks()
        # Blocks known to be of our chain, oldest first: the first of all, and the heads that can be gone back to.
        self.marks = [first]
        self.facts = Facts()
        self.floor = first.number
        """Events up to this block cannot be taken back."""
        self._taken_in: deque[tuple[BlockRef, LedgerEvent, Undo]] = deque()

    @property
    def head(self) -> BlockRef:
        """The block up to which the facts go."""
        return self.marks[-1]

    def reads(self, who: Address) -> bool:
        """Whether what the DID registry says of somebody was read."""
        return who in self.watched or who in self.facts.accredited

    def whose(self, common: int) -> frozenset[Address]:
        """Of whom the DID registry's words were read up to a mark, by its place."""
        number = self.marks[common].number
        replaced = [
            event.grant.number
            for block, event, _ in self._taken_in
            if block.number > number and isinstance(event, Granted)
        ]
        first = min(replaced, default=len(self.facts.grants) + 1)
        return self.watched | {who for who, grant in self.facts.accredited.items() if grant < first}

    def advance(self, common: int, said: Said) -> None:
        """Go back to a mark, by its place, and from there on by what a span says, all at once.

        Raises:
            Malformed: these events cannot follow on those before. Nothing is changed then.
        """
        replaced = self._take_back(self.marks[common].number)
        try:
            for block, event in said.events:
                self._take_in(block, event)
        except Malformed:
            self._take_back(self.marks[common].number)
            for block, event in replaced:
                self._take_in(block, event)
            raise
        self.did_blocks.forget_after(self.marks[common].number)
        for header in said.did_blocks:
            self.did_blocks.add(header)
        del self.marks[common + 1 :]
        self.marks.append(said.end)
        self._forget_the_way_to(said.end.number - UNDO_BLOCKS)

    def _take_in(self, block: BlockRef, event: LedgerEvent) -> None:
        self._taken_in.append((block, event, self.facts.apply(event)))

    def _take_back(self, number: int) -> list[tuple[BlockRef, LedgerEvent]]:
        """Take back what came after a block; returns it, oldest first."""
        replaced = []
        while self._taken_in and self._taken_in[-1][0].number > number:
            block, event, undo = self._taken_in.pop()
            undo()
            replaced.append((block, event))
        return replaced[::-1]

    def _forget_the_way_to(self, number: int) -> None:
        self.floor = max(self.floor, number)
        while self._taken_in and self._taken_in[0][0].number <= self.floor:
            self._taken_in.popleft()
        old = 1
        while old < len(self.marks) - 1 and self.marks[old].number < self.floor:
            old += 1
        del self.marks[1:old]
