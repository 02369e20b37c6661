"""A request that the wallet cannot meet: who asks, for what, and which condition fails. The owner alone reads it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from holder import NothingToShow
from holder.error_words import unanswered_facts
from wallet_tui.dialogs.tell_no import TellNoDialog
from wallet_tui.explain import explain
from wallet_tui.messages import Declined
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.place import Place
from wallet_tui.screens.told_no import ToldNoScreen
from wallet_tui.widgets.said import Fact, Said, SaidButton

_TELL = Phrase("Tell them no", "告知不出示")
_BACK = Phrase("Back, telling nothing", "返回，不告知")
_TELLING = Phrase("Telling…", "告知中…")


class UnansweredScreen(Place):
    """What is missing, and whether the verifier may be told no."""

    HEADING = Phrase("Nothing to show", "無可出示")
    CSS_PATH = "unanswered.tcss"
    SCROLLS = True
    AUTO_FOCUS = "#back"

    def __init__(self, desk: Desk, error: NothingToShow) -> None:
        super().__init__()
        self._desk = desk
        self._error = error

    def body(self) -> ComposeResult:
        """Who asks, for what, and what is missing."""
        headline, _ = explain(self._error)
        yield Said(headline, id="headline")
        for name, value in unanswered_facts(self._error):
            yield Fact(Phrase.told(name), Phrase.told(value))

    def foot(self) -> ComposeResult:
        """Two ways on; the one that tells nothing is focused."""
        with Horizontal(id="answer"):
            yield SaidButton(_BACK, id="back")
            yield SaidButton(_TELL, id="tell")

    @on(SaidButton.Pressed, "#back")
    def back(self) -> None:
        """Nothing is told."""
        self.action_leave()

    @on(SaidButton.Pressed, "#tell")
    def tell(self) -> None:
        """One more question, since it cannot be taken back."""
        if not self.working:
            asker = Phrase.told(self._error.asked.verifier_name)
            self.app.push_screen(TellNoDialog(asker=asker), self._answered)

    def _answered(self, tell: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
        if not tell:
            return
        asked = self._error.asked

        def decline(wallet: OpenedWallet) -> Message:
            wallet.decline(asked)
            return Declined()

        self.begin(lambda: self._desk.ask(decline), _TELLING)

    @on(Declined)
    def told(self) -> None:
        """The verifier has heard it."""
        self.app.switch_screen(ToldNoScreen(Phrase.told(self._error.asked.verifier_name)))
