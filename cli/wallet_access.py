"""What the wallet's commands take: which file, which world, which passphrase, which link.

The passphrase comes from ``PASSPORT_WALLET_PASSPHRASE`` or a prompt, never from an argument that others can list.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from passport.errors import Malformed, Misconfigured

if TYPE_CHECKING:
    from holder import Wallet

PASSPHRASE_VARIABLE = "PASSPORT_WALLET_PASSPHRASE"  # noqa: S105 - the variable's name
_GOOD_LENGTH = 8
_MAX_LINK_FILE = 64 * 1024


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
    from holder import TrustSettings, WalletMissing, open_wallet  # noqa: PLC0415 - see above

    if not path.exists():
        raise WalletMissing(path)
    settings = None if world is None else TrustSettings.from_world(world)
    with advising(path):
        return open_wallet(path, _passphrase(), settings, seen_directory=seen_directory())


@contextmanager
def advising(path: Path) -> Iterator[None]:
    """Say beside a damaged file what a person can do next.

    Raises:
        Malformed: the file is damaged.
    """
    from holder import WalletDamaged  # noqa: PLC0415 - see above

    try:
        yield
    except WalletDamaged as error:
        raise Malformed(
            f"{error}. Nothing was changed, and no passphrase mends it. Put back a copy of {path}; or, without a copy, "
            f"move the file away, make the wallet again from its recovery phrase (`passport wallet init --restore "
            f"--wallet {path}`) and ask your banks for new credentials"
        ) from error


def make_if_missing(path: Path, world: Path) -> str | None:
    """With a passphrase in the environment, accepting makes a missing wallet; its recovery phrase, if it did."""
    if path.exists() or not os.environ.get(PASSPHRASE_VARIABLE):
        return None
    from holder import TrustSettings, create_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    TrustSettings.from_world(world)
    words = create_wallet(path, _passphrase()).words
    sys.stderr.write(
        f"passport: there was no wallet at {path}, so a new one was made there. If you meant another, name it with "
        "--wallet or PASSPORT_WALLET: this one holds only what comes now.\n"
    )
    return words


def _passphrase() -> str:
    return os.environ.get(PASSPHRASE_VARIABLE) or ask_secret("Passphrase")


def new_passphrase() -> str:
    """A passphrase for a wallet that is made or recovered.

    Raises:
        Malformed: it is too short. Misconfigured: there is nobody to ask.
    """
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        if len(given) < _GOOD_LENGTH:
            sys.stderr.write(f"passport: a passphrase of {_GOOD_LENGTH} characters or more is safer\n")
        return given
    passphrase = ask_secret("New passphrase", confirm=True)
    if len(passphrase) < _GOOD_LENGTH:
        raise Malformed(f"expected a passphrase of at least {_GOOD_LENGTH} characters")
    return passphrase


def ask_secret(what: str, *, confirm: bool = False) -> str:
    """What a person types without its being shown.

    Raises:
        Misconfigured: there is no terminal.
    """
    if not sys.stdin.isatty():
        raise Misconfigured(f"expected {what.lower()} from a terminal; scripts set {PASSPHRASE_VARIABLE}")
    answer: str = typer.prompt(what, hide_input=True, confirmation_prompt=confirm)
    return answer


def read_link(text: str, *, wanted: str) -> str:
    """A link as it was given, from a file, or from standard input: all three go the same way from here.

    Raises:
        Malformed: there is none, or it is a web address; ``wanted`` says what the command takes.
    """
    link = _read(text)
    if link.lower().startswith(("https://", "http://")):
        raise Malformed(f"this is a web address, not {wanted}")
    return link


def _read(text: str) -> str:
    if text == "-":
        return sys.stdin.read(_MAX_LINK_FILE).strip()
    if "://" in text:
        return text.strip()
    try:
        with Path(text).open(encoding="utf-8") as file:
            return file.read(_MAX_LINK_FILE).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed("expected a link, or a file that holds one") from error


def say_notices(opened: Wallet) -> None:
    """What must be told about the wallet file, beside what the command prints."""
    for notice in opened.notices:
        sys.stderr.write(f"passport: {notice}\n")
