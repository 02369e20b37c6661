"""What the wallet holds: the screen that one comes back to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import ListView

from holder import CredentialStatus, LedgerLook
from wallet_tui.ledger_words import offline_words
from wallet_tui.messages import Answered, Listed
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.accept import AcceptScreen
from wallet_tui.screens.credential import CredentialScreen
from wallet_tui.screens.history import HistoryScreen
from wallet_tui.screens.place import Place
from wallet_tui.screens.present import PresentScreen
from wallet_tui.widgets.credential_line import CredentialLine
from wallet_tui.widgets.look_list import LookList
from wallet_tui.widgets.said import Said

_EMPTY = Phrase(
    "The wallet is empty. Your bank makes you an offer: a link and a transaction code. Press a and paste the link.",
    "錢包是空的。銀行會提供憑證領取邀請的連結與交易驗證碼；請按 a 並貼上連結。",
)
_ASKING = Phrase("Asking the banks whether they have paused anything…", "正在向銀行查詢憑證狀態…")
_LOOKING = Phrase("Looking…", "讀取中…")


class CredentialsScreen(Place):
    """The list."""

    HEADING = Phrase("Your credentials", "您的憑證")
    CSS_PATH = "credentials.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "Accept"),
        Binding("p", "present", "Present"),
        Binding("h", "history", "History"),
        Binding("s", "ask_banks", "Status"),
        Binding("q", "app.quit", "Quit"),
        Binding("escape", "stay", show=False),
    ]
    AUTO_FOCUS = "ListView"

    def __init__(self, desk: Desk, warning: Phrase | None) -> None:
        """``warning`` is what the program itself has to say, such as that no world is up."""
        super().__init__()
        self._desk = desk
        self._warning = warning
        self._statuses: Mapping[str, CredentialStatus] = {}
        self._ledger: LedgerLook | None = None

    def body(self) -> ComposeResult:
        """Warnings, the list, or what to do first."""
        if self._warning is not None:
            yield Said(self._warning, classes="warning")
        yield Said(id="notices", classes="warning")
        yield Said(_EMPTY, id="empty")
        yield LookList(id="list")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one("#notices").display = False
        self.query_one("#empty").display = False

    def on_screen_resume(self) -> None:
        """Look again: something may have been accepted or shown meanwhile. What banks said is not kept."""
        self._statuses, self._ledger = {}, None
        self._look()

    def _look(self) -> None:

        def look(wallet: OpenedWallet) -> Message:
            return Listed(wallet.list(), wallet.notices)

        self.begin(lambda: self._desk.ask(look), _LOOKING)

    @on(Listed)
    async def fill(self, event: Listed) -> None:
        """Show what there is."""
        notices = self.query_one("#notices", Said)
        said = [*map(Phrase.outside, event.notices), *offline_words(self._ledger)]
        notices.display = bool(said)
        notices.phrase = Phrase.joined(said)
        self.query_one("#empty").display = not event.credentials
        listed = self.query_one("#list", LookList)
        at = listed.index
        await listed.clear()
        await listed.extend(
            [CredentialLine(each, self._statuses.get(each.reference)) for each in event.credentials]
        )
        if event.credentials:
            listed.index = min(at or 0, len(event.credentials) - 1)
            listed.focus()

    @on(Answered)
    def mark(self, event: Answered) -> None:
        """Show it on the lines."""
        self._statuses, self._ledger = event.statuses, event.ledger
        self._look()

    @on(ListView.Selected)
    def look_at(self, event: ListView.Selected) -> None:
        """One credential, whole."""
        if isinstance(event.item, CredentialLine):
            self.app.push_screen(CredentialScreen(self._desk, event.item.credential))

    def action_accept(self) -> None:
        """Take an offer."""
        self.app.push_screen(AcceptScreen(self._desk))

    def action_present(self) -> None:
        """Answer a request."""
        self.app.push_screen(PresentScreen(self._desk))

    def action_ask_banks(self) -> None:
        """Only when the person asks: a wallet that looks by itself tells banks when it is used."""

        def ask(wallet: OpenedWallet) -> Message:
            return Answered(wallet.check_status(), wallet.ledger)

        self.begin(lambda: self._desk.ask(ask), _ASKING)

    def action_history(self) -> None:
        """What was shown to whom."""
        self.app.push_screen(HistoryScreen(self._desk))

    def action_stay(self) -> None:
        """There is nothing behind this screen."""
