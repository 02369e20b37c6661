"""What is forgotten is gone from the bytes of a SQLite database's files, not only from its answers (threats.md T59).

Three places keep what a row no longer says, and each is overwritten:

1. free pages and the space of a deleted or shortened row: by ``secure_delete``, in the transaction itself;
2. the write-ahead log, which holds whole old pages: written back and cut to nothing within ``LOG_BOUND`` of any write;
3. the gaps that are left inside a page when SQLite moves rows to another one, which ``secure_delete`` does not reach
   (seen: about one forgotten row in five thousand): the whole file is written anew within ``GAP_BOUND``.

Each file's own writer calls this between its transactions, so nothing here races with a write. Leaves out what lies
under the file system (blocks of a file that was cut or rewritten, snapshots, backups): encrypt the disk.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from service.logs import log_event

logger = logging.getLogger(__name__)

LOG_BOUND: Final = 10.0
"""Seconds after which no byte of the write-ahead log is older than the last write."""
GAP_BOUND: Final = 6 * 3600.0
"""Seconds after which the file has been written anew."""
REWRITE_AT_MOST: Final = 128 << 20
"""Writing anew happens in memory and holds writers up, about a second for this many bytes; a larger file is its operator's."""
FORGETTING_PRAGMAS: Final = ("secure_delete=ON", "temp_store=MEMORY")
"""For every connection: freed space is zeroed, and no temporary file takes a copy along."""
_AGAIN: Final = 1.0
_READERS_MS: Final = 100


class Overwriting:
    """The upkeep of one SQLite file, by the one thread that writes it."""

    def __init__(self, file: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._now = now
        # What a killed process left in the log is as old as it is: it goes first.
        self._log_due: float | None = now() + _AGAIN
        self._rewrite_at = now() + GAP_BOUND
        self._written = False

    @property
    def due_in(self) -> float:
        """For how many seconds there is nothing to do, unless something is written."""
        due = self._rewrite_at if self._log_due is None else min(self._log_due, self._rewrite_at)
        return max(0.0, due - self._now())

    def written(self) -> None:
        """Something was written; does what is due, so that a file that is never at rest is tended too."""
        self._written = True
        if self._log_due is None:
            self._log_due = self._now() + LOG_BOUND
        self.tend()

    def tend(self) -> None:
        """Do what is due now; what cannot be done, because a reader is in the way, is done soon after."""
        if self._now() >= self._rewrite_at:
            self._rewrite()
        if self._log_due is not None and self._now() >= self._log_due:
            self._log_due = None if self._cut_log() else self._now() + _AGAIN

    def _cut_log(self) -> bool:
        """Whether the log is empty now. A reader that began before keeps it, and is not waited for."""
        try:
            with closing(sqlite3.connect(self._file, timeout=_READERS_MS / 1000)) as connection:
                (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log_event(logger, "log_not_cut", level=logging.WARNING, failure=error)
            return False
        return not busy

    def _rewrite(self) -> None:
        self._rewrite_at = self._now() + GAP_BOUND
        if not self._written or self._file.stat().st_size > REWRITE_AT_MOST:
            return
        try:
            with closing(sqlite3.connect(self._file, timeout=_READERS_MS / 1000)) as connection:
                for pragma in FORGETTING_PRAGMAS:
                    connection.execute(f"PRAGMA {pragma}")
                connection.execute("VACUUM")
        except sqlite3.Error as error:
            self._rewrite_at = self._now() + LOG_BOUND
            log_event(logger, "file_not_rewritten", level=logging.WARNING, failure=error)
            return
        self._written = False
        self._log_due = self._now()
