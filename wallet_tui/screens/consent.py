"""The question before anything is disclosed (domain section 9; PDPA Art. 8).

Who asks, for what, what they would see and what stays hidden come first; then the rest of what the law wants told.
Saying yes takes a tick and a button, neither of them focused: no default key consents.
"""

from __future__ import annotations

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from holder import ConsentView
from holder.consent_facts import FactKind, Named, consent_facts
from wallet_tui.dialogs.allow_reuse import AllowReuseDialog
from wallet_tui.dialogs.tell_no import TellNoDialog
from wallet_tui.messages import Declined, Delivered
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.delivered import DeliveredScreen
from wallet_tui.screens.place import Place
from wallet_tui.screens.told_no import ToldNoScreen
from wallet_tui.widgets.said import Fact, Said, SaidButton, SaidCheckbox

_READ = Phrase("I have read this", "我已閱讀")
_SHOW = Phrase("Show it", "出示")
_NO = Phrase("Do not show", "不出示")
_FIRST = Phrase(
    "Nothing was sent. If you have read it and agree, tick the box first.",
    "尚未送出任何資料。若您已閱讀並同意，請先勾選方框。",
)
_TICK = Phrase(
    "To say yes: Tab to the box, Space, Tab, Enter. Esc says no.",
    "同意：按 Tab 至方框、空白鍵、Tab、Enter。不同意：Esc。",
)
_SENDING = Phrase("Sending…", "傳送中…")
_TELLING = Phrase("Telling…", "告知中…")
_CLASSES: Final = {
    FactKind.ASKED: "",
    FactKind.WARNING: "warning",
    FactKind.NOTE: "quiet",
    FactKind.GROUP: "group",
    FactKind.FACT: "",
}


class ConsentScreen(Place):
    """The whole question, and two answers."""

    HEADING = Phrase("Do you agree to show this?", "您同意出示嗎？")
    CSS_PATH = "consent.tcss"
    SCROLLS = True
    AUTO_FOCUS = "#body"

    def __init__(self, desk: Desk, view: ConsentView) -> None:
        super().__init__()
        self._desk = desk
        self._view = view

    def body(self) -> ComposeResult:
        """Everything that ``ConsentView`` says."""
        for fact in consent_facts(self._view):
            yield _drawn(fact)

    def foot(self) -> ComposeResult:
        """The answers stay in sight."""
        with Horizontal(id="answer"):
            yield SaidCheckbox(_READ, id="read")
            yield SaidButton(_SHOW, id="show")
            yield SaidButton(_NO, id="no")

    def on_mount(self) -> None:
        """Say how one answers."""
        self.say(_TICK)

    @on(SaidButton.Pressed, "#show")
    def show_it(self) -> None:
        """The person agrees, if the box is ticked; with a copy that was seen before, one more question follows."""
        view, read = self._view, self.query_one("#read", SaidCheckbox)
        if not read.value:
            self.say(_FIRST, bad=True)
            read.focus()
            return
        if view.reuse is None:
            self._present(allow_reuse=False)
            return
        self.app.push_screen(
            AllowReuseDialog(
                asker=Phrase.told(view.verifier_name), other=Phrase.outside(view.reuse.seen_by_name)
            ),
            self._reuse_answered,
        )

    def _reuse_answered(self, allowed: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
        if allowed:
            self._present(allow_reuse=True)

    def _present(self, *, allow_reuse: bool) -> None:
        view = self._view

        def present(wallet: OpenedWallet) -> Message:
            return Delivered(wallet.present(view, allow_reuse=allow_reuse))

        self.begin(lambda: self._desk.ask(present), _SENDING)

    @on(Delivered)
    def done(self, event: Delivered) -> None:
        """It has arrived."""
        self.app.switch_screen(DeliveredScreen(event.shown))

    @on(SaidButton.Pressed, "#no")
    def refuse(self) -> None:
        """The person does not agree: nothing is sent, unless they want the verifier to be told."""
        if not self.working:
            self.app.push_screen(
                TellNoDialog(asker=Phrase.told(self._view.verifier_name)), self._telling_answered
            )

    def _telling_answered(self, tell: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
        if not tell:
            self.action_leave()
            return
        view = self._view

        def decline(wallet: OpenedWallet) -> Message:
            wallet.decline(view)
            return Declined()

        self.begin(lambda: self._desk.ask(decline), _TELLING)

    @on(Declined)
    def told(self) -> None:
        """The verifier has heard it."""
        self.app.switch_screen(ToldNoScreen(Phrase.told(self._view.verifier_name)))


def _drawn(fact: Named) -> Widget:
    value = Phrase.told_whole(fact.value)
    key = fact.key or None
    if fact.name is not None:
        return Fact(Phrase.told(fact.name), value, id=key)
    return Said(value, id=key, classes=_CLASSES[fact.kind])
