"""When a snapshot is taken, and that taking none costs nothing but a log line.

A snapshot saves a start time and is no part of the record: no failure to take one may stop a transaction, let alone the
gateway. Tries stand at places of the journal and not at starts, so that a chain which cannot be dumped is not asked at
every start again; they stand further apart as the journal grows, since each takes as long as everything before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ledger.embedded.chain import Chain
from ledger.embedded.snapshot import Snapshot, save_snapshot
from passport.errors import PassportError

_SHARE: Final = 16
"""A start replays at most about an eighth of the journal: two such shares."""


class Shortcut:
    """Snapshots now and then, so that a start need not replay everything."""

    def __init__(self, path: Path, every: int, records: int, failed: Callable[[int, str], None]) -> None:
        """Snapshots go to ``path``, ``every`` so many records, for a journal that has ``records`` now.

        ``failed`` is told the records and the reason where none could be taken.
        """
        self._path = path
        self._every = every
        self._looked_at = max(0, records - 1)
        self._failed = failed
        self._patience = 1

    async def take_if_due(self, chain: Chain, records: int) -> None:
        """Take one, if it is time. Before a record is written: that record then vouches for the snapshot's head."""
        longer = (records // (_SHARE * self._every)).bit_length() - 1
        step = self._patience * self._every << max(0, longer)
        if records // step <= self._looked_at // step:
            return
        self._looked_at = records
        try:
            snapshot = Snapshot(records, chain.head.hash, await chain.dump())
            await asyncio.to_thread(save_snapshot, self._path, snapshot)
        except (PassportError, OSError, ValueError) as problem:
            # Too long, late, or a full disk. What stands written from before still counts.
            self._patience *= 2
            self._failed(records, str(problem))
        else:
            self._patience = 1
