"""What screens and workers tell each other. Every attribute is final: a message is read, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.message import Message

from holder import (
    ConsentView,
    CredentialStatus,
    CredentialSummary,
    HistoryLine,
    LedgerLook,
    OfferView,
    RequestDeclined,
    Shown,
)
from passport.errors import PassportError
from wallet_tui.ports import OpenedWallet


class Failed(Message):
    """A slow call ended in an error for people."""

    def __init__(self, error: PassportError) -> None:
        super().__init__()
        self.error: Final = error


class Settled(Message):
    """A slow call is over; what came of it follows."""


class Opened(Message):
    """The wallet is open."""

    def __init__(self, wallet: OpenedWallet) -> None:
        super().__init__()
        self.wallet: Final = wallet


class Created(Message):
    """A wallet was made and is open; its recovery phrase must be shown now."""

    def __init__(self, words: str, wallet: OpenedWallet) -> None:
        super().__init__()
        self.words: Final = words
        self.wallet: Final = wallet


class PhraseKept(Message):
    """The person has shown that the recovery phrase is written down."""


class PhraseLater(Message):
    """The person does not want to write the recovery phrase down now: it is shown again next time."""


class Declined(Message):
    """The verifier was told no."""


class Listed(Message):
    """What the wallet holds."""

    def __init__(self, credentials: tuple[CredentialSummary, ...], notices: tuple[str, ...]) -> None:
        super().__init__()
        self.credentials: Final = credentials
        self.notices: Final = notices


class Answered(Message):
    """What the banks say of the credentials."""

    def __init__(self, statuses: Mapping[str, CredentialStatus], ledger: LedgerLook | None) -> None:
        super().__init__()
        self.statuses: Final = statuses
        self.ledger: Final = ledger


class Remembered(Message):
    """What was shown to whom."""

    def __init__(self, history: tuple[HistoryLine, ...], declined: tuple[RequestDeclined, ...] = ()) -> None:
        super().__init__()
        self.history: Final = history
        self.declined: Final = declined


class OfferRead(Message):
    """The offer is an accredited bank's."""

    def __init__(self, link: str, view: OfferView) -> None:
        super().__init__()
        self.link: Final = link
        self.view: Final = view


class Accepted(Message):
    """The credentials are saved."""

    def __init__(self, credentials: tuple[CredentialSummary, ...], ledger: LedgerLook | None) -> None:
        super().__init__()
        self.credentials: Final = credentials
        self.ledger: Final = ledger


class Reviewed(Message):
    """A request is an accredited verifier's; this is its question."""

    def __init__(self, view: ConsentView) -> None:
        super().__init__()
        self.view: Final = view


class Delivered(Message):
    """The verifier has the answer."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.shown: Final = shown
