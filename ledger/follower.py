"""A local follower: keeps the ledger's facts in memory, so that answering asks nobody.

It polls a node, by default every 0.2 s, and goes on answering from memory when the node is gone, saying since when
(``as_of``, ``last_seen_at``): how old is too old is the asker's to judge.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Event, RLock, Thread
from time import monotonic
from typing import Final

from ledger.agreement import Nodes
from ledger.blocks import BatchingNode
from ledger.events import Anchored, LedgerEvent, StatusPublished
from ledger.facts import Facts
from ledger.reads import LedgerReads
from ledger.rpc import unavailable
from ledger.settings import LedgerSettings
from ledger.sync import Step, Sync
from passport.clock import Clock
from passport.errors import PassportError
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef, StatusRecord

POLL_SECONDS: Final = 0.2
LONGEST_LOOK: Final = timedelta(seconds=10)
"""Two answers that take as long as one may: who has heard nothing for so long does not know how things are."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look at the node brought. After a rollback, look again at everything that rests on the ledger."""

    head: BlockRef
    events: tuple[LedgerEvent, ...]
    rolled_back: bool

    @property
    def anchors(self) -> tuple[AnchorRecord, ...]:
        """The new anchors."""
        return tuple(event.anchor for event in self.events if isinstance(event, Anchored))

    @property
    def statuses(self) -> tuple[StatusRecord, ...]:
        """The new status list versions."""
        return tuple(event.status for event in self.events if isinstance(event, StatusPublished))


class Follower(LedgerReads):
    """Follows the ledger in a thread of its own. Reads are thread-safe and touch no network."""

    def __init__(
        self,
        settings: LedgerSettings,
        clock: Clock,
        on_change: Callable[[Changes], None] | None = None,
        poll_seconds: float = POLL_SECONDS,
        node: BatchingNode | None = None,
    ) -> None:
        """``on_change`` is called in the follower's thread, after the facts have changed; it must not raise.

        ``node`` is asked instead of those of the settings, if one is handed in.
        """
        self.settings = settings
        self._clock = clock
        self._on_change = on_change
        self._poll_seconds = poll_seconds
        self._nodes = Nodes(settings)
        self._lock = RLock()
        self._sync = Sync(settings, node or self._nodes.reading, self._lock)
        self._changed = Condition(self._lock)
        self._stopping = Event()
        self._thread: Thread | None = None
        self._last_seen_at: datetime | None = None
        self._failure: PassportError | None = None
        self._rollbacks = 0

    def start(self) -> None:
        """Begin to follow; the first look is in the background, too."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="ledger-follower", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop following and wait until it has."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._nodes.close()

    @property
    def as_of(self) -> BlockRef:
        """The block up to which the facts go. Raises ``Unavailable`` before the first look has succeeded."""
        return self.head()

    @property
    def last_seen_at(self) -> datetime | None:
        """When the newest look that succeeded began, or nothing if none did: the facts are at least as new as that."""
        with self._lock:
            return self._last_seen_at

    @property
    def rollbacks(self) -> int:
        """How often something was taken back: where that has grown, look again at everything."""
        with self._lock:
            return self._rollbacks

    @property
    def failure(self) -> PassportError | None:
        """Why the last look failed, or nothing if it succeeded."""
        with self._lock:
            return self._failure

    def check(self) -> None:
        """For readiness: the newest look succeeded, and lately.

        Raises:
            Unavailable: the ledger cannot be read now, was never seen, or a look takes too long.
            Rejected: it is another ledger.
        """
        with self._lock:
            failure, seen = self._failure, self._last_seen_at
        if failure is not None:
            raise failure
        if seen is None or self._clock.now() - seen > LONGEST_LOOK:
            raise unavailable(f"expected to have seen the ledger within {LONGEST_LOOK.total_seconds():.0f} s")

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until a condition on the facts holds, looked at after every change; returns whether it does."""
        deadline = monotonic() + timeout
        with self._changed:
            while not condition():
                left = deadline - monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def poll(self) -> None:
        """Look at the node once, in this thread. A failure is kept in ``failure``, not raised."""
        more = True
        while more and not self._stopping.is_set():
            try:
                step = self._look()
            except PassportError as failed:
                self._failed(failed)
                return
            except Exception as failed:
                # Nothing that a node sends may end the following, or leave it looking well.
                self._failed(unavailable(f"the ledger's node is no help: {type(failed).__name__}"))
                raise
            more = step.more
            self._tell(step)

    def _look(self) -> Step:
        # Before the node is asked: what happens while it answers slowly may not be in its answer.
        began = self._clock.now()
        step = self._sync.step()
        with self._changed:
            self._rollbacks += step.rolled_back
            if not step.more:
                self._last_seen_at = began
                self._failure = None
            self._changed.notify_all()
        return step

    def _failed(self, failure: PassportError) -> None:
        with self._lock:
            if self._failure is None:
                _log.debug("ledger_unreachable", extra={"problem": str(failure)})
            self._failure = failure

    def _tell(self, step: Step) -> None:
        if self._on_change is None or not (step.events or step.rolled_back):
            return
        with self._lock:
            head = self._sync.head if self._last_seen_at is not None else None
        # Of a first look that takes several steps only the last is told: before, there is nothing to look at.
        if head is not None:
            self._on_change(Changes(head, step.events, step.rolled_back))

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = monotonic()
            try:
                self.poll()
            except Exception:  # noqa: BLE001 - a listener may fail; following, on which refusals rest, must go on
                _log.exception("ledger_follower_failed")
            self._stopping.wait(max(0.0, self._poll_seconds - (monotonic() - began)))

    @contextmanager
    def _now(self) -> Iterator[tuple[Facts, BlockRef]]:
        with self._lock:
            head = self._sync.head
            if head is None or self._last_seen_at is None:
                failure = "" if self._failure is None else f": {self._failure}"
                raise unavailable(f"the ledger was not seen yet{failure}")
            yield self._sync.facts, head

    @contextmanager
    def _about(self, who: Address) -> Iterator[tuple[Facts, BlockRef]]:
        with self._now() as known:
            if not self._sync.reads(who):
                self._sync.watch(who)
                raise unavailable(
                    "the DID of somebody who is no participant is read from now on: ask again soon"
                )
            yield known
