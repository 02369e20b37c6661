"""What the screens need of a wallet. ``holder.wallet.Wallet`` is one; tests have another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from holder import (
    Asked,
    ConsentView,
    CredentialStatus,
    CredentialSummary,
    HistoryLine,
    LedgerLook,
    OfferView,
    Presentation,
    RequestDeclined,
    Shown,
)

Answer = TypeVar("Answer")


class Keeps(Protocol):
    """What the wallet holds and remembers."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What must be said about the wallet file."""

    @property
    def ledger(self) -> LedgerLook | None:
        """What the last operation knew of the ledger."""

    def list(self) -> tuple[CredentialSummary, ...]:
        """Every credential, newest first."""

    def history(self) -> tuple[HistoryLine, ...]:
        """Everything that was shown, newest first."""

    def declined(self) -> tuple[RequestDeclined, ...]:
        """Every verifier that was told no, newest first."""

    @property
    def unconfirmed_phrase(self) -> str | None:
        """The recovery phrase, until its owner has shown that it is written down."""

    def confirm_phrase(self) -> None:
        """It is on paper: it is not shown again."""

    def close(self) -> None:
        """Close the file."""

    def check_status(self) -> Mapping[str, CredentialStatus]:
        """What the banks say of the credentials, by reference."""


class Accepts(Protocol):
    """Taking what a bank offers."""

    def read_offer(self, link: str, /) -> OfferView:
        """Who offers what; raises unless the bank is accredited."""

    def accept(self, link: str, transaction_code: str | None, /) -> tuple[CredentialSummary, ...]:
        """Take it, or go on with it."""


class Presents(Protocol):
    """Answering who asks."""

    def review(self, link: str, /) -> ConsentView:
        """The question for the person."""

    def present(self, view: ConsentView, /, *, allow_reuse: bool) -> Shown:
        """Answer it: calling this is consent."""

    def decline(self, asked: ConsentView | Asked, /) -> None:
        """Tell whoever asks no, and nothing else: calling this is the person's word to tell."""

    def pending(self, link: str, /) -> Presentation | None:
        """An answer to this very request that was given before."""

    def resend(self, presentation: Presentation, /) -> Shown:
        """Send that answer again, the same bytes."""


class OpenedWallet(Keeps, Accepts, Presents, Protocol):
    """An open wallet."""


class WalletDoor(Protocol):
    """Where the wallet is, closed: makes it and opens it."""

    def exists(self) -> bool:
        """Whether there is a wallet already."""

    def create(self, passphrase: str, /) -> str:
        """Make one; its recovery phrase, to be written down."""

    def open(self, passphrase: str, /) -> OpenedWallet:
        """Open it."""


class Desk:
    """An open wallet, one question at a time: screens ask from several threads, and it answers one."""

    def __init__(self, wallet: OpenedWallet) -> None:
        self._wallet = wallet
        self._turn = threading.Lock()

    def ask(self, question: Callable[[OpenedWallet], Answer]) -> Answer:
        """The answer; raises whatever the wallet does."""
        with self._turn:
            return question(self._wallet)
