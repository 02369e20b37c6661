"""The wallet file as its state: open it, read it, add to it. One writer, safe to share between threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from holder.recovery import HolderSeed, RecoveryPhrase
from holder.storage.disk import Disk
from holder.storage.header import Header, Stretching
from holder.storage.records import Created, Record, decode, encode
from holder.storage.sealed_log import SealedLog
from holder.storage.wallet_state import WalletState
from passport.clock import Clock, Entropy, to_epoch
from passport.jose import b64u_encode

# A wallet made again from its phrase cannot know which keys the lost one used, so its keys start where no earlier
# wallet of the same phrase can have come: at its birth in seconds, with room for a million keys a second.
_KEYS_PER_SECOND = 1 << 20


class WalletStore:
    """An open wallet."""

    def __init__(self, log: SealedLog, seen: SeenFile | None) -> None:
        """For ``open``; replays the records."""
        self._log = log
        self._seen = seen
        self._lock = threading.RLock()
        self.state = WalletState.replay(decode(content) for content in log.records)
        # Decoded once; the plain bytes are not needed again.
        log.records.clear()
        self.notices = log.notices
        if seen is not None:
            missing = seen.read() - log.mark.counter
            if missing > 0:
                older = (
                    f"this is an older copy of the wallet: {missing} later saves are missing, so a key may be "
                    "shown to a second bank; use the newer file if you still have it / "
                    f"此為錢包的舊副本，缺少之後的 {missing} 次儲存，同一把金鑰可能再出示給另一家銀行；若仍有較新的檔案請改用"
                )
                self.notices += (older,)
            else:
                seen.write(log.mark.counter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        passphrase: str,
        phrase: RecoveryPhrase,
        restored: bool,
        clock: Clock,
        entropy: Entropy,
        disk: Disk | None = None,
        stretching: Stretching | None = None,
    ) -> None:
        """A new wallet file.

        Raises:
            WalletExists, NotSaved: nothing was made.
        """
        seed, now = phrase.seed(), clock.now()
        created = Created(
            at=now,
            seed_b64u=b64u_encode(seed.secret),
            first_key=to_epoch(now) * _KEYS_PER_SECOND if restored else 0,
            # Who makes a wallet again has the words; of a new one nobody has seen them yet.
            phrase=None if restored else phrase.words,
        )
        SealedLog.create(
            path,
            passphrase=passphrase,
            seed=seed,
            first_records=(encode(created),),
            entropy=entropy,
            disk=disk,
            stretching=stretching,
        )

    @classmethod
    def open(
        cls,
        path: Path,
        unlock: Callable[[Header], bytes],
        *,
        entropy: Entropy,
        seen_directory: Path | None = None,
        disk: Disk | None = None,
    ) -> Self:
        """Lock and read a wallet file.

        Raises:
            WalletMissing, WalletInUse, WalletDamaged, WrongPassphrase, NotSaved, Malformed: as their names say.
        """
        log = SealedLog.open(path, unlock, entropy=entropy, disk=disk)
        try:
            seen = None if seen_directory is None else SeenFile(seen_directory / log.file_id.hex())
            return cls(log, seen)
        except BaseException:
            log.close()
            raise

    @property
    def seed(self) -> HolderSeed:
        """The root of the holder's keys."""
        return self.state.seed

    def save(self, record: Record) -> None:
        """Add one fact; when this returns it is on the disk.

        Raises:
            NotSaved: it is not, and the wallet must be opened again.
        """
        with self._lock:
            self._log.append(encode(record))
            self._log.records.clear()
            self.state.apply(record)
            if self._seen is not None:
                self._seen.write(self._log.mark.counter)

    def change_passphrase(self, passphrase: str, stretching: Stretching | None = None) -> None:
        """Another passphrase for the same wallet; the recovery phrase stays.

        Raises:
            NotSaved: the old one still holds.
        """
        with self._lock:
            self._log.replace_header(passphrase=passphrase, seed=self.seed, stretching=stretching)

    def close(self) -> None:
        """Close and unlock the file."""
        with self._lock:
            self._log.close()


class SeenFile:
    """How far this machine has seen a wallet, kept apart from it: an older copy put in its place is noticed.

    It can only warn: whoever can write here too can put both back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        """The number of the newest save that was seen; 0 where nothing readable says more."""
        try:
            text = self._path.read_text()
        except OSError:
            return 0
        return int(text) if text.isascii() and text.isdigit() else 0

    def write(self, counter: int) -> None:
        """Remember a save. A failure is no loss: the next save tries again."""
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(str(counter))
            draft.replace(self._path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
