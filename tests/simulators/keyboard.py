"""Somebody at the keyboard of the wallet's screen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from textual.pilot import Pilot
from textual.widgets import Input

from tests.simulators.wallet_front import SimulatedDoor, SimulatedWallet
from wallet_tui import WalletApp, WalletDoor
from wallet_tui.widgets.said import Said, SaidButton, SaidCheckbox

ASKED = (0, 6, 23)


class Person:
    """Somebody at the keyboard, who reads what is on the screen."""

    def __init__(self, app: WalletApp, pilot: Pilot[None], door: WalletDoor) -> None:
        self.app = app
        self.pilot = pilot
        self._door = door

    @property
    def door(self) -> SimulatedDoor:
        assert isinstance(self._door, SimulatedDoor)
        return self._door

    @property
    def wallet(self) -> SimulatedWallet:
        return self.door.wallet

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*(("space" if key == " " else key) for key in text))

    async def paste(self, text: str) -> None:
        """Into the focused field, as a terminal does it."""
        field = self.app.focused
        assert isinstance(field, Input)
        field.value = text
        await self.press("enter")

    @property
    def screen(self) -> str:
        return type(self.app.screen).__name__

    @property
    def reads(self) -> str:
        """Every word on the screen, from top to bottom, also below the fold."""
        parts: list[str] = []
        for widget in self.app.screen.walk_children(with_self=False):
            if not widget.display or not all(
                above.display for above in widget.ancestors_with_self if above.is_attached
            ):
                continue
            if isinstance(widget, Said):
                parts.append(str(widget.visual))
            elif isinstance(widget, SaidButton | SaidCheckbox):
                parts.append(str(widget.label))
        return "\n".join(parts)

    @property
    def news(self) -> str:
        return str(self.app.screen.query_one("#news", Said).visual)


OpenApp = Callable[..., AbstractAsyncContextManager[Person]]
