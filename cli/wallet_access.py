"""What the wallet's commands take: which file, which world, which passphrase, which link.

The passphrase comes from ``PASSPORT_WALLET_PASSPHRASE`` or a prompt, never from an argument that others can list.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.answering import safe
from cli.printing import (
    AnswerLost,
    can_print,
    in_both,
    reader_left,
    wait_until_read,
    write_error,
    write_out,
)
from passport.errors import PassportError

if TYPE_CHECKING:
    from holder import Wallet

PASSPHRASE_VARIABLE = "PASSPORT_WALLET_PASSPHRASE"  # noqa: S105 - the variable's name
_GOOD_LENGTH = 8
_MAX_LINK_FILE = 64 * 1024


def person_there() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def wallet_path(path: Path | None) -> Path:
    """The wallet file: the option, else PASSPORT_WALLET, else one in the person's home."""
    named = os.environ.get("PASSPORT_WALLET")
    if path is not None or named:
        return path or Path(named or "")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "financial-passport" / "wallet"


def seen_directory() -> Path:
    """Where this machine remembers how far it has seen each wallet."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "financial-passport" / "wallets"


def open_for(path: Path, world: Path | None = None) -> Wallet:
    """The wallet, opened in a world, or without one to be looked into."""
    from holder import TrustSettings, open_wallet, require_wallet  # noqa: PLC0415 - help waits for nothing

    # Before a passphrase is typed: what is not a wallet has no use for one.
    require_wallet(path)
    settings = None if world is None else TrustSettings.from_world(world)
    with advising(path):
        return open_wallet(path, _passphrase(), settings, seen_directory=seen_directory())


@contextmanager
def advising(path: Path) -> Iterator[None]:
    """Say beside a damaged file what a person can do next.

    Raises:
        Malformed: the file is damaged.
    """
    from holder import BadInput, NotAWallet, WalletDamaged  # noqa: PLC0415 - help waits for nothing

    try:
        yield
    except NotAWallet:
        raise
    except WalletDamaged as error:
        raise BadInput(
            f"{error}. Nothing was changed, and no passphrase mends it. Put back a copy of {path}; or, without a copy, "
            f"move the file away, make the wallet again from its recovery phrase (`passport wallet init --restore "
            f"--wallet {path}`) and ask your banks for new credentials",
            f"錢包檔案已損毀（第 {error.offset} 位元組），未做任何更動，密碼無法修復。請還原 {path} 的備份；若無備份，請移開此檔，"
            f"以復原短語重建錢包（`passport wallet init --restore --wallet {path}`），並向銀行重新申請憑證",
        ) from error


def make_if_missing(path: Path, world: Path) -> str | None:
    """With a passphrase in the environment, accepting makes a missing wallet; its recovery phrase, if it did."""
    if path.exists() or not os.environ.get(PASSPHRASE_VARIABLE):
        return None
    from holder import TrustSettings, create_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    TrustSettings.from_world(world)
    words = create_wallet(path, _passphrase()).words
    write_error(
        "passport: "
        + in_both(
            f"there was no wallet at {path}, so a new one was made there. If you meant another, name it with "
            "--wallet or PASSPORT_WALLET: this one holds only what comes now.",
            f"{path} 原無錢包，已建立新錢包；若您要使用其他錢包，請以 --wallet 或 PASSPORT_WALLET 指定。",
        )
    )
    return words


def _passphrase() -> str:
    return _readable(os.environ.get(PASSPHRASE_VARIABLE) or ask_secret("Passphrase", "密碼"))


def new_passphrase() -> str:
    """A passphrase for a wallet that is made or recovered.

    Raises:
        Malformed: it is too short. Misconfigured: there is nobody to ask.
    """
    from holder import BadInput  # noqa: PLC0415 - `passport --help` waits for nothing

    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        if len(given) < _GOOD_LENGTH:
            write_error(
                "passport: "
                + in_both(
                    f"a passphrase of {_GOOD_LENGTH} characters or more is safer",
                    f"建議密碼至少 {_GOOD_LENGTH} 個字元",
                )
            )
        return _readable(given)
    passphrase = _readable(ask_secret("New passphrase", "新的密碼", confirm=True))
    if len(passphrase) < _GOOD_LENGTH:
        raise BadInput(
            f"expected a passphrase of at least {_GOOD_LENGTH} characters",
            f"密碼至少需要 {_GOOD_LENGTH} 個字元",
        )
    return passphrase


def _readable(passphrase: str) -> str:
    """A passphrase that can be typed again elsewhere: bytes that are no text depend on the terminal that took them."""
    from holder import BadInput  # noqa: PLC0415 - `passport --help` waits for nothing

    if not passphrase.isprintable() or not can_print(passphrase, None):
        raise BadInput(
            "expected a passphrase of characters that can be typed again, in UTF-8",
            "密碼須為可再次輸入的 UTF-8 字元",
        )
    return passphrase


def ask_secret(en: str, zh_tw: str, *, confirm: bool = False) -> str:
    """What a person types without its being shown.

    Raises:
        Misconfigured: there is no terminal.
    """
    from holder import BadUsage  # noqa: PLC0415 - `passport --help` waits for nothing

    if not person_there():
        raise BadUsage(
            f"expected {en.lower()} from a terminal; scripts set {PASSPHRASE_VARIABLE}",
            f"須於終端機輸入{zh_tw}；程式請設定 {PASSPHRASE_VARIABLE}",
        )
    while True:
        answer: str = typer.prompt(_asked(en, zh_tw), hide_input=True)
        if not confirm:
            return answer
        again: str = typer.prompt(_asked("The same again", "請再輸入一次"), hide_input=True)
        if answer == again:
            return answer
        write_error(
            f"passport: {in_both('the two are not the same; once more', '兩次輸入不一致，請重新輸入')}"
        )


def ask(en: str, zh_tw: str) -> str:
    """What a person types in the open; the question goes to standard error, beside no document."""
    return _answer(in_both(safe(en), safe(zh_tw)))


def agrees(en: str, zh_tw: str) -> bool:
    """Whether a person says yes; Enter says no.

    Raises:
        Rejected: CONSENT_NEEDED, nobody reads any more what the question is about.
    """
    while True:
        _require_reader()
        said = _answer(f"{in_both(safe(en), safe(zh_tw))} [y/N]").strip().lower()
        if said in {"", "n", "no", "否"}:
            return False
        if said in {"y", "yes", "是"}:
            _require_reader()
            return True
        write_error(f"passport: {in_both('expected y or n', '請輸入 y 或 n')}")


def put(lines: Sequence[str]) -> None:
    """Write what a question is about, and see that it is read before it is asked.

    Raises:
        Rejected: CONSENT_NEEDED, it was not read.
    """
    try:
        write_out("\n".join(lines))
    except AnswerLost:
        raise _unread() from None
    if person_there():
        wait_until_read()


def _require_reader() -> None:
    if reader_left():
        raise _unread()


def _unread() -> PassportError:
    from holder import ConsentMissing  # noqa: PLC0415 - `passport --help` waits for nothing

    return ConsentMissing(
        "nothing was sent: what is asked was not read to its end, its reader has left",
        "未送出任何資料：輸出未能完整顯示，讀取端已關閉",
    )


def _answer(question: str) -> str:
    """A line from the terminal; the library's own prompt would write to standard output, which may be a pipe."""
    try:
        write_error(f"{question}: ", end="")
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        raise typer.Abort from None
    if not line:
        raise typer.Abort
    return line.rstrip("\r\n")


