"""The wallet file under damage, crashes and other people (threat T25, faults F08, F14, F15, F41)."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from holder.errors import NotSaved, WalletDamaged, WalletExists, WalletInUse, WalletMissing, WrongPassphrase
from holder.recovery import RecoveryPhrase
from holder.storage.disk import Disk
from holder.storage.header import HEADER_SIZE, Header, Stretching
from holder.storage.marks import MARK_SIZE, RECORDS_START
from holder.storage.sealed_log import SealedLog
from passport.clock import Entropy
from passport.errors import Malformed, PassportError, Reason

PASSPHRASE = "correct horse"
PHRASE = RecoveryPhrase.read("abandon " * 23 + "art")
OTHER_PHRASE = RecoveryPhrase.read(
    "legal winner thank year wave sausage worth useful " * 2
    + "legal winner thank year wave sausage worth title"
)
SEED = PHRASE.seed()
FIRST = (b"first", b"second")


class Stopped(BaseException):
    """The machine stopped here."""


class StoppingDisk(Disk):
    """Stops the world at operation ``at``; a write stops after ``part`` bytes."""

    def __init__(self, at: int, part: int = 0) -> None:
        self.at = at
        self.part = part
        self.count = 0

    def _step(self) -> bool:
        self.count += 1
        return self.count == self.at

    def write(self, handle: int, content: bytes, offset: int) -> None:
        if self._step():
            super().write(handle, content[: self.part], offset)
            raise Stopped
        super().write(handle, content, offset)

    def sync(self, handle: int) -> None:
        if self._step():
            raise Stopped
        super().sync(handle)

    def sync_folder(self, path: Path) -> None:
        if self._step():
            raise Stopped
        super().sync_folder(path)

    def publish(self, draft: Path, path: Path, *, replace: bool) -> None:
        if self._step():
            raise Stopped
        super().publish(draft, path, replace=replace)


class FailingDisk(Disk):
    """Answers with an error where the real disk would, once."""

    def __init__(self, operation: str) -> None:
        self.operation = operation

    def write(self, handle: int, content: bytes, offset: int) -> None:
        self._fail("write", 28)
        super().write(handle, content, offset)

    def sync(self, handle: int) -> None:
        self._fail("sync", 5)
        super().sync(handle)

    def _fail(self, operation: str, number: int) -> None:
        if self.operation == operation:
            self.operation = ""
            raise OSError(number, os.strerror(number))


@pytest.fixture
def path(tmp_path: Path, entropy: Entropy) -> Path:
    made = tmp_path / "wallet"
    SealedLog.create(made, passphrase=PASSPHRASE, seed=SEED, first_records=FIRST, entropy=entropy)
    return made


@pytest.fixture
def unlock() -> Callable[[Header], bytes]:
    """Opens by the recovery phrase, which needs no stretching."""
    return lambda header: header.open_with_seed(SEED)


def records_of(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> tuple[list[bytes], tuple[str, ...]]:
    with SealedLog.open(path, unlock, entropy=entropy) as log:
        return log.records, log.notices


def test_passphrase_and_recovery_phrase_open_the_same_records(path: Path, entropy: Entropy) -> None:
    with SealedLog.open(path, lambda h: h.open_with_passphrase(PASSPHRASE), entropy=entropy) as log:
        log.append(b"third")
    with SealedLog.open(path, lambda h: h.open_with_seed(SEED), entropy=entropy) as log:
        assert log.records == [*FIRST, b"third"]


def test_equal_passphrases_in_other_encodings_open_it(tmp_path: Path, entropy: Entropy) -> None:
    made = tmp_path / "wallet"
    SealedLog.create(made, passphrase="é密碼", seed=SEED, first_records=(), entropy=entropy)
    SealedLog.open(made, lambda h: h.open_with_passphrase("e\u0301密碼"), entropy=entropy).close()


def test_wrong_passphrase_is_told_from_damage(path: Path, entropy: Entropy) -> None:
    with pytest.raises(WrongPassphrase) as caught:
        SealedLog.open(path, lambda h: h.open_with_passphrase("wrong"), entropy=entropy)
    assert caught.value.reason is Reason.NOT_AUTHORISED
    with pytest.raises(WrongPassphrase):
        SealedLog.open(path, lambda h: h.open_with_seed(OTHER_PHRASE.seed()), entropy=entropy)


def test_every_changed_byte_is_noticed(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> None:
    with SealedLog.open(path, unlock, entropy=entropy) as log:
        log.append(b"third")
    whole = path.read_bytes()
    for place in range(len(whole)):
        for flip in (0x01, 0x80):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
            if HEADER_SIZE <= place < RECORDS_START:
                # A mark may be repaired: nothing is lost, and somebody is told.
                records, notices = records_of(path, unlock, entropy)
                assert records == [*FIRST, b"third"]
                assert "byte" in notices[0]
            else:
                with pytest.raises(WalletDamaged, match="byte"):
                    records_of(path, unlock, entropy)


def test_every_cut_of_acknowledged_bytes_is_noticed(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> None:
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(WalletDamaged):
            records_of(path, unlock, entropy)


def test_records_exchanged_between_places_are_noticed(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> None:
    with SealedLog.open(path, unlock, entropy=entropy) as log:
        log.append(b"other")
        log.append(b"third")
    whole = path.read_bytes()
    size = 4 + 12 + 5 + 16
    path.write_bytes(whole[: -2 * size] + whole[-size:] + whole[-2 * size : -size])
    with pytest.raises(WalletDamaged):
        records_of(path, unlock, entropy)


def test_record_of_another_wallet_is_noticed(
    path: Path, unlock: Callable[[Header], bytes], tmp_path: Path, entropy: Entropy
) -> None:
    other = tmp_path / "other"
    SealedLog.create(other, passphrase=PASSPHRASE, seed=SEED, first_records=FIRST, entropy=entropy)
    path.write_bytes(path.read_bytes()[:RECORDS_START] + other.read_bytes()[RECORDS_START:])
    with pytest.raises(WalletDamaged):
        records_of(path, unlock, entropy)


def test_crash_at_any_moment_of_saving_loses_nothing_acknowledged(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> None:
    payload = b"x" * 40
    frame = 4 + 12 + 40 + 16
    whole = path.read_bytes()
    points = (
        [(1, part) for part in range(frame + 1)] + [(2, 0)] + [(3, part) for part in range(MARK_SIZE + 1)]
    )
    for at, part in [*points, (4, 0)]:
        path.write_bytes(whole)
        log = SealedLog.open(path, unlock, entropy=entropy, disk=StoppingDisk(at, part))
        with pytest.raises(Stopped):
            log.append(payload)
        log.close()
        records, _ = records_of(path, unlock, entropy)
        assert records in ([*FIRST], [*FIRST, payload])
        # And the wallet goes on working, without the crash showing again.
        with SealedLog.open(path, unlock, entropy=entropy) as again:
            assert again.notices == ()
            again.append(b"after")
        assert records_of(path, unlock, entropy) == ([*records, b"after"], ())


def test_crash_while_a_tail_was_zeroed_by_the_file_system_loses_nothing(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> None:
    path.write_bytes(path.read_bytes() + bytes(100))
    assert records_of(path, unlock, entropy) == ([*FIRST], ())


@pytest.mark.parametrize("at", range(1, 5))
def test_crash_while_creating_leaves_a_whole_wallet_or_none(
    tmp_path: Path, entropy: Entropy, at: int
) -> None:
    made = tmp_path / "new"
    with pytest.raises(Stopped):
        SealedLog.create(
            made,
            passphrase=PASSPHRASE,
            seed=SEED,
            first_records=FIRST,
            entropy=entropy,
            disk=StoppingDisk(at, 7),
        )
    if made.exists():
        with SealedLog.open(made, lambda h: h.open_with_seed(SEED), entropy=entropy) as log:
            assert log.records == [*FIRST]


@pytest.mark.parametrize("operation", ["write", "sync"])
def test_refusing_disk_acknowledges_nothing_and_is_not_asked_again(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy, operation: str
) -> None:
    log = SealedLog.open(path, unlock, entropy=entropy, disk=FailingDisk(operation))
    for _ in range(2):
        with pytest.raises(NotSaved):
            log.append(b"third")
    log.close()
    assert log.records == [*FIRST]
    assert records_of(path, unlock, entropy)[0] in ([*FIRST], [*FIRST, b"third"])


def test_second_process_is_told_that_the_wallet_is_open(
    path: Path, unlock: Callable[[Header], bytes], entropy: Entropy
) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom holder.storage.disk import Disk\n"
        "from holder.errors import WalletInUse\n"
        "try:\n    Disk().open_locked(Path(sys.argv[1]))\nexcept WalletInUse:\n    sys.exit(7)\n"
    )
    with SealedLog.open(path, unlock, entropy=entropy):
        held = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", script, str(path)], check=False
        )
        with pytest.raises(WalletInUse):
            SealedLog.open(path, unlock, entropy=entropy)
    free = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, str(path)], check=False
    )
    assert (held.returncode, free.returncode) == (7, 0)


def test_file_is_for_its_owner_only(path: Path, unlock: Callable[[Header], bytes], entropy: Entropy) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    SealedLog.open(path, unlock, entropy=entropy).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_wallet_is_never_overwritten(path: Path, entropy: Entropy) -> None:
    before = path.read_bytes()
    with pytest.raises(WalletExists):
        SealedLog.create(path, passphrase="new", seed=SEED, first_records=(), entropy=entropy)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_missing_wallet_is_named(tmp_path: Path, entropy: Entropy) -> None:
    with pytest.raises(WalletMissing, match="nowhere"):
        SealedLog.open(tmp_path / "nowhere", lambda _h: b"", entropy=entropy)


def test_another_passphrase_takes_over_and_the_old_one_is_gone(path: Path, entropy: Entropy) -> None:
    with SealedLog.open(path, lambda h: h.open_with_seed(SEED), entropy=entropy) as log:
        log.replace_header(passphrase="new", seed=SEED)
        log.append(b"third")
        with pytest.raises(WalletInUse):
            Disk().open_locked(path)
    with pytest.raises(WrongPassphrase):
        SealedLog.open(path, lambda h: h.open_with_passphrase(PASSPHRASE), entropy=entropy)
    with SealedLog.open(path, lambda h: h.open_with_passphrase("new"), entropy=entropy) as log:
        assert log.records == [*FIRST, b"third"]


@pytest.mark.parametrize(
    "weak", [(1024, 3, 1), (65536, 2, 1), (65536, 3, 0), (1 << 21, 3, 1), (65536, 99, 1)]
)
def test_stretching_outside_its_limits_is_refused(weak: tuple[int, int, int]) -> None:
    with pytest.raises(Malformed):
        Stretching(*weak)


def test_errors_are_of_the_project_and_name_no_secret(path: Path, entropy: Entropy) -> None:
    with pytest.raises(PassportError) as caught:
        SealedLog.open(path, lambda h: h.open_with_passphrase("my secret guess"), entropy=entropy)
    assert "guess" not in str(caught.value)
    assert "abandon" not in repr(PHRASE)
    assert SEED.secret.hex()[:8] not in repr(SEED)
