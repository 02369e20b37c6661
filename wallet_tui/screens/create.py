"""Make a wallet: a passphrase, twice."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from wallet_tui.messages import Created
from wallet_tui.phrases import Phrase
from wallet_tui.ports import WalletDoor
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Said, SaidButton

SHORTEST: Final = 8
_WELCOME = Phrase(
    "There is no wallet yet. It will hold your keys and credentials in one encrypted file on this machine; a "
    "passphrase opens it.",
    "尚未建立錢包。錢包會將您的金鑰與憑證加密存放於本機的單一檔案中，並以密碼開啟。",
)
_FIRST = Phrase("A passphrase, {shortest} characters or more:", "密碼，至少 {shortest} 個字元：").with_(
    shortest=SHORTEST
)
_SECOND = Phrase("The same once more:", "請再輸入一次：")
_MAKE = Phrase("Make the wallet", "建立錢包")
_SHORT = Phrase(
    "Too short: at least {shortest} characters, please. Several words are easy to keep in mind.",
    "太短：至少需要 {shortest} 個字元。使用數個詞彙較易記憶。",
).with_(shortest=SHORTEST)
_DIFFER = Phrase("The two are not the same; type the second one again.", "兩次輸入不同，請重新輸入第二次。")
_MAKING = Phrase("Making the wallet; this is slow on purpose…", "建立中，此步驟刻意緩慢…")


class CreateScreen(Place):
    """The first screen where there is no wallet."""

    HEADING = Phrase("A new wallet", "建立錢包")
    CSS_PATH = "create.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.quit", "Quit")]

    def __init__(self, door: WalletDoor) -> None:
        super().__init__()
        self._door = door

    def body(self) -> ComposeResult:
        """Two fields and a button."""
        yield Said(_WELCOME, id="welcome")
        yield Said(_FIRST)
        yield Input(password=True, id="first")
        yield Said(_SECOND)
        yield Input(password=True, id="second")
        yield SaidButton(_MAKE, id="make")

    @on(Input.Submitted, "#first")
    def go_on(self) -> None:
        """The second field follows the first."""
        self.query_one("#second", Input).focus()

    @on(Input.Submitted, "#second")
    @on(SaidButton.Pressed, "#make")
    def make(self) -> None:
        """Make it, if both fields agree."""
        first, second = self.query_one("#first", Input), self.query_one("#second", Input)
        passphrase = first.value
        if len(passphrase) < SHORTEST:
            self.say(_SHORT, bad=True)
            first.focus()
            return
        if second.value != passphrase:
            self.say(_DIFFER, bad=True)
            second.clear()
            second.focus()
            return

        def call() -> Message:
            words = self._door.create(passphrase)
            return Created(words, self._door.open(passphrase))

        self.begin(call, _MAKING)
