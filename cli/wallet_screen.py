"""``passport wallet``: the wallet on the screen. Hands ``wallet_tui`` a door to the wallet file, and nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from passport.errors import Misconfigured

if TYPE_CHECKING:
    from holder import TrustSettings, Wallet

_FAILED = (
    "passport: the wallet's screen stopped by a fault of its own; everything that was saved is still there\n"
)


class WalletFile:
    """The door: a file, the world it lives in, and where this machine remembers it."""

    def __init__(self, path: Path, world: TrustSettings | None, seen: Path) -> None:
        self._path = path
        self._world = world
        self._seen = seen

    def exists(self) -> bool:
        """Whether there is a file."""
        return self._path.exists()

    def create(self, passphrase: str, /) -> str:
        """Make it; its recovery phrase."""
        from holder import create_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

        return create_wallet(self._path, passphrase).words

    def open(self, passphrase: str, /) -> Wallet:
        """Open it."""
        from holder import open_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

        return open_wallet(self._path, passphrase, self._world, seen_directory=self._seen)


def run_screen(path: Path, world: Path, seen: Path) -> int:
    """Show the wallet until the person leaves; the exit code.

    Raises:
        Misconfigured: there is no terminal, or the world file is not one.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misconfigured("expected a terminal; scripts use `passport wallet list`, `accept` and `present`")
    from holder import TrustSettings  # noqa: PLC0415 - `passport --help` waits for nothing
    from wallet_tui import Language, Phrase, WalletApp  # noqa: PLC0415

    settings = TrustSettings.from_world(world) if world.exists() else None
    warning = None
    if settings is None:
        warning = Phrase(
            "No world is up: you can look, but neither accept nor show. Start one with `make up`.",
            "系統尚未啟動：僅可檢視，無法接受或出示。請執行 `make up`。",
        )
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    language = Language.CHINESE if spoken.lower().startswith("zh") else Language.ENGLISH
    app = WalletApp(WalletFile(path, settings, seen), language=language, warning=warning)
    app.run()
    if app.return_code:
        sys.stderr.write(_FAILED)
    return app.return_code or 0
