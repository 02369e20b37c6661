"""After a verifier was told no: what it heard, and what it did not."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wallet_tui.phrases import Phrase
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Said

_TOLD = Phrase(
    "{name} was told that you show nothing. It heard no reason.", "已告知 {name} 您不出示；未告知原因。"
)
_ESCAPE = Phrase("Back to your credentials: Esc or Enter", "按 Esc 或 Enter 返回您的憑證")


class ToldNoScreen(Place):
    """One outcome."""

    HEADING = Phrase("Not shown", "未出示")
    CSS_PATH = "told_no.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", show=False)]
    AUTO_FOCUS = ""

    def __init__(self, name: Phrase) -> None:
        super().__init__()
        self._who = name

    def body(self) -> ComposeResult:
        """Who was told."""
        yield Said(_TOLD.with_(name=self._who), id="told")
        yield Said(_ESCAPE, classes="quiet gap")
