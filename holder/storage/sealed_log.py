"""An append-only file of sealed records: saving one rewrites nothing, and damage anywhere shows.

Opening: header, marks, then every record up to the newest mark. Appending: the frame, sync, the mark, sync; only
then is it acknowledged. What lies behind the newest mark was never acknowledged and is cut off. One damaged mark is
repaired and reported, since the other one and the chain still vouch for every record. Leaves out what records mean.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from holder.errors import NotSaved, WalletDamaged
from holder.recovery import HolderSeed
from holder.storage.disk import Disk
from holder.storage.frames import MAX_RECORD, FrameCipher
from holder.storage.header import HEADER_SIZE, Header, Stretching, make_header
from holder.storage.marks import RECORDS_START, Mark, mark_offset, read_mark
from passport.clock import Entropy

MAX_FILE: Final = 256 << 20
_FILE_ID: Final = 16
_FILE_KEY: Final = 32
_NONCE: Final = 12
_WAS_OPEN: Final = (
    "others on this machine could read the wallet file; from now on only its owner can / "
    "此電腦的其他使用者原可讀取錢包檔案；已改為僅限擁有者讀取"
)


class SealedLog:
    """An open, locked wallet file. Use it as a context, or close it."""

    def __init__(
        self, disk: Disk, handle: int, path: Path, *, header: Header, file_key: bytes, entropy: Entropy
    ) -> None:
        """For ``open`` and ``create``; they read the file."""
        self._disk = disk
        self._handle = handle
        self._path = path
        self._file_key = file_key
        self._entropy = entropy
        self._cipher = FrameCipher(file_key, header.file_id)
        self._broken = False
        self.file_id = header.file_id
        self.notices: tuple[str, ...] = ()
        self.records: list[bytes] = []
        self._mark = self._load(disk.read_all(handle, MAX_FILE + 1))

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
        seed: HolderSeed,
        first_records: tuple[bytes, ...],
        entropy: Entropy,
        stretching: Stretching | None = None,
        disk: Disk | None = None,
    ) -> None:
        """A new file with its first records, or none at all.

        Raises:
            WalletExists, NotSaved: nothing was made.
        """
        file_id, file_key = entropy.token(_FILE_ID), entropy.token(_FILE_KEY)
        header = make_header(
            file_id,
            file_key,
            passphrase=passphrase,
            seed=seed,
            stretching=stretching or Stretching(),
            entropy=entropy,
        )
        cipher = FrameCipher(file_key, file_id)
        chain, frames = cipher.start(), b""
        for number, payload in enumerate(first_records):
            frame, chain = cipher.seal(payload, number=number, chain=chain, nonce=entropy.token(_NONCE))
            frames += frame
        end, count = RECORDS_START + len(frames), len(first_records)
        marks = b"".join(Mark(counter, end, count, chain).seal(file_key, file_id) for counter in range(2))
        used = disk or Disk()
        used.close(used.create(path, header + marks + frames))

    @classmethod
    def open(
        cls,
        path: Path,
        unlock: Callable[[Header], bytes],
        *,
        entropy: Entropy,
        disk: Disk | None = None,
    ) -> Self:
        """Lock the file, let ``unlock`` find its key, and read every record.

        Raises:
            WalletMissing, WalletInUse, WalletDamaged, WrongPassphrase, NotSaved: as their names say.
        """
        used = disk or Disk()
        handle = used.open_locked(path)
        try:
            header = Header.parse(used.read_all(handle, HEADER_SIZE))
            log = cls(used, handle, path, header=header, file_key=unlock(header), entropy=entropy)
        except BaseException:
            used.close(handle)
            raise
        if used.keep_to_owner(handle):
            log.notices += (_WAS_OPEN,)
        return log

    @property
    def mark(self) -> Mark:
        """How far the file is acknowledged."""
        return self._mark

    def append(self, payload: bytes) -> None:
        """Save one record; when this returns it is on the disk.

        Raises:
            NotSaved: it is not, nothing else is touched, and this object saves nothing more: after a failed sync
                nobody knows what the disk holds, so the file must be opened again.
        """
        if self._broken:
            raise NotSaved("an earlier save failed; open the wallet again")
        if len(payload) > MAX_RECORD:
            raise NotSaved("one record is too large")
        before = self._mark
        frame, chain = self._cipher.seal(
            payload, number=before.records, chain=before.chain, nonce=self._entropy.token(_NONCE)
        )
        after = Mark(before.counter + 1, before.end + len(frame), before.records + 1, chain)
        if after.end > MAX_FILE:
            raise NotSaved("the wallet file is full")
        self._broken = True
        try:
            self._disk.write(self._handle, frame, before.end)
            self._disk.sync(self._handle)
            self._write_mark(after)
        except OSError as error:
            raise NotSaved(error.strerror or "the disk refused") from error
        self._broken = False
        self._mark = after
        self.records.append(payload)

    def replace_header(
        self, *, passphrase: str, seed: HolderSeed, stretching: Stretching | None = None
    ) -> None:
        """Give the file another passphrase: a whole new file takes its place, with the same records.

        Raises:
            NotSaved: the old file is still there, unchanged.
        """
        content = self._disk.read_all(self._handle, self._mark.end)
        header = make_header(
            self.file_id,
            self._file_key,
            passphrase=passphrase,
            seed=seed,
            stretching=stretching or Stretching(),
            entropy=self._entropy,
        )
        # Where the path is a link, the file that it leads to is the wallet: the old passphrase must not stay there.
        made = self._disk.create(self._path.resolve(), header + content[HEADER_SIZE:], replace=True)
        old, self._handle = self._handle, made
        self._disk.close(old)

    def close(self) -> None:
        """Close and unlock."""
        if self._handle >= 0:
            self._disk.close(self._handle)
            self._handle = -1

    def _write_mark(self, mark: Mark) -> None:
        self._disk.write(self._handle, mark.seal(self._file_key, self.file_id), mark.offset)
        self._disk.sync(self._handle)

    def _load(self, content: bytes) -> Mark:
        if len(content) > MAX_FILE:
            raise WalletDamaged(f"expected at most {MAX_FILE} bytes", offset=MAX_FILE)
        # 1. The marks. Both gone means damage that nothing vouches against.
        found = [read_mark(content, place, self._file_key, self.file_id) for place in range(2)]
        whole = [mark for mark in found if mark is not None]
        if not whole:
            raise WalletDamaged("both of its marks were changed", offset=HEADER_SIZE)
        mark = max(whole, key=lambda each: each.counter)
        # 2. Every record that the newest mark vouches for, and the chain's hash over all of them.
        if len(content) < mark.end:
            raise WalletDamaged("its end is cut off", offset=len(content))
        offset, chain = RECORDS_START, self._cipher.start()
        for number in range(mark.records):
            payload, offset, chain = self._cipher.open(content, offset, mark.end, number=number, chain=chain)
            self.records.append(payload)
        if (offset, chain) != (mark.end, mark.chain):
            raise WalletDamaged("its records do not end where they should", offset=offset)
        # 3. What comes after: unacknowledged, unless the mark that might cover it is the damaged one.
        if len(whole) == 1:
            return self._repair(content, mark, place=found.index(None))
        if len(content) > mark.end:
            self._cut(mark.end)
        return mark

    def _repair(self, content: bytes, mark: Mark, *, place: int) -> Mark:
        """One mark is damaged. It is only written after its record is whole on the disk, so a record follows or none."""
        end, chain, records = mark.end, mark.chain, mark.records
        if len(content) > end:
            payload, end, chain = self._cipher.open(content, end, len(content), number=records, chain=chain)
            self.records.append(payload)
            records += 1
            if len(content) > end:
                raise WalletDamaged("something follows its last record", offset=end)
        where = f"one of the wallet's two marks (byte {mark_offset(place)})"
        self.notices = (
            f"{where} was damaged and has been repaired; every record is whole / 錢包的一處標記受損，已修復；所有紀錄完好",
        )
        repaired = Mark(mark.counter + 1, end, records, chain)
        try:
            self._write_mark(repaired)
        except OSError as error:
            raise NotSaved(error.strerror or "the disk refused") from error
        return repaired

    def _cut(self, end: int) -> None:
        try:
            self._disk.truncate(self._handle, end)
            self._disk.sync(self._handle)
        except OSError as error:
            raise NotSaved(error.strerror or "the disk refused") from error
