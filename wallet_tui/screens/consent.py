"""The question before anything is disclosed (domain section 9; PDPA Art. 8).

Who asks, for what, what they would see and what stays hidden come first; then the rest of what the law wants told.
Saying yes takes a tick and a button, neither of them focused: no default key consents.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from holder import ConsentView, ShownCredential
from wallet_tui.countries import country_name
from wallet_tui.dialogs.allow_reuse import AllowReuseDialog
from wallet_tui.messages import Delivered
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.delivered import DeliveredScreen
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Fact, Said, SaidButton, SaidCheckbox

_ASKS = Phrase("{name} asks to see the following.", "{name} 請求查看以下資料。")
_WHO = Phrase("Who asks", "請求者")
_WHERE = Phrase("Goes to", "送往國家")
_WHO_VALUE = Phrase("{name}, LEI {lei}", "{name}，LEI {lei}")
_PURPOSE = Phrase("For what", "目的")
_SHOWN = Phrase("From “{title}” they would see:", "將出示「{title}」中的：")
_HIDDEN = Phrase("Stays hidden", "不出示")
_ALWAYS = Phrase("Always visible", "必然可見")
_REST = Phrase("What the law wants you to know", "法定告知事項")
_CATEGORIES = Phrase("Categories of data", "個人資料類別")
_RETENTION = Phrase("How long it is kept", "保存期間")
_RETENTION_VALUE = Phrase("{words} ({days})", "{words}（{days}）")
_RECIPIENTS = Phrase("Who receives it", "利用對象")
_RIGHTS = Phrase("Your rights", "您的權利")
_CONTACT = Phrase("Contact", "聯絡窗口")
_IF_REFUSED = Phrase("If you say no", "不提供之影響")
_HUB = Phrase("Fraud check", "詐欺查核")
_HUB_YES = Phrase(
    "Before reading anything it asks the fraud hub about the account, by a random handle.",
    "讀取任何資料前，將以隨機代號向金流 Hub 查詢帳戶。",
)
_HUB_NO = Phrase("The fraud hub is not asked.", "不查詢金流 Hub。")
_ANSWER_TO = Phrase("The answer goes to", "回覆送往")
_IDENTITY = Phrase("Registered as", "登記身分")
_CHECKED = Phrase("Ledger asked at", "帳本查詢時間")
_UNTIL = Phrase("The request ends", "請求期限")
_REUSE = Phrase(
    "No unused copy is left. {other} has seen the one that would be shown: the two could find out that they know the "
    "same person.",
    "已無未出示的副本。{other} 看過即將出示的這一份：兩者可能因此得知彼此認識同一個人。",
)
_OFFLINE = Phrase(
    "The ledger cannot be reached now: this is what it said at {minute}.",
    "目前無法連線至帳本：以下為其於 {minute} 的紀錄。",
)
_SEEN_BEFORE = Phrase(
    "It has seen this copy before and will know that you are the same person.",
    "對方曾看過此副本，將會知道是同一個人。",
)
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
        view = self._view
        yield Said(_ASKS.with_(name=Phrase.both(view.verifier_name)), id="asks")
        yield from self._warnings()
        yield Fact(
            _WHO,
            _WHO_VALUE.with_(name=Phrase.both(view.verifier_name), lei=Phrase.outside(view.verifier_lei)),
        )
        yield Fact(_WHERE, country_name(view.country))
        yield Fact(_PURPOSE, Phrase.told(view.purpose))
        for credential in view.credentials:
            yield from _disclosure(credential)
        yield Said(_REST, classes="group")
        yield Fact(_CATEGORIES, Phrase.joined([Phrase.told(each) for each in view.categories], "; "))
        yield Fact(
            _RETENTION,
            _RETENTION_VALUE.with_(
                words=Phrase.told(view.retention),
                days=Phrase.counted(view.retention_days, "day", "days", "日"),
            ),
        )
        yield Fact(_RECIPIENTS, Phrase.told(view.recipients))
        yield Fact(_HUB, _HUB_YES if view.asks_hub else _HUB_NO)
        yield Fact(_CONTACT, Phrase.outside(view.verifier_contact))
        yield Fact(_RIGHTS, Phrase.told(view.rights))
        yield Fact(_IF_REFUSED, Phrase.told(view.if_refused))
        yield Fact(_ANSWER_TO, Phrase.outside(view.answers_to))
        yield Fact(_IDENTITY, Phrase.outside(view.verifier_did))
        yield Fact(_CHECKED, Phrase.minute(view.checked_at))
        if view.expires_at is not None:
            yield Fact(_UNTIL, Phrase.minute(view.expires_at))

    def foot(self) -> ComposeResult:
        """The answers stay in sight."""
        with Horizontal(id="answer"):
            yield SaidCheckbox(_READ, id="read")
            yield SaidButton(_SHOW, id="show")
            yield SaidButton(_NO, id="no")

    def on_mount(self) -> None:
        """Say how one answers."""
        self.say(_TICK)

    def _warnings(self) -> Iterable[Widget]:
        view = self._view
        if view.reuse is not None:
            other = Phrase.outside(view.reuse.seen_by_name)
            yield Said(_REUSE.with_(other=other), classes="warning", id="reuse")
        if view.offline:
            yield Said(_OFFLINE.with_(minute=Phrase.minute(view.checked_at)), classes="warning", id="offline")
        if view.seen_before:
            yield Said(_SEEN_BEFORE, classes="quiet", id="seen-before")

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
        """The person does not agree: nothing is sent."""
        self.action_leave()


def _disclosure(credential: ShownCredential) -> Iterable[Widget]:
    yield Said(_SHOWN.with_(title=Phrase.both(credential.title)), classes="group")
    for claim in credential.shown:
        yield Fact(Phrase.told(claim.label), Phrase.told(claim.value))
    yield Fact(_HIDDEN, Phrase.listed(Phrase.told(each) for each in credential.hidden))
    yield Fact(_ALWAYS, Phrase.listed(Phrase.told(each) for each in credential.always_visible))
