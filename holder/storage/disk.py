"""The few file operations a wallet makes, so that tests can stop the world between any two of them.

Everything is POSIX: ``fsync`` of the file, then of its folder where a name changed; an advisory lock on the file
itself, so that it follows the file when the file is replaced.
"""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from holder.errors import (
    NotAFile,
    NotAWallet,
    NotOpened,
    NotSaved,
    WalletExists,
    WalletInUse,
    WalletMissing,
)
from holder.storage.header import MAGIC

MODE = 0o600


class Disk:
    """The real disk."""

    def open_locked(self, path: Path) -> int:
        """Open and lock a wallet file. A file that does not begin as one is only read, and not even locked.

        Raises:
            NotAFile, NotAWallet: the path is a directory's, a device's or a pipe's; or another file's.
            WalletMissing, WalletInUse, NotOpened: no such file, locked by another process, or not permitted.
        """
        while True:
            handle = _open_wallet(path)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(handle)
                raise WalletInUse from error
            # The file may have been replaced between opening and locking; then this handle is the old one's.
            try:
                current = path.stat()
            except FileNotFoundError:
                current = None
            mine = os.fstat(handle)
            if current is not None and (current.st_dev, current.st_ino) == (mine.st_dev, mine.st_ino):
                return handle
            os.close(handle)

    def keep_to_owner(self, handle: int) -> bool:
        """Make a file that others can read its owner's only; whether there was anything to do.

        To be called once a key has opened the file: before that nobody knows whose file it is.
        """
        if not os.fstat(handle).st_mode & 0o077:
            return False
        try:
            os.fchmod(handle, MODE)
        except OSError:
            # Another owner's file, or a file system without modes: there is nothing that could be done.
            return False
        return True

    def read_all(self, handle: int, limit: int) -> bytes:
        """The whole file, up to ``limit`` bytes.

        Raises:
            NotSaved: it cannot be read.
        """
        chunks: list[bytes] = []
        offset = 0
        try:
            while offset < limit and (chunk := os.pread(handle, min(1 << 20, limit - offset), offset)):
                chunks.append(chunk)
                offset += len(chunk)
        except OSError as error:
            raise NotSaved(f"reading failed: {error.strerror}") from error
        return b"".join(chunks)

    def write(self, handle: int, content: bytes, offset: int) -> None:
        """Write all of ``content``; not durable before ``sync``."""
        view = memoryview(content)
        while view:
            written = os.pwrite(handle, view, offset)
            view = view[written:]
            offset += written

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """Make what was written durable."""
        os.fsync(handle)

    def sync_folder(self, path: Path) -> None:
        """Make a changed name in the file's folder durable."""
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def create(self, path: Path, content: bytes, *, replace: bool = False) -> int:
        """A whole new file, there completely or not at all, readable by its owner only; open and locked.

        Raises:
            NotAFile: the path is a directory's.
            WalletExists: there is one already and ``replace`` is not set.
            NotSaved: the disk refuses.
        """
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        handle = -1
        _make_folder(path.parent)
        try:
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
            # Locked before it has its name, so that nobody comes in between.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.write(handle, content, 0)
            self.sync(handle)
            self.publish(draft, path, replace=replace)
            self.sync_folder(path)
        except BaseException as error:
            if handle >= 0:
                os.close(handle)
            if not isinstance(error, OSError):
                raise
            draft.unlink(missing_ok=True)
            if isinstance(error, FileExistsError) and path.is_dir():
                raise NotAFile.directory(path) from error
            if isinstance(error, FileExistsError):
                raise WalletExists(path, is_wallet=_begins_as_wallet(path)) from error
            raise NotSaved(f"{path}: {error.strerror or 'the disk refused'}") from error
        return handle

    def publish(self, draft: Path, path: Path, *, replace: bool) -> None:
        """Give the finished file its name."""
        if replace:
            draft.rename(path)
        else:
            # Unlike a rename, a link never takes another file's place.
            os.link(draft, path)
            draft.unlink()

    def close(self, handle: int) -> None:
        """Close, and with it unlock."""
        os.close(handle)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotSaved(f"{folder} cannot be a folder for it: {error.strerror}") from error


def require_wallet(path: Path) -> None:
    """Whether a file begins as a wallet does, found out by reading only: before anybody is asked for a passphrase.

    Raises:
        NotAFile, NotAWallet, WalletMissing, NotOpened: as ``Disk.open_locked``.
    """
    os.close(_open_wallet(path))


def _open_wallet(path: Path) -> int:
    """Open a file that begins as a wallet does; whatever else the path names is left exactly as it is."""
    try:
        # Opening some devices does something, and a pipe waits: what the path names is asked first.
        _require_regular(path, path.stat())
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError as error:
        raise WalletMissing(path) from error
    except OSError as error:
        raise NotOpened(path, error.strerror) from error
    try:
        _require_regular(path, os.fstat(handle))
        _require_magic(path, handle)
    except BaseException as error:
        os.close(handle)
        if isinstance(error, OSError):
            raise NotOpened(path, error.strerror) from error
        raise
    return handle


def _require_magic(path: Path, handle: int) -> None:
    if os.pread(handle, len(MAGIC), 0) != MAGIC:
        raise NotAWallet(path)


def _begins_as_wallet(path: Path) -> bool:
    try:
        require_wallet(path)
    except (NotAFile, NotAWallet):
        return False
    except NotOpened:
        # What cannot be read may be one.
        return True
    return True


def _require_regular(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise NotAFile.directory(path)
    if not stat.S_ISREG(found.st_mode):
        raise NotAFile.special(path)
