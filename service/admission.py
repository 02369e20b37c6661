"""Admission: who is worked for now, who waits, and who hears at once to come again.

Under more load than a service can carry, work that is thrown away half done is the loss: a wallet that got its token and
then waited too long for its credential cost two thirds of a set and has nothing. So the first step of a journey is where
it is refused, before anything is read or done, and what was begun goes before what was not.

* A **kind** is a class of requests, with a pool, a rank in it, and how long it may wait.
* A **pool** has so many places; every request of its kinds takes one while it is worked for. Pools are apart, so that no
  crowd in one is felt in another: a bank's officer revokes while citizens queue.
* A **journey** is known by a secret that its first step handed out. Later steps that show it go first; those that do not
  stand among the first steps, so that nobody goes first by asking for a later step, nor by asking for one again and again:
  of one journey two requests go first at once. Of five turns in a row one is a lower rank's, so that no rank starves another.

The bound of a queue is seconds: what is queued and what begun journeys will still need, each by its measured time, over the
places of the pool. A number bounds it as well, far above what the seconds allow an honest crowd: cheap requests may be so
many in so few seconds that a connection's limits (``service.connections``) would leave none to the bank's own people. Leaves out HTTP (``service.admission_walls``) and threads: all of
it runs on the event loop.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from service.journeys import Journeys

MOST_RETRY_SECONDS: Final = 30
_WEIGHT: Final = 0.1
"""Of a new measurement against the mean of those before."""
PLACES: Final = 4
"""Of the pool that citizens' journeys share. Threads that compute take turns at one interpreter, and so does the event loop,
which refuses and answers health: many would keep it waiting. Fewer than four wait for the disk one after another, where a
sync could have been shared."""
FIRST_STEP: Final = 2
"""The rank of first steps; also of later ones that show no begun journey: they may be anybody's, or a restart's."""
_STRANGERS_WAIT: Final = 1.0
MOST_STRANGERS: Final = 64
"""Later steps of a kind that show no begun journey and wait."""
MOST_OF_ONE: Final = 2
"""Requests of one journey that go first at once; more of them are treated as a stranger's."""
_MOST_PASSED: Final = 4
"""Turns for which a rank that waits is passed over by better ones; the next turn is its own."""
_WHILE_IDLE: Final = 3.0
"""While a pool has a free place, begun journeys may be so many times more: their holders may only be slow."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of requests."""

    name: str
    pool: str
    rank: int = 0
    """Lower goes first."""
    wait: float = 2.0
    """Seconds: what would wait longer is refused at once."""
    patience: float = 8.0
    """Seconds: what has waited longer all the same is refused then; callers give up after ten."""
    guess: float = 0.02
    """Seconds that one takes, until it was measured."""
    begins: bool = False
    """The first step of a journey."""
    belongs: bool = False
    """A later step."""
    most: int = 256
    """So many may wait."""
    most_of_one: int | None = None
    """So many that show one secret may wait or be worked for; more are refused. None: any number."""
    most_beside: float = math.inf
    """Seconds of work left behind elsewhere with which no more of this kind is taken."""


@dataclass(slots=True)
class _Pool:
    places: int
    running: int = 0
    lines: dict[int, deque[Ticket]] = field(default_factory=dict)
    """Who waits, by rank."""
    passed: dict[int, int] = field(default_factory=dict)
    """For how many turns in a row each rank that waits was passed over."""
    waiting: Counter[tuple[int, Kind]] = field(default_factory=Counter)
    """How many of a rank and kind wait."""
    last_turn: float = 0.0
    """When a place was last given."""
    busy: float = 0.0
    """Seconds that places were taken since a journey last ended."""

    def first_of(self, rank: int) -> Ticket | None:
        """Who has waited longest in a rank."""
        line = self.lines.get(rank, deque())
        while line and line[0].over:
            line.popleft()
        return line[0] if line else None

    def take(self) -> Ticket | None:
        """Whose turn it is: the best rank's, but for one that was passed over too often."""
        ranks = [rank for rank in sorted(self.lines) if self.first_of(rank) is not None]
        if not ranks:
            return None
        rank = next((one for one in ranks if self.passed.get(one, 0) >= _MOST_PASSED), ranks[0])
        self.passed = {one: self.passed.get(one, 0) + 1 for one in ranks if one > rank}
        return self.lines[rank].popleft()


@dataclass(slots=True)
class Ticket:
    """One request's place, or its wait for one."""

    kind: Kind
    rank: int
    journey: bytes | None
    on_turn: Callable[[], None]
    came: float
    started: float | None = None
    over: bool = False


