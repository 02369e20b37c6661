"""Journeys that are under way: what their next steps will still cost, and which request belongs to one.

Kept in memory only, and bounded: after a restart a begun journey is treated as one that was not, which costs it its place
in the line and nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

IDLE_SECONDS: Final = 10.0
"""A journey without a step for so long no longer counts as work to come; it is still known."""
KNOWN_SECONDS: Final = 900.0
MOST_KNOWN: Final = 50_000
_FIRST_GUESS: Final = 0.05
_MOST_TIMES: Final = 4.0
_WEIGHT: Final = 0.1


@dataclass(slots=True)
class _Journey:
    last_step: float
    spent: float = 0.0


class Journeys:
    """Those begun here, by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: OrderedDict[bytes, _Journey] = OrderedDict()
        """In the order of their last steps, all younger than ``IDLE_SECONDS``."""
        self._known: OrderedDict[bytes, float] = OrderedDict()
        """When each was begun, in that order."""
        self._spent = 0.0
        self.cost = _FIRST_GUESS
        """What a whole one takes of a place."""

    def begin(self, name: bytes) -> None:
        """A first step was answered with yes."""
        self._prune()
        self._open.setdefault(name, _Journey(self._clock())).last_step = self._clock()
        self._open.move_to_end(name)
        self._known[name] = self._clock()
        self._known.move_to_end(name)
        if len(self._known) > MOST_KNOWN:
            self._close(self._known.popitem(last=False)[0])

    def stepped(self, name: bytes, seconds: float) -> None:
        """One of its later steps took so long."""
        journey = self._open.get(name)
        if journey is None:
            return
        journey.spent += seconds
        self._spent += seconds
        journey.last_step = self._clock()
        self._open.move_to_end(name)

    def end(self, name: bytes, seconds: float) -> None:
        """Its last step that costs anything was answered, ``seconds`` of work after another's; it stays known, since it may ask again."""
        if self._close(name) is not None:
            # What somebody else's storm cost meanwhile is no journey's.
            self.cost += _WEIGHT * (min(seconds, _MOST_TIMES * self.cost) - self.cost)

    def knows(self, name: bytes) -> bool:
        """Whether it was begun here, and not too long ago."""
        begun = self._known.get(name)
        return begun is not None and self._clock() - begun < KNOWN_SECONDS

    def under_way(self) -> int:
        """How many are."""
        self._prune()
        return len(self._open)

    def seconds_left(self) -> float:
        """What all that are under way will still take of a place."""
        return max(0.0, self.under_way() * self.cost - self._spent)

    def _prune(self) -> None:
        now = self._clock()
        while self._open and now - next(iter(self._open.values())).last_step >= IDLE_SECONDS:
            self._close(next(iter(self._open)))
        while self._known and now - next(iter(self._known.values())) >= KNOWN_SECONDS:
            self._known.popitem(last=False)

    def _close(self, name: bytes) -> _Journey | None:
        journey = self._open.pop(name, None)
        if journey is not None:
            self._spent -= journey.spent
        return journey
