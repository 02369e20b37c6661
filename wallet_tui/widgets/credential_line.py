"""One credential in the list."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.widgets import ListItem

from holder import CredentialStatus, CredentialSummary
from wallet_tui.explain import PAUSED
from wallet_tui.phrases import Phrase
from wallet_tui.widgets.said import Said

_UNTIL = Phrase("valid until {day}", "有效至 {day}")
_EXPIRED = Phrase("EXPIRED on {day}", "已於 {day} 到期")
_NO_END = Phrase("no end date", "無到期日")
_FREE = Phrase("{free} of {all} unused", "{all}中尚有 {free} 份未出示")
_BY = Phrase("from {issuer}", "核發：{issuer}")


STATUSES: Final = {
    CredentialStatus.VALID: Phrase("Your bank says: in force.", "銀行答覆：有效。"),
    CredentialStatus.PAUSED: PAUSED,
    CredentialStatus.UNKNOWN: Phrase("Your bank could not be asked now.", "目前無法向銀行查詢。"),
}


def validity(credential: CredentialSummary) -> Phrase:
    """Until when it holds."""
    if credential.expires_at is None:
        return _NO_END
    return (_EXPIRED if credential.expired else _UNTIL).with_(day=Phrase.day(credential.expires_at))


def copies_left(credential: CredentialSummary) -> Phrase:
    """How many copies nobody has seen."""
    return _FREE.with_(
        free=credential.free_copies, all=Phrase.counted(len(credential.copies), "copy", "copies", "份副本")
    )


class CredentialLine(ListItem):
    """Its name, its issuer, until when it holds, how many copies are left, and what its bank says when asked."""

    def __init__(self, credential: CredentialSummary, status: CredentialStatus | None) -> None:
        super().__init__()
        self.credential = credential
        self._status = status

    def compose(self) -> ComposeResult:
        """Two lines."""
        credential = self.credential
        yield Said(Phrase.both(credential.title), classes="line-title")
        yield Said(
            Phrase.joined(
                [
                    validity(credential),
                    copies_left(credential),
                    _BY.with_(issuer=Phrase.told(credential.issuer_words)),
                ],
                " · ",
            ),
            classes="quiet",
        )
        if self._status is not None:
            yield Said(STATUSES[self._status], classes=f"status {self._status.value}")
