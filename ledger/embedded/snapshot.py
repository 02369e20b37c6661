"""A shortcut through the journal: the chain's whole state after so many records.

Only a shortcut. It counts if the journal's next record names its head, if the chain that loads it has that head, and
if the state it holds hashes to that head's state root; else the whole journal is replayed. Written aside and renamed,
so that a kill leaves the one before.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.embedded.journal import Entry

MAGIC: Final = b"FPSTATE1"
_HEADER: Final = struct.Struct(">Q32s32s")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The chain's state, as anvil dumps it, after the journal's first ``records`` transactions."""

    records: int
    head: bytes
    state: bytes

    def follows(self, entries: tuple[Entry, ...]) -> bool:
        """Whether a journal's next record was put on this snapshot's head."""
        return self.records < len(entries) and entries[self.records].parent == self.head


def save_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot in the place of the one before. Raises ``OSError`` if the disk would not take it."""
    digest = hashlib.sha256(snapshot.state).digest()
    unfinished = path.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(MAGIC + _HEADER.pack(snapshot.records, snapshot.head, digest) + snapshot.state)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError:
        # On a full disk the journal needs the room more.
        unfinished.unlink(missing_ok=True)
        raise


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot in a file, or nothing if there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    begin = len(MAGIC) + _HEADER.size
    if len(content) < begin or content[: len(MAGIC)] != MAGIC:
        return None
    records, head, digest = _HEADER.unpack_from(content, len(MAGIC))
    state = content[begin:]
    return Snapshot(records, head, state) if hashlib.sha256(state).digest() == digest else None
