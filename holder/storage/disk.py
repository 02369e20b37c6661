"""The few file operations a wallet makes, so that tests can stop the world between any two of them.

Everything is POSIX: ``fsync`` of the file, then of its folder where a name changed; an advisory lock on the file
itself, so that it follows the file when the file is replaced.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from holder.errors import NotSaved, WalletExists, WalletInUse, WalletMissing
from passport.errors import Misconfigured

MODE = 0o600


class Disk:
    """The real disk."""

    def open_locked(self, path: Path) -> int:
        """Open and lock a wallet file.

        Raises:
            Misconfigured: the path is a directory's.
            WalletMissing, WalletInUse, NotSaved: no such file, locked by another process, or not permitted.
        """
        while True:
            try:
                handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError as error:
                raise WalletMissing(path) from error
            except IsADirectoryError as error:
                raise _is_a_directory(path) from error
            except OSError as error:
                raise NotSaved(f"cannot open {path}: {error.strerror}") from error
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
                if mine.st_mode & 0o077:
                    os.fchmod(handle, MODE)
                return handle
            os.close(handle)

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
            Misconfigured: the path is a directory's.
            WalletExists: there is one already and ``replace`` is not set.
            NotSaved: the disk refuses.
        """
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        handle = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
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
                raise _is_a_directory(path) from error
            if isinstance(error, FileExistsError):
                raise WalletExists(path) from error
            raise NotSaved(error.strerror or "the disk refused") from error
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


def _is_a_directory(path: Path) -> Misconfigured:
    return Misconfigured(
        f"{path} is a directory: expected the path of a wallet file, such as {path / 'wallet'}"
    )
