"""Accept a bank's offer.

The order is the point (threat T03): the ledger is asked first, what it says about the bank is shown, and only then is
there a field for a transaction code. For a bank that nobody accredits there never is one.
"""

from __future__ import annotations

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from holder import OfferView
from holder.labels import offered_label, type_label
from passport.registry import Grant, Role, schema_ids
from wallet_tui.ledger_words import offline_words
from wallet_tui.messages import Accepted, Failed, OfferRead
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.place import Place
from wallet_tui.widgets.code_input import CodeInput
from wallet_tui.widgets.link_input import LinkInput
from wallet_tui.widgets.said import Fact, Said, SaidButton

_PASTE = Phrase(
    "Paste the offer's link (openid-credential-offer://…), then Enter:",
    "請貼上憑證領取邀請的連結（openid-credential-offer://…），再按 Enter：",
)
_ASKING = Phrase("Asking the ledger who makes this offer…", "正在向帳本查詢此邀請的發行者…")
_TAKING = Phrase("Fetching the credentials…", "正在取得憑證…")
_ACCREDITED = Phrase("This bank is accredited on the ledger.", "此銀行已在帳本上獲得認證。")
_OFFLINE = Phrase(
    "The ledger cannot be reached now: this is what it said as of its block of {minute}.",
    "目前無法連線至帳本：以下為其截至 {minute} 區塊的紀錄。",
)
_NAME = Phrase("Registered name", "登記名稱")
_NAMELESS = Phrase("not available now; know the bank by its address", "目前無法取得；請依網址辨識銀行")
_PLACE = Phrase("Registered at", "登記網址")
_IDENTITY = Phrase("Registered as", "登記身分")
_MAY_ISSUE = Phrase("May issue", "可核發")
_OFFERS = Phrase("Offers you", "可領取的憑證")
_UNTIL = Phrase("{title} (until {day})", "{title}（至 {day}）")
_CODE = Phrase(
    "The transaction code that this bank gave you ({shape}):", "此銀行給您的交易驗證碼（{shape}）："
)
_ANY_LENGTH = Phrase("as it was given", "依原樣輸入")
_ACCEPT = Phrase("Accept", "接受")
_SAVED = Phrase("Saved in your wallet:", "已存入您的錢包：")
_ESCAPE = Phrase("Back to your credentials: Esc", "按 Esc 返回您的憑證")


class AcceptScreen(Place):
    """Paste, look at who offers, type the code, accept."""

    HEADING = Phrase("Accept an offer", "領取憑證")
    CSS_PATH = "accept.tcss"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._link = ""

    def body(self) -> ComposeResult:
        """At first only the link."""
        with Vertical(id="ask"):
            yield Said(_PASTE)
            yield LinkInput(id="link")
        yield Vertical(id="offer")

    @on(Input.Submitted, "#link")
    async def read(self, event: Input.Submitted) -> None:
        """Who offers this?"""
        link = event.value.strip()
        if not link:
            return
        await self.query_one("#offer").remove_children()

        def read(wallet: OpenedWallet) -> Message:
            return OfferRead(link, wallet.read_offer(link))

        self.begin(lambda: self._desk.ask(read), _ASKING)

    @on(OfferRead)
    async def show_offer(self, event: OfferRead) -> None:
        """Show what the ledger says; from here on a code may be typed."""
        self._link = event.link
        self.query_one("#ask").display = False
        await self.query_one("#offer").mount_all(list(_offer(event.view)))
        fields = self.query("#code")
        (fields.first() if fields else self.query_one("#accept")).focus()

    @on(Input.Submitted, "#code")
    @on(SaidButton.Pressed, "#accept")
    def accept(self) -> None:
        """Take it."""
        fields = self.query("#code").results(Input)
        code = next((field.value for field in fields), None)
        link = self._link

        def take(wallet: OpenedWallet) -> Message:
            return Accepted(wallet.accept(link, code), wallet.ledger)

        self.begin(lambda: self._desk.ask(take), _TAKING)

    @on(Accepted)
    async def saved(self, event: Accepted) -> None:
        """Say what came."""
        offer = self.query_one("#offer")
        await offer.remove_children()
        await offer.mount_all(
            [
                Said(_SAVED, classes="group"),
                *(Said(Phrase.both(each.title), classes="saved") for each in event.credentials),
                *(Said(each, classes="warning") for each in offline_words(event.ledger)),
                Said(_ESCAPE, classes="quiet gap"),
            ]
        )

    @on(Failed)
    def again(self) -> None:
        """A code that was wrong is not left to be sent twice by mistake."""
        for field in self.query("#code").results(Input):
            field.clear()
            field.focus()


def _offer(view: OfferView) -> list[Said | Fact | Input | SaidButton]:
    accredited = view.accredited
    parts: list[Said | Fact | Input | SaidButton] = [Said(_ACCREDITED, id="accredited")]
    if accredited.offline:
        parts.append(
            Said(_OFFLINE.with_(minute=Phrase.minute(accredited.checked_at)), classes="warning", id="offline")
        )
    name = _NAMELESS if view.issuer_name is None else Phrase.both(view.issuer_name)
    parts += [
        Fact(_NAME, name, id="name"),
        Fact(_PLACE, Phrase.outside(view.issuer_url), id="issuer"),
        Fact(_IDENTITY, Phrase.outside(view.issuer_did)),
        Fact(_MAY_ISSUE, _may_issue(accredited.participant.grants_now(Role.ISSUER, accredited.checked_at))),
        Fact(_OFFERS, Phrase.listed(Phrase.told(offered_label(each)) for each in view.offered), id="offered"),
    ]
    if view.code_needed:
        parts += [
            Said(_CODE.with_(shape=_shape(view)), classes="gap"),
            CodeInput(view, id="code"),
        ]
    parts.append(SaidButton(_ACCEPT, id="accept"))
    return parts


def _shape(view: OfferView) -> Phrase:
    if view.code_length is None:
        return _ANY_LENGTH
    if view.code_is_numeric:
        return Phrase.counted(view.code_length, "digit", "digits", "位數字")
    return Phrase.counted(view.code_length, "character", "characters", "個字元")


def _may_issue(grants: tuple[Grant, ...]) -> Phrase:
    titles = {schema: Phrase.told(type_label(vct)) for vct, schema in schema_ids().items()}
    known: dict[bytes, datetime | None] = {
        grant.schema: grant.valid_until for grant in grants if grant.schema in titles
    }
    lines = [_UNTIL.with_(title=titles[schema], day=Phrase.day(until)) for schema, until in known.items()]
    return Phrase.listed(lines)
