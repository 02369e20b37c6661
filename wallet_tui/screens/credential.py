"""One credential: what it says, until when, and who has seen each copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from holder import CopySummary, CredentialSummary
from holder.labels import claim_label, value_text
from passport.openid4vp import Place as ClaimPlace
from passport.strict_json import JsonValue
from wallet_tui.messages import Remembered
from wallet_tui.phrases import Phrase
from wallet_tui.ports import Desk, OpenedWallet
from wallet_tui.screens.place import Place
from wallet_tui.widgets.credential_line import copies_left, validity
from wallet_tui.widgets.said import Fact, Said

_DEEPEST = 6
_VALID = Phrase("In force", "效期")
_ISSUED = Phrase("Issued", "核發日期")
_ISSUER = Phrase("Issued by", "核發者")
_PLACE = Phrase("Its address", "核發者網址")
_SIGNATURE = Phrase("Signature", "簽章")
_NOT_CHECKED = Phrase(
    "not checked by this wallet; whoever you give it to checks it", "本錢包未核對；由收受者核對"
)
_COPIES = Phrase("Copies", "副本")
_SAYS = Phrase("What it says", "內容")
_SEEN = Phrase("Who has seen each copy", "各副本的出示對象")
_COPY = Phrase("Copy {number}", "副本 {number}")
_NOBODY = Phrase("nobody", "未出示")
_KEY_KNOWN = Phrase("nobody; its key is known to {who}", "未出示；其金鑰為 {who} 所知")
_LOOKING = Phrase("Looking…", "讀取中…")


class CredentialScreen(Place):
    """Everything about one credential."""

    HEADING = Phrase("Credential", "憑證")
    CSS_PATH = "credential.tcss"
    SCROLLS = True
    AUTO_FOCUS = "#body"

    def __init__(self, desk: Desk, credential: CredentialSummary) -> None:
        super().__init__()
        self._desk = desk
        self._credential = credential

    def body(self) -> ComposeResult:
        """Facts, copies, claims."""
        credential = self._credential
        yield Said(Phrase.both(credential.title), id="title")
        if credential.issuer_name is not None:
            yield Fact(_ISSUER, Phrase.both(credential.issuer_name), id="issuer")
        place = Phrase.outside(f"{credential.issuer_url} ({credential.issuer_did})")
        yield Fact(_ISSUER if credential.issuer_name is None else _PLACE, place)
        yield Fact(_ISSUED, Phrase.day(credential.issued_at))
        yield Fact(_VALID, validity(credential))
        if not credential.signature_checked:
            yield Fact(_SIGNATURE, _NOT_CHECKED)
        yield Fact(_COPIES, copies_left(credential))
        yield Said(_SEEN, classes="group")
        yield Vertical(id="copies")
        yield Said(_SAYS, classes="group")
        for at, value in leaves(credential.claims):
            yield Fact(Phrase.told(claim_label(credential.type, at)), Phrase.told(value_text(value)))

    def on_mount(self) -> None:
        """Verifiers have names in the history only."""

        def remember(wallet: OpenedWallet) -> Message:
            return Remembered(wallet.history())

        self.begin(lambda: self._desk.ask(remember), _LOOKING)

    @on(Remembered)
    async def name_them(self, event: Remembered) -> None:
        """Show who has seen which copy."""
        names = {
            line.presentation.verifier_did: line.presentation.verifier_name
            for line in reversed(event.history)
        }
        await self.query_one("#copies").mount_all(
            Fact(_COPY.with_(number=number), _seen_by(copy, names))
            for number, copy in enumerate(self._credential.copies, 1)
        )


def _seen_by(copy: CopySummary, names: Mapping[str, str]) -> Phrase:
    if copy.shown_to is not None:
        return _called(copy.shown_to, names)
    if copy.key_known_to is not None:
        return _KEY_KNOWN.with_(who=_called(copy.key_known_to, names))
    return _NOBODY


def _called(did: str, names: Mapping[str, str]) -> Phrase:
    name = names.get(did)
    return Phrase.outside(did if name is None else f"{name} ({did})")


def leaves(value: JsonValue, place: ClaimPlace = ()) -> Iterable[tuple[ClaimPlace, JsonValue]]:
    """Every single thing a credential says, with its place; an amount with its currency is one thing."""
    if isinstance(value, Mapping) and "amount_minor" not in value and len(place) < _DEEPEST:
        for name, each in value.items():
            yield from leaves(each, (*place, name))
    elif _is_list(value) and len(place) < _DEEPEST:
        for number, each in enumerate(value):
            yield from leaves(each, (*place, number))
    else:
        yield place, value


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    """A list of things; a list of plain values reads well in one line."""
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(each, Mapping) for each in value)
    )
