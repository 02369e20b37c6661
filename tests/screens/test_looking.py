"""Looking at what one has: the list, one credential, the history with its receipts; by keyboard only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from holder import Outcome
from holder.labels import words
from holder.receipts import write_receipt
from holder.wiring import SystemEntropy
from passport.jose import PrivateKeySigner
from tests.simulators.keyboard import OpenApp
from tests.simulators.wallet_front import (
    BANK_X,
    NOW,
    SimulatedWallet,
    consent_view,
    credential,
    history_line,
    line_with,
)
from wallet_tui import WalletApp
from wallet_tui.dialogs.allow_reuse import AllowReuseDialog
from wallet_tui.screens.place import Place
from wallet_tui.widgets.key_bar import KEYS_IN_CHINESE
from wallet_tui.widgets.look_list import LookList


async def test_the_list_names_each_credential_its_validity_and_free_copies(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(
        held=[credential(shown_to=BANK_X), replace(credential("old"), expired=True)],
        notices=("an older copy of this wallet file is in its place",),
    )
    async with at_keyboard(wallet) as person:
        assert "Proof of funds 財力證明" in person.reads
        assert "valid until 2026-08-30" in person.reads
        assert "4 of 5 copies unused" in person.reads
        assert "EXPIRED on 2026-08-30" in person.reads
        assert "an older copy of this wallet file" in person.reads
        await person.press("l")
        assert "財力證明 Proof of funds" in person.reads
        assert "有效至 2026-08-30" in person.reads


async def test_one_credential_says_what_it_says_and_who_has_seen_each_copy(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(held=[credential(shown_to=BANK_X)], past=[history_line()])
    async with at_keyboard(wallet) as person:
        await person.press("enter")
        assert person.screen == "CredentialScreen"
        assert f"Bank X ({BANK_X})" in person.reads
        assert person.reads.count("nobody") == 4
        assert "LIN MEI-LING" in person.reads
        assert "TWD 2,500,000.00" in person.reads
        assert "you hold at least USD 50,000" in person.reads
        await person.press("escape")
        assert person.screen == "CredentialsScreen"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.DELIVERED, "delivered"),
        (Outcome.REFUSED, "not taken"),
        (Outcome.UNKNOWN, "not known whether it arrived"),
    ],
)
async def test_history_leads_to_the_receipt(at_keyboard: OpenApp, outcome: Outcome, said: str) -> None:
    wallet = SimulatedWallet(past=[history_line(outcome)])
    async with at_keyboard(wallet) as person:
        await person.press("h")
        assert f"2026-06-01 08:30 UTC · Bank X · {said}" in person.reads
        await person.press("enter")
        assert person.screen == "ReceiptScreen"
        for told in (said, "SG", "Five years from the decision.", "your totals; your accounts", "ab" * 32):
            assert told in person.reads, told
        await person.press("l")
        assert "審核您的開戶申請。" in person.reads


async def test_history_and_receipt_are_whole_in_chinese(at_keyboard: OpenApp) -> None:
    signer = PrivateKeySigner.generate(SystemEntropy())
    view = consent_view()
    receipt = write_receipt(view, signer=signer, at=NOW, body=b"answer")
    wallet = SimulatedWallet(past=[line_with(receipt, signer.public_jwk)])
    async with at_keyboard(wallet) as person:
        await person.press("h", "l")
        shown = view.credentials[0].shown[0].label
        assert shown.zh_tw in person.reads
        assert shown.en not in person.reads
        await person.press("enter")
        told = [view.verifier_name, view.purpose, view.retention, view.recipients, view.rights, shown]
        told += view.credentials[0].hidden
        for words_told in told:
            assert words_told.zh_tw in person.reads
            assert words_told.zh_tw == words_told.en or words_told.en not in person.reads


async def test_an_empty_history_says_so(at_keyboard: OpenApp) -> None:
    async with at_keyboard() as person:
        await person.press("h")
        assert "Nothing was shown to anybody" in person.reads


async def test_titles_in_one_language_are_not_said_twice(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(held=[replace(credential(), title=words("urn:x", "urn:x"))])
    async with at_keyboard(wallet) as person:
        assert "urn:x urn:x" not in person.reads


def test_every_key_has_a_name_in_both_languages() -> None:
    owners: list[type[DOMNode]] = [WalletApp, LookList, AllowReuseDialog, *_below(Place)]
    shown = {
        binding.description
        for owner in owners
        for binding in owner.BINDINGS
        if isinstance(binding, Binding) and binding.show
    }
    assert shown == set(KEYS_IN_CHINESE)


def _below(above: type[Place]) -> list[type[Place]]:
    return [above, *(each for below in above.__subclasses__() for each in _below(below))]
