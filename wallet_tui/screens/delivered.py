"""After showing: the same words whatever the verifier will decide (threat T39)."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from holder import Shown
from wallet_tui.phrases import Phrase
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Fact, Said

_DELIVERED = Phrase("Delivered to {name}.", "已送達 {name}。")
_WILL_TELL = Phrase(
    "It will tell you itself what it decides. A signed receipt of what you agreed to is in your history.",
    "審核結果將由對方直接通知您。您同意出示內容的簽章收據已存於紀錄中。",
)
_GO_ON = Phrase("Go on here", "請至此處繼續")
_ESCAPE = Phrase("Back to your credentials: Esc or Enter", "按 Esc 或 Enter 返回您的憑證")


class DeliveredScreen(Place):
    """One outcome, one wording."""

    HEADING = Phrase("Delivered", "已送達")
    CSS_PATH = "delivered.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", show=False)]
    AUTO_FOCUS = ""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown

    def body(self) -> ComposeResult:
        """Where it went, and what comes next."""
        name = Phrase.outside(self._shown.presentation.verifier_name)
        yield Said(_DELIVERED.with_(name=name), id="delivered")
        yield Said(_WILL_TELL, classes="gap")
        if self._shown.redirect_uri is not None:
            yield Fact(_GO_ON, Phrase.outside(self._shown.redirect_uri))
        yield Said(_ESCAPE, classes="quiet gap")
