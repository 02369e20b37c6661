"""Paths given by mistake (threat T60): nothing is touched before it is known to be a wallet."""

from __future__ import annotations

import os
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from holder.errors import (
    NotAFile,
    NotAWallet,
    NotOpened,
    NotSaved,
    WalletExists,
    WalletNewer,
    WrongPassphrase,
)
from holder.recovery import RecoveryPhrase
from holder.storage.disk import require_wallet
from holder.storage.header import HEADER_SIZE, MAGIC, Header
from holder.storage.sealed_log import SealedLog
from passport.clock import Entropy
from passport.errors import PassportError

SEED = RecoveryPhrase.read("abandon " * 23 + "art").seed()
STATE = tuple[int, int, bytes, int]


def text_file(path: Path) -> None:
    path.write_text("root:x:0:0:root:/root:/bin/bash\n" * 40)


def empty_file(path: Path) -> None:
    path.touch()


def short_file(path: Path) -> None:
    path.write_bytes(b"FPW")


def link_to_a_text_file(path: Path) -> None:
    target = path.with_name("target")
    text_file(target)
    target.chmod(0o644)
    path.symlink_to(target)


def program(path: Path) -> None:
    path.write_bytes(b"\x7fELF" + bytes(4096))
    path.chmod(0o755)


def database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + bytes(4096))


FILES = [text_file, empty_file, short_file, link_to_a_text_file, program, database]


def state_of(path: Path) -> STATE:
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_ino, path.read_bytes(), found.st_mtime_ns


@pytest.mark.parametrize("make", FILES)
@pytest.mark.parametrize("command", [["list"], ["history"], ["phrase"], ["recover"], ["init", "--yes"]])
def test_file_that_is_no_wallet_keeps_its_mode(
    tmp_path: Path, make: Callable[[Path], None], command: list[str]
) -> None:
    path = tmp_path / "given-by-mistake"
    make(path)
    if not path.is_symlink() and make is not program:
        path.chmod(0o644)
    before = state_of(path)
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "cli", "wallet", *command, "--wallet", str(path), "--json"],
        env={
            **os.environ,
            "PASSPORT_WALLET_PASSPHRASE": "correct horse",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in {1, 2}, done.stderr
    assert str(path) in done.stdout
    assert state_of(path) == before
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("kind", ["directory", "pipe", "socket"])
def test_what_is_no_file_is_not_even_opened(tmp_path: Path, kind: str, entropy: Entropy) -> None:
    path = tmp_path / "thing"
    listening = socket.socket(socket.AF_UNIX)
    if kind == "directory":
        path.mkdir(mode=0o755)
    elif kind == "pipe":
        os.mkfifo(path, 0o644)
    else:
        listening.bind(str(path))
    before = path.stat()
    with listening, pytest.raises(NotAFile, match=str(path)):
        SealedLog.open(path, lambda _header: b"", entropy=entropy)
    assert path.stat() == before


def test_device_is_not_opened() -> None:
    with pytest.raises(NotAFile):
        require_wallet(Path("/dev/null"))


def test_wrong_key_changes_nothing_either(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "wallet"
    SealedLog.create(path, passphrase="correct horse", seed=SEED, first_records=(), entropy=entropy)
    path.chmod(0o644)
    with pytest.raises(WrongPassphrase):
        SealedLog.open(path, lambda header: header.open_with_passphrase("wrong"), entropy=entropy)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    with SealedLog.open(path, lambda header: header.open_with_seed(SEED), entropy=entropy) as log:
        assert "others on this machine could read" in log.notices[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_running_program_that_locked_its_file_is_not_disturbed(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "locked"
    text_file(path)
    hold = "import fcntl,sys,time; f=open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        # Its own words, and not that a wallet is in use.
        with pytest.raises(NotAWallet):
            SealedLog.open(path, lambda _header: b"", entropy=entropy)
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()


def test_wallet_of_a_newer_version_is_told_from_a_damaged_one(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "wallet"
    SealedLog.create(path, passphrase="correct horse", seed=SEED, first_records=(), entropy=entropy)
    raw = bytearray(path.read_bytes())
    struct.pack_into(">H", raw, len(MAGIC), 2)
    body = HEADER_SIZE - 64
    raw[body : body + 32] = sha256(raw[:body]).digest()
    path.write_bytes(raw)
    with pytest.raises(WalletNewer, match="newer version"):
        SealedLog.open(path, lambda _header: b"", entropy=entropy)
    assert path.read_bytes() == raw


def test_new_passphrase_through_a_link_leaves_no_old_one_behind(tmp_path: Path, entropy: Entropy) -> None:
    real, link = tmp_path / "stick" / "wallet", tmp_path / "wallet"
    SealedLog.create(real, passphrase="old passphrase", seed=SEED, first_records=(), entropy=entropy)
    link.symlink_to(real)
    with SealedLog.open(link, lambda header: header.open_with_seed(SEED), entropy=entropy) as log:
        log.replace_header(passphrase="new passphrase", seed=SEED)
    assert link.is_symlink()
    with pytest.raises(WrongPassphrase):
        Header.parse(real.read_bytes()).open_with_passphrase("old passphrase")


def test_place_where_no_wallet_can_be_made_is_named(tmp_path: Path, entropy: Entropy) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotSaved, match="cannot be a folder"):
        SealedLog.create(
            tmp_path / "file" / "wallet", passphrase="p", seed=SEED, first_records=(), entropy=entropy
        )
    with pytest.raises(NotOpened, match="Not a directory"):
        require_wallet(tmp_path / "file" / "wallet")


def test_file_in_a_new_wallets_place_is_called_what_it_is(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "notes"
    text_file(path)
    with pytest.raises(WalletExists, match="a file that is no wallet"):
        SealedLog.create(path, passphrase="p", seed=SEED, first_records=(), entropy=entropy)


def test_every_error_of_a_path_speaks_both_languages(tmp_path: Path) -> None:
    text_file(tmp_path / "text")
    for path in (tmp_path / "text", tmp_path, tmp_path / "none"):
        with pytest.raises(PassportError) as caught:
            require_wallet(path)
        assert str(path) in str(caught.value)
        assert str(path) in str(getattr(caught.value, "zh_tw", ""))
