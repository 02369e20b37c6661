"""May a copy be shown that somebody else has seen already? Answers yes or no; Enter and Esc are no."""

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
    "No unused copy is left. {other} has seen the one that would be shown now: it and {asker} could find out that "
    "they know the same person. Your bank can give you new copies instead.",
    "已無未出示的副本。{other} 看過即將出示的這一份：它與 {asker} 可能因此得知彼此認識同一個人。您也可以改向銀行申請新的副本。",
)
_NO = Phrase("No, do not show it", "否，不出示")
_YES = Phrase("Yes, show it all the same", "是，仍然出示")


class AllowReuseDialog(ModalScreen[bool]):
    """The question, with *no* focused."""

    CSS_PATH = "allow_reuse.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "no", show=False)]
    AUTO_FOCUS = "#no"

    def __init__(self, *, asker: Phrase, other: Phrase) -> None:
        super().__init__()
        self._question = _QUESTION.with_(asker=asker, other=other)

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(id="dialog"):
            yield Said(self._question, id="question")
            with Horizontal(id="buttons"):
                yield SaidButton(_NO, id="no")
                yield SaidButton(_YES, id="yes")

    @on(SaidButton.Pressed, "#yes")
    def allow(self) -> None:
        """The person allows it."""
        self.dismiss(result=True)

    @on(SaidButton.Pressed, "#no")
    def action_no(self) -> None:
        """The person does not."""
        self.dismiss(result=False)
