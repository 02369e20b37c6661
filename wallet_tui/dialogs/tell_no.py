"""May the verifier be told that nothing is shown? Answers yes or no; Enter and Esc are no."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen

from wallet_tui.phrases import Phrase
from wallet_tui.widgets.said import Said, SaidButton

_QUESTION = Phrase(
    "Nothing is shown. May {asker} be told that you say no? It hears no reason. Otherwise it hears nothing, and waits "
    "until its request ends.",
    "不會出示任何資料。是否告知 {asker} 您不出示？對方不會知道原因。若不告知，對方將等候至請求期限。",
)
_NO = Phrase("No, tell nothing", "否，不告知")
_YES = Phrase("Yes, tell them", "是，告知對方")


class TellNoDialog(ModalScreen[bool]):
    """The question, with *no* focused."""

    CSS_PATH = "tell_no.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "no", show=False)]
    AUTO_FOCUS = "#no"

    def __init__(self, *, asker: Phrase) -> None:
        super().__init__()
        self._question = _QUESTION.with_(asker=asker)

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(id="dialog"):
            yield Said(self._question, id="question")
            with Horizontal(id="buttons"):
                yield SaidButton(_NO, id="no")
                yield SaidButton(_YES, id="yes")

    @on(SaidButton.Pressed, "#yes")
    def tell(self) -> None:
        """The person wants it told."""
        self.dismiss(result=True)

    @on(SaidButton.Pressed, "#no")
    def action_no(self) -> None:
        """The person does not."""
        self.dismiss(result=False)
