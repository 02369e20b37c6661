"""The durable record of the embedded chain: every transaction that was forwarded, with its block's time.

anvil's own state file is not crash-safe, so the chain is whatever replaying this file gives (design section 5).
Layout: a magic, then records ``length (4) ‖ check (16) ‖ payload``, where a check is the first half of SHA-256 over
the check before and the payload, so that no record can be altered, moved or taken out unseen. The first payload is
the genesis as JSON; the others are ``time (8) ‖ head's hash before (32) ‖ raw signed transaction``.

A record that a kill cut short was never acknowledged: it is put aside and the journal goes on before it. Damage
anywhere else stops the start.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from passport.errors import Misconfigured, Reason, Unavailable

MAGIC: Final = b"FPCHAIN1"
LONGEST_TRANSACTION: Final = 128 * 1024
_FRAME: Final = struct.Struct(">I16s")
_ENTRY: Final = struct.Struct(">Q32s")
_LONGEST_PAYLOAD: Final = _ENTRY.size + LONGEST_TRANSACTION
_FIRST_CHECK: Final = bytes(16)


@dataclass(frozen=True, slots=True)
class Genesis:
    """What a chain begins with, and which rules it runs under; fixed for ever by the first start."""

    chain_id: int
    timestamp: int
    hardfork: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One forwarded transaction: the time of its block, the head it was put on, and its signed bytes."""

    time: int
    parent: bytes
    transaction: bytes


class JournalFull(Unavailable):
    """The disk takes no more; nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.LEDGER_UNAVAILABLE, message)


def _check(before: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(before + payload).digest()[:16]


class Journal:
    """An open journal, held by this process alone."""

    def __init__(self, descriptor: int, path: Path, genesis: Genesis, entries: tuple[Entry, ...]) -> None:
        """Use ``open`` instead."""
        self._descriptor = descriptor
        self._path = path
        self.genesis = genesis
        self.recovered = entries
        self.records = len(entries)
        self.torn_bytes = 0
        self._end = 0
        self._last_check = _FIRST_CHECK

    @classmethod
    def open(cls, path: Path, new: Genesis) -> Self:
        """Open the journal at ``path``, or begin one with ``new``.

        Raises:
            Misconfigured: another gateway holds it, it is damaged, or it is of another chain id.
        """
        if not path.exists():
            _begin(path, new)
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as held:
                raise Misconfigured(
                    f"{path}: another ledger gateway holds this journal; stop it first"
                ) from held
            content = path.read_bytes()
            journal = cls._read(descriptor, path, content)
            _require_chain(path, expected=new.chain_id, found=journal.genesis.chain_id)
        except BaseException:
            os.close(descriptor)
            raise
        return journal

    @classmethod
    def _read(cls, descriptor: int, path: Path, content: bytes) -> Self:
        if content[: len(MAGIC)] != MAGIC:
            raise Misconfigured(f"{path}: expected a ledger journal, got something else")
        payloads, end, check = [], len(MAGIC), _FIRST_CHECK
        for payload, next_end in _records(path, content):
            payloads.append(payload)
            end, check = next_end, _check(check, payload)
        if not payloads:
            raise Misconfigured(f"{path}: damaged: it has no genesis")
        journal = cls(descriptor, path, Genesis(**json.loads(payloads[0])), tuple(map(_entry, payloads[1:])))
        journal._end, journal._last_check = end, check
        if end < len(content):
            journal.torn_bytes = len(content) - end
            path.with_suffix(".torn").write_bytes(content[end:])
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        return journal

    def append(self, entry: Entry) -> None:
        """Write an entry down and wait until the disk has it.

        Raises:
            JournalFull: the disk would not take it; the journal is as it was.
            Unavailable: nor could it be put back; the next start puts the torn record aside.
        """
        payload = _ENTRY.pack(entry.time, entry.parent) + entry.transaction
        if len(payload) > _LONGEST_PAYLOAD:
            raise ValueError(f"expected a transaction of at most {LONGEST_TRANSACTION} bytes")
        check = _check(self._last_check, payload)
        record = _FRAME.pack(len(payload), check) + payload
        try:
            _write(self._descriptor, record, self._end)
        except OSError as failed:
            try:
                os.ftruncate(self._descriptor, self._end)
            except OSError as worse:
                raise Unavailable(
                    Reason.LEDGER_UNAVAILABLE, f"the journal is beyond repair: {worse}"
                ) from worse
            raise JournalFull(f"the journal cannot be written: {failed.strerror}") from failed
        self._end += len(record)
        self._last_check = check
        self.records += 1

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def _require_chain(path: Path, *, expected: int, found: int) -> None:
    if found != expected:
        raise Misconfigured(f"{path}: expected a journal of chain {expected}, got one of chain {found}")


def _write(descriptor: int, record: bytes, offset: int) -> None:
    """Write and wait for the disk; a short write is an error like any other."""
    if os.pwrite(descriptor, record, offset) != len(record):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fdatasync(descriptor)


def _entry(payload: bytes) -> Entry:
    time, parent = _ENTRY.unpack_from(payload)
    return Entry(time, parent, payload[_ENTRY.size :])


def _records(path: Path, content: bytes) -> Iterator[tuple[bytes, int]]:
    """Each sound payload with the offset after it; stops before a torn tail, raises at damage before it."""
    offset, check, number = len(MAGIC), _FIRST_CHECK, 0
    while offset + _FRAME.size <= len(content):
        size, claimed = _FRAME.unpack_from(content, offset)
        end = offset + _FRAME.size + size
        if size == 0 and not any(content[offset:]):
            return  # The file had grown, its new bytes had not been written.
        if size > _LONGEST_PAYLOAD:
            raise Misconfigured(f"{path}: damaged: record {number} has an impossible length")
        if end > len(content):
            return
        payload = content[offset + _FRAME.size : end]
        if _check(check, payload) != claimed:
            if end == len(content):
                return
            raise Misconfigured(f"{path}: damaged: record {number} is not what was written")
        if number > 0 and size <= _ENTRY.size:
            raise Misconfigured(f"{path}: damaged: record {number} holds no transaction")
        check, offset, number = claimed, end, number + 1
        yield payload, end


def _begin(path: Path, genesis: Genesis) -> None:
    """Make the file whole before it has its name."""
    payload = json.dumps(asdict(genesis), sort_keys=True).encode()
    record = _FRAME.pack(len(payload), _check(_FIRST_CHECK, payload)) + payload
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, MAGIC + record)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
