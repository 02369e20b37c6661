"""Follow what banks publish: fetch leaf files and status lists when the ledger or a clock says so.

Never because somebody presents: presenting works with the bank stopped, and no bank learns who is shown where. What is
fetched counts only by the ledger: a leaf file has the anchored root, a status list the published commitment. Files come
in threads of their own, from each bank one at a time, so that a bank that does not answer holds up no other; a fetch that
failed is tried again after ever longer pauses.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from passport.anchor import LEAF_FILE_MEDIA_TYPE, MAX_LEAVES, LeafFile
from passport.clock import Clock
from passport.errors import PassportError
from passport.identifiers import Address
from passport.registry import AnchorRecord, Role
from service.logs import log_event
from verifier.ports import BatchKey, ChainView, Fetcher, FollowedFacts, LeafIndex
from verifier.use_cases.know_issuer import ISSUER_SERVICE
from verifier.use_cases.read_status_list import ListFollower

logger = logging.getLogger(__name__)

_MAX_LEAF_FILE = 16 + 32 * MAX_LEAVES
_FETCHES_AT_ONCE = 4
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
_SILENCE = timedelta(seconds=2)
_LOOK_AGAIN = timedelta(seconds=300)
_LOOK_AGAIN_IN_SILENCE = timedelta(seconds=2)
_ANCHORS_AT_ONCE = 1000


@dataclass(slots=True)
class FetchQueue:
    """Runs each fetch once at a time, and again only after a pause if it failed; one at a time from each bank."""

    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_FETCHES_AT_ONCE, thread_name_prefix="fetch")
    )
    lock: threading.Lock = field(default_factory=threading.Lock)
    busy: set[Hashable] = field(default_factory=set)
    failures: dict[Hashable, tuple[int, float]] = field(default_factory=dict)
    waiting: dict[Address, deque[tuple[Hashable, Callable[[], None]]]] = field(default_factory=dict)
    """What is still to be fetched from a bank from which something is being fetched."""

    def submit(self, bank: Address, key: Hashable, work: Callable[[], None]) -> None:
        """Do ``work`` soon, unless it is being done or must wait."""
        with self.lock:
            _, not_before = self.failures.get(key, (0, 0.0))
            if key in self.busy or time.monotonic() < not_before:
                return
            self.busy.add(key)
            if bank in self.waiting:
                self.waiting[bank].append((key, work))
                return
            self.waiting[bank] = deque()
        self.pool.submit(self._run_then_next, bank, key, work)

    def close(self) -> None:
        """Finish what has begun."""
        self.pool.shutdown(wait=True, cancel_futures=True)

    def _run_then_next(self, bank: Address, key: Hashable, work: Callable[[], None]) -> None:
        self._run(key, work)
        with self.lock:
            if not self.waiting[bank]:
                del self.waiting[bank]
                return
            key, work = self.waiting[bank].popleft()
        # Behind the other banks', so that one with much to fetch does not keep a thread to itself.
        with suppress(RuntimeError):  # Closed meanwhile.
            self.pool.submit(self._run_then_next, bank, key, work)

    def _run(self, key: Hashable, work: Callable[[], None]) -> None:
        try:
            work()
        except PassportError as error:
            self._failed(key, error, logging.INFO)
        except Exception as error:  # noqa: BLE001 - one bad file must not end the following of all others
            self._failed(key, error, logging.ERROR)
        else:
            with self.lock:
                self.failures.pop(key, None)
        finally:
            with self.lock:
                self.busy.discard(key)

    def _failed(self, key: Hashable, error: BaseException, level: int) -> None:
        with self.lock:
            count = self.failures.get(key, (0, 0.0))[0] + 1
            pause = min(_FIRST_PAUSE * 2 ** min(count - 1, 16), _LONGEST_PAUSE)
            self.failures[key] = (count, time.monotonic() + pause)
        log_event(logger, "fetch_failed", level=level, failure=error, attempt=count)


class BankFollower:
    """Compares what the ledger names with what is here, and fetches the difference."""

    def __init__(
        self,
        *,
        facts: FollowedFacts,
        chain: ChainView,
        index: LeafIndex,
        lists: ListFollower,
        fetcher: Fetcher,
        clock: Clock,
        queue: FetchQueue,
    ) -> None:
        self._facts = facts
        self._chain = chain
        self._index = index
        self._lists = lists
        self._fetcher = fetcher
        self._clock = clock
        self._queue = queue
        self._followed_to = -1
        self._rollbacks = 0
        self._missing: dict[BatchKey, AnchorRecord] = {}
        """Batches whose leaves are not here: all that is remembered of any batch."""

    @property
    def missing(self) -> int:
        """How many anchored batches' leaves are not here."""
        return len(self._missing)

    def look(self) -> None:
        """Queue every fetch that is due.

        Raises:
            Unavailable: the ledger has never been seen.
        """
        _ = self._chain.as_of
        self._look_at_lists()
        self._look_at_anchors()

    def close(self) -> None:
        """Finish what has begun."""
        self._queue.close()

    def _look_at_lists(self) -> None:
        seen = self._chain.last_seen_at
        silent = seen is None or self._clock.now() - seen > _SILENCE
        again = _LOOK_AGAIN_IN_SILENCE if silent else _LOOK_AGAIN
        for issuer in self._facts.participants(Role.ISSUER):
            base_url = self._base_url(issuer)
            if base_url is None:
                continue
            for record in self._facts.status_records(issuer):
                if self._lists.due(record, again=again):
                    key = ("status", record.issuer, record.list_id)
                    self._queue.submit(issuer, key, partial(self._lists.fetch, record, base_url))

    def _base_url(self, issuer: Address) -> str | None:
        """Where a bank serves its files; that it wrote a slash at the end on the ledger makes no other place of it."""
        written = self._facts.service_endpoint(issuer, ISSUER_SERVICE)
        return None if written is None else written.removesuffix("/")

    def _look_at_anchors(self) -> None:
        """Everything above the block up to which was looked; all of it, after a reorganisation put anchors elsewhere."""
        rollbacks = self._chain.rollbacks
        if rollbacks != self._rollbacks:
            self._followed_to, self._rollbacks = -1, rollbacks
            self._missing.clear()
        while records := self._facts.anchors_since(self._followed_to, _ANCHORS_AT_ONCE):
            for record in records:
                batch = BatchKey(record.issuer, record.schema, record.grant_number, record.root)
                if not self._index.has_batch(batch):
                    self._missing[batch] = record
            self._followed_to = records[-1].block.number
        for batch, record in list(self._missing.items()):
            self._queue.submit(record.issuer, batch, partial(self._fetch_leaves, record, batch))

    def _fetch_leaves(self, record: AnchorRecord, batch: BatchKey) -> None:
        base_url = self._base_url(record.issuer)
        if base_url is None:
            return
        content = self._fetcher.get(
            f"{base_url}/leaves/{record.root.hex()}", accept=(LEAF_FILE_MEDIA_TYPE,), max_bytes=_MAX_LEAF_FILE
        )
        leaves = LeafFile.parse(content, root=record.root, size=record.size).tree.leaves
        self._index.add_batch(batch, leaves)
        self._missing.pop(batch, None)
