"""Answer a request: paste its link; the question follows on a screen of its own."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from holder import NothingToShow
from wallet_tui.messages import Delivered, Failed, Reviewed
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.consent import ConsentScreen
from wallet_tui.screens.delivered import DeliveredScreen
from wallet_tui.screens.place import Place
from wallet_tui.screens.unanswered import UnansweredScreen
from wallet_tui.widgets.link_input import LinkInput
from wallet_tui.widgets.said import Said

_PASTE = Phrase(
    "Paste the request's link (openid4vp://…), then Enter:", "請貼上請求連結（openid4vp://…），再按 Enter："
)
_NOTHING_YET = Phrase(
    "Nothing is shown to anybody yet: first you read who asks, for what, and what they would see.",
    "此時不會出示任何資料：您將先看到由誰請求、用途為何，以及對方會看到的內容。",
)
_ASKING = Phrase("Asking the ledger who this is…", "正在向帳本查詢請求者…")


class PresentScreen(Place):
    """One field."""

    HEADING = Phrase("Answer a request", "回覆請求")
    CSS_PATH = "present.tcss"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def body(self) -> ComposeResult:
        """The link."""
        yield Said(_PASTE)
        yield LinkInput(id="link")
        yield Said(_NOTHING_YET, classes="quiet")

    @on(Input.Submitted, "#link")
    def review(self, event: Input.Submitted) -> None:
        """Who asks? An answer that was consented to before, and may not have arrived, is sent again as it was."""
        link = event.value.strip()
        if not link:
            return

        def review(wallet: OpenedWallet) -> Message:
            before = wallet.pending(link)
            if before is not None:
                return Delivered(wallet.resend(before))
            return Reviewed(wallet.review(link))

        self.begin(lambda: self._desk.ask(review), _ASKING)

    @on(Reviewed)
    def put_question(self, event: Reviewed) -> None:
        """The question is put to the person."""
        self.app.switch_screen(ConsentScreen(self._desk, event.view))

    @on(Failed)
    def cannot_answer(self, event: Failed) -> None:
        """What is missing needs more room than a line."""
        if isinstance(event.error, NothingToShow):
            self.app.switch_screen(UnansweredScreen(self._desk, event.error))

    @on(Delivered)
    def sent_again(self, event: Delivered) -> None:
        """It has arrived now."""
        self.app.switch_screen(DeliveredScreen(event.shown))