class Admission:
    """Gives out the places of every pool."""

    def __init__(
        self,
        pools: Mapping[str, int],
        *,
        clock: Callable[[], float] = time.monotonic,
        beside: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """``beside`` says for how many seconds work that begun journeys left behind will still take elsewhere."""
        self._pools = {name: _Pool(places) for name, places in pools.items()}
        self._clock = clock
        self._beside = beside
        self._seconds: dict[str, float] = {}
        self._asking: Counter[bytes] = Counter()
        """How many requests of a secret wait or are worked for, where that is bounded."""
        self.journeys = Journeys(clock)

    def retry_after(self, kind: Kind, journey: bytes | None) -> int | None:
        """None where such a request may come in; else in how many seconds it should come again."""
        pool, rank = self._pools[kind.pool], self._rank(kind, journey)
        if self._too_many(kind, rank, journey):
            return 1
        queued = self._queued_seconds(pool, rank)
        late = queued - (kind.wait if rank == kind.rank else min(kind.wait, _STRANGERS_WAIT))
        late = max(late, self._beside() - kind.most_beside)
        if kind.begins:
            ahead = queued + self.journeys.seconds_left() / pool.places + self._beside()
            busy = pool.running >= pool.places or pool.waiting.total() > 0
            late = max(late, ahead - kind.wait * (1.0 if busy else _WHILE_IDLE))
        if late <= 0:
            return None
        return min(max(1, math.ceil(late)), MOST_RETRY_SECONDS)

    def queue(self, kind: Kind, journey: bytes | None, on_turn: Callable[[], None]) -> Ticket:
        """Stand in line; ``on_turn`` is called when there is a place, at once where one is free."""
        pool = self._pools[kind.pool]
        ticket = Ticket(kind, self._rank(kind, journey), journey, on_turn, self._clock())
        pool.lines.setdefault(ticket.rank, deque()).append(ticket)
        pool.waiting[ticket.rank, kind] += 1
        if journey is not None and _counts(ticket):
            self._asking[journey] += 1
        self._fill(pool)
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        """Leave the line: nobody waits for the answer any more."""
        if ticket.started is not None:
            self.done(ticket)
        elif not ticket.over:
            self._leave(ticket)
            self._pools[ticket.kind.pool].waiting[ticket.rank, ticket.kind] -= 1

    def done(self, ticket: Ticket) -> None:
        """Give the place back; the second time does nothing."""
        if ticket.over or ticket.started is None:
            return
        self._leave(ticket)
        pool, taken = self._pools[ticket.kind.pool], self._clock() - ticket.started
        pool.running -= 1
        pool.busy += taken
        before = self._seconds.get(ticket.kind.name, ticket.kind.guess)
        self._seconds[ticket.kind.name] = before + _WEIGHT * (taken - before)
        if ticket.journey is not None and ticket.kind.belongs:
            self.journeys.stepped(ticket.journey, taken)
        self._fill(pool)

    def end_journey(self, pool: str, journey: bytes) -> None:
        """A journey ended in a pool; what the pool was busy for since the one before is what a whole one costs."""
        busy, self._pools[pool].busy = self._pools[pool].busy, 0.0
        self.journeys.end(journey, busy)

    def waiting(self, pool: str) -> int:
        """How many wait in a pool."""
        return self._pools[pool].waiting.total()

    def places(self, pool: str) -> int:
        """How many places a pool has."""
        return self._pools[pool].places

    def _leave(self, ticket: Ticket) -> None:
        ticket.over = True
        if ticket.journey is not None and _counts(ticket):
            self._asking[ticket.journey] -= 1
            if not self._asking[ticket.journey]:
                del self._asking[ticket.journey]

    def _too_many(self, kind: Kind, rank: int, journey: bytes | None) -> bool:
        if kind.most_of_one is not None and journey is not None and self._asking[journey] >= kind.most_of_one:
            return True
        most = kind.most if rank == kind.rank else min(kind.most, MOST_STRANGERS)
        return self._pools[kind.pool].waiting[rank, kind] >= most

    def _rank(self, kind: Kind, journey: bytes | None) -> int:
        stranger = kind.belongs and (
            journey is None or not self.journeys.knows(journey) or self._asking[journey] >= MOST_OF_ONE
        )
        return FIRST_STEP if stranger else kind.rank

    def _queued_seconds(self, pool: _Pool, rank: int) -> float:
        """How long whoever comes now would wait: for all that goes before, and no shorter than whoever waits already."""
        if pool.running < pool.places:
            return 0.0
        ahead = sum(
            number * self._seconds_of(kind) for (other, kind), number in pool.waiting.items() if other <= rank
        )
        first = pool.first_of(rank)
        since = pool.last_turn if first is None else min(first.came, pool.last_turn)
        return max(ahead / pool.places, self._clock() - since)

    def _seconds_of(self, kind: Kind) -> float:
        """What one of a kind takes of a place; of a first step, all that will follow it."""
        each = self._seconds.get(kind.name, kind.guess)
        return max(each, self.journeys.cost) if kind.begins else each

    def _fill(self, pool: _Pool) -> None:
        while pool.running < pool.places and (ticket := pool.take()) is not None:
            pool.waiting[ticket.rank, ticket.kind] -= 1
            pool.running += 1
            pool.last_turn = ticket.started = self._clock()
            ticket.on_turn()


def _counts(ticket: Ticket) -> bool:
    """Whether a ticket is one of those of which only so many of one secret may be."""
    return ticket.kind.most_of_one is not None or (ticket.kind.belongs and ticket.rank == ticket.kind.rank)


def name_of(secret: str | bytes) -> bytes:
    """A journey's name in memory: a hash, so that nothing that opens anything is kept here."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).digest()


@dataclass(frozen=True, slots=True)
class Rule:
    """Which requests are of a kind: the first rule that fits counts."""

    kind: Kind | None
    """None: worked for without a place, since it takes none (health) or only waits."""
    path: str
    """The whole path, or with ``*`` at its end how it begins."""
    method: str | None = None
    journey_in_path: bool = False
    """The journey's secret is the last segment of the path; otherwise it is the token in ``Authorization``."""

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is of this kind."""
        if self.method is not None and method != self.method:
            return False
        return path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path


HEALTH: Final = Rule(None, "/health/*")
"""Answered always."""


@dataclass(frozen=True, slots=True)
class Admitting:
    """What one service admits: its pools, and rules that end with one for everything else."""

    admission: Admission
    rules: Sequence[Rule]

    def find(self, method: str, path: str) -> Rule:
        """The first rule that fits.

        Raises:
            LookupError: none does, which ``rules`` must not let happen.
        """
        for rule in self.rules:
            if rule.fits(method, path):
                return rule
        raise LookupError("expected a last rule for every request")
