"""The application: which screen follows which, and the language.

It is handed a ready door to a wallet; it opens no file, no socket and no ledger.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar, Final

from rich.console import Console
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from passport.errors import PassportError
from wallet_tui.messages import Created, Opened, PhraseKept, PhraseLater
from wallet_tui.phrases import Language, Phrase
from wallet_tui.ports import Desk, OpenedWallet, WalletDoor
from wallet_tui.screens.create import CreateScreen
from wallet_tui.screens.credentials import CredentialsScreen
from wallet_tui.screens.place import Place
from wallet_tui.screens.recovery import RecoveryScreen
from wallet_tui.screens.unlock import UnlockScreen

_WORDS: Final = 24
_LEAVE: Final = Phrase("To leave the wallet: Ctrl-Q", "離開錢包請按 Ctrl-Q")
_ASKED: Final = 3


def three_places() -> Sequence[int]:
    """Which words of the recovery phrase are asked for: others each time."""
    return sorted(random.SystemRandom().sample(range(_WORDS), _ASKED))


class WalletApp(App[None]):
    """The wallet in a terminal."""

    TITLE = "Financial passport"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        # A letter is typed into a field that is focused, so there is a key that is no letter.
        Binding("l,f2", "switch_language", "中文/EN", key_display="l F2"),
        Binding("ctrl+q", "quit", show=False, priority=True),
    ]

    language: reactive[Language] = reactive(Language.ENGLISH)

    def __init__(
        self,
        door: WalletDoor,
        *,
        language: Language = Language.ENGLISH,
        warning: Phrase | None = None,
        choose_places: Callable[[], Sequence[int]] = three_places,
    ) -> None:
        """``warning`` is shown above the credentials; ``choose_places`` picks the words that prove the phrase."""
        super().__init__()
        # Textual's report of a crash prints local variables, and a passphrase is one.
        self.error_console = Console(quiet=True)
        self.set_reactive(WalletApp.language, language)
        self._door = door
        self._warning = warning
        self._choose_places = choose_places
        self._wallet: OpenedWallet | None = None

    def on_mount(self) -> None:
        """Where to begin depends on whether there is a wallet."""
        first = UnlockScreen(self._door) if self._door.exists() else CreateScreen(self._door)
        self.push_screen(first)

    @on(Opened)
    def opened(self, event: Opened) -> None:
        """The passphrase was right."""
        self._wallet = event.wallet
        words = event.wallet.unconfirmed_phrase
        if words is None:
            self._go_home()
        else:
            # It was made without its phrase having been seen, or by a command that printed it somewhere.
            self.switch_screen(RecoveryScreen(words, self._choose_places(), may_wait=True))

    @on(Created)
    def created(self, event: Created) -> None:
        """First the recovery phrase, then the wallet."""
        self._wallet = event.wallet
        self.switch_screen(RecoveryScreen(event.words, self._choose_places()))

    @on(PhraseKept)
    async def phrase_kept(self) -> None:
        """The phrase is on paper: it is not shown again."""
        if self._wallet is not None:
            # Where it cannot be saved, the phrase is shown once more than it needs to be.
            with suppress(PassportError):
                await asyncio.to_thread(self._wallet.confirm_phrase)
        await self.pop_screen()
        self._go_home()

    @on(PhraseLater)
    def phrase_later(self) -> None:
        """Not now: the next time that the wallet is opened it is shown again."""
        self._go_home()

    def _go_home(self) -> None:
        if self._wallet is not None:
            self.switch_screen(CredentialsScreen(Desk(self._wallet), self._warning))

    def action_switch_language(self) -> None:
        """The other language, at once and everywhere."""
        self.language = self.language.other

    def action_help_quit(self) -> None:
        """Ctrl-C may be meant to copy: it says how one leaves."""
        if isinstance(self.screen, Place):
            self.screen.say(_LEAVE)

    async def on_unmount(self) -> None:
        """Close the file, once nothing is under way."""
        wallet, self._wallet = self._wallet, None
        if wallet is not None:
            await asyncio.to_thread(wallet.close)
