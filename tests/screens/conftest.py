"""Screens driven by keys: what they do with a wallet in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.simulators.keyboard import ASKED, OpenApp, Person
from tests.simulators.wallet_front import PASSPHRASE, SimulatedDoor, SimulatedWallet
from wallet_tui import Language, WalletApp, WalletDoor


@pytest.fixture
def at_keyboard() -> OpenApp:
    """Open the app; ``unlock`` types the passphrase first."""

    @asynccontextmanager
    async def open_app(
        wallet: SimulatedWallet | None = None,
        *,
        door: WalletDoor | None = None,
        unlock: bool = True,
        size: tuple[int, int] = (80, 24),
        language: Language = Language.ENGLISH,
    ) -> AsyncIterator[Person]:
        chosen = door or SimulatedDoor(wallet or SimulatedWallet())
        app = WalletApp(chosen, language=language, choose_places=lambda: ASKED)
        async with app.run_test(size=size) as pilot:
            person = Person(app, pilot, chosen)
            await person.settle()
            if unlock:
                await person.paste(PASSPHRASE)
            yield person

    return open_app
