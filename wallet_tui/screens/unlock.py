"""Open the wallet with its passphrase."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from wallet_tui.messages import Failed, Opened
from wallet_tui.phrases import Phrase
from wallet_tui.ports import WalletDoor
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Said

_ASK = Phrase("Your passphrase, then Enter:", "請輸入密碼，再按 Enter：")
_FORGOTTEN = Phrase(
    "Forgotten? Your recovery phrase gives the wallet a new one: passport wallet recover",
    "忘記了嗎？可用復原短語設定新的密碼：passport wallet recover",
)
_OPENING = Phrase("Opening; this is slow on purpose…", "開啟中，此步驟刻意緩慢…")


class UnlockScreen(Place):
    """The first screen where there is a wallet."""

    HEADING = Phrase("Unlock", "解鎖")
    CSS_PATH = "unlock.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.quit", "Quit")]

    def __init__(self, door: WalletDoor) -> None:
        super().__init__()
        self._door = door

    def body(self) -> ComposeResult:
        """One field."""
        yield Said(_ASK)
        yield Input(password=True, id="passphrase")
        yield Said(_FORGOTTEN, classes="quiet")

    @on(Input.Submitted)
    def unlock(self, event: Input.Submitted) -> None:
        """Try it."""
        passphrase = event.value

        def call() -> Message:
            return Opened(self._door.open(passphrase))

        self.begin(call, _OPENING)

    @on(Failed)
    def again(self) -> None:
        """Another try starts from an empty field."""
        self.query_one("#passphrase", Input).clear()
