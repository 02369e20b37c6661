"""What was shown to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import ListItem, ListView

from holder import HistoryLine, RequestDeclined, declined_label, outcome_label
from wallet_tui.messages import Remembered
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.receipt_words import shown_words, verifier_words
from wallet_tui.screens.place import Place
from wallet_tui.screens.receipt import ReceiptScreen
from wallet_tui.widgets.look_list import LookList
from wallet_tui.widgets.said import Said

_EMPTY = Phrase("Nothing was shown to anybody.", "尚未向任何人出示。")
_LOOKING = Phrase("Checking the receipts…", "核對收據中…")


_MOST: Final = 300


def _shortened(said: Phrase) -> Phrase:
    return Phrase(said.en[:_MOST], said.zh[:_MOST])


class PresentationLine(ListItem):
    """One line of the history."""

    def __init__(self, line: HistoryLine) -> None:
        super().__init__()
        self.line = line

    def compose(self) -> ComposeResult:
        """When, to whom, what became of it; and what was shown."""
        shown = self.line.presentation
        yield Said(
            Phrase.joined(
                [
                    Phrase.minute(shown.at),
                    verifier_words(self.line),
                    Phrase.told(outcome_label(shown.outcome)),
                ],
                " · ",
            ),
            classes="line-title",
        )
        yield Said(_shortened(shown_words(self.line)), classes="quiet")


class DeclinedLine(ListItem):
    """A verifier that was told no."""

    def __init__(self, declined: RequestDeclined) -> None:
        super().__init__()
        self._declined = declined

    def compose(self) -> ComposeResult:
        """When, who, and whether it was heard."""
        said = self._declined
        yield Said(
            Phrase.joined(
                [
                    Phrase.minute(said.at),
                    Phrase.told(said.verifier_name),
                    Phrase.told(declined_label(said.outcome)),
                ],
                " · ",
            ),
            classes="line-title",
        )
        yield Said(Phrase.told(said.purpose), classes="quiet")


class HistoryScreen(Place):
    """The list of presentations."""

    HEADING = Phrase("History", "紀錄")
    CSS_PATH = "history.tcss"
    AUTO_FOCUS = "ListView"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def body(self) -> ComposeResult:
        """The list."""
        yield Said(_EMPTY, id="empty")
        yield LookList(id="list")

    def on_mount(self) -> None:
        """Ask the wallet."""
        self.query_one("#empty").display = False

        def remember(wallet: OpenedWallet) -> Message:
            return Remembered(wallet.history(), wallet.declined())

        self.begin(lambda: self._desk.ask(remember), _LOOKING)

    @on(Remembered)
    async def fill(self, event: Remembered) -> None:
        """Show it."""
        lines: list[tuple[datetime, ListItem]] = [
            (each.presentation.at, PresentationLine(each)) for each in event.history
        ]
        lines += [(each.at, DeclinedLine(each)) for each in event.declined]
        lines.sort(key=lambda line: line[0], reverse=True)
        self.query_one("#empty").display = not lines
        listed = self.query_one("#list", LookList)
        await listed.extend([item for _, item in lines])
        if lines:
            listed.index = 0
            listed.focus()

    @on(ListView.Selected)
    def look_at(self, event: ListView.Selected) -> None:
        """Its receipt."""
        if isinstance(event.item, PresentationLine):
            self.app.push_screen(
                ReceiptScreen(
                    event.item.line, Phrase.told(outcome_label(event.item.line.presentation.outcome))
                )
            )