def _asked(en: str, zh_tw: str) -> str:
    """A question in both languages; a hidden prompt is written by the system's own means, which know no escapes."""
    both = in_both(safe(en), safe(zh_tw))
    try:
        both.encode(locale.getpreferredencoding(do_setlocale=False))
    except (UnicodeEncodeError, LookupError):
        return safe(en).encode("ascii", "replace").decode()
    return both


def read_link(text: str, *, en: str, zh_tw: str) -> str:
    """A link as it was given, from a file, or from standard input: all three go the same way from here.

    ``en`` and ``zh_tw`` say what the command takes.

    Raises:
        Malformed: there is none, or it is a web address.
    """
    from holder import BadInput, pasted_link  # noqa: PLC0415 - `passport --help` waits for nothing

    link = pasted_link(_read(text, en, zh_tw))
    if link.lower().startswith(("https://", "http://")):
        raise BadInput(f"this is a web address, not {en}", f"這是網址，並非{zh_tw}")
    return link


def _read(text: str, en: str, zh_tw: str) -> str:
    from holder import BadInput  # noqa: PLC0415 - `passport --help` waits for nothing

    if text == "-" and sys.stdin is not None:
        return sys.stdin.read(_MAX_LINK_FILE)
    if "://" in text:
        return text.encode(errors="replace").decode()
    try:
        with Path(text).open(encoding="utf-8") as file:
            return file.read(_MAX_LINK_FILE)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"expected {en}: a link, or a file that holds one", f"請提供{zh_tw}：連結，或含有連結的檔案"
        ) from error


def say_notices(opened: Wallet) -> None:
    """What must be told about the wallet file, beside what the command prints."""
    for notice in opened.notices:
        write_error(f"passport: {notice}")
