"""How the most important screens look, at the smallest size and at a larger one."""

from __future__ import annotations

from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from tests.simulators.wallet_front import (
    BANK_X,
    PASSPHRASE,
    REQUEST,
    SimulatedDoor,
    SimulatedWallet,
    consent_view,
    credential,
    history_line,
    reuse,
)
from wallet_tui import Language, WalletApp


class Compare(Protocol):
    """What the plugin's fixture is."""

    def __call__(self, app: App[None], *, terminal_size: tuple[int, int], run_before: object) -> bool: ...


def shown(snap_compare: Compare, app: WalletApp, keys: str, size: tuple[int, int] = (80, 24)) -> bool:
    """The screen after unlocking and some keys; ``=`` pastes a request."""

    async def settle(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    async def before(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in ("unlock", *keys.split()):
            if key in {"unlock", "="}:
                pilot.app.screen.query_one(Input).value = PASSPHRASE if key == "unlock" else REQUEST
            await pilot.press("enter" if key in {"unlock", "="} else key)
            await settle(pilot)

    return snap_compare(app, terminal_size=size, run_before=before)


def door(**more: object) -> SimulatedDoor:
    return SimulatedDoor(
        SimulatedWallet(held=[credential(shown_to=BANK_X)], past=[history_line()], **more)  # type: ignore[arg-type]
    )


def test_credentials(snap_compare: Compare) -> None:
    assert shown(snap_compare, WalletApp(door()), "")


def test_credential(snap_compare: Compare) -> None:
    assert shown(snap_compare, WalletApp(door()), "enter")


@pytest.mark.parametrize("language", list(Language))
def test_consent(snap_compare: Compare, language: Language) -> None:
    assert shown(snap_compare, WalletApp(door(), language=language), "p =")


def test_consent_with_reuse_on_a_larger_terminal(snap_compare: Compare) -> None:
    app = WalletApp(door(question=consent_view(reuse=reuse(), offline=True)))
    assert shown(snap_compare, app, "p =", (120, 50))


def test_reuse_dialog(snap_compare: Compare) -> None:
    app = WalletApp(door(question=consent_view(reuse=reuse())))
    assert shown(snap_compare, app, "p = tab space tab enter")


def test_delivered(snap_compare: Compare) -> None:
    assert shown(snap_compare, WalletApp(door()), "p = tab space tab enter")
