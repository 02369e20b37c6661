"""Accept an offer: the ledger's word before any field for a code (threat T03), and errors that lose nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import Paste
from textual.widgets import Input

from holder import LedgerLook
from holder.remote.issuer_client import IssuerRefused
from passport.errors import Malformed, PassportError, Reason, Rejected, Unavailable
from passport.openid4vci import ErrorCode
from tests.simulators.keyboard import OpenApp
from tests.simulators.wallet_front import (
    BANK_A,
    BANK_A_URL,
    CODE,
    NOW,
    OFFER,
    SimulatedWallet,
    credential,
    offer_view,
)


async def test_tui_txcode_prompt_shows_registry_name_else_blocked(at_keyboard: OpenApp) -> None:
    async with at_keyboard() as person:
        await person.press("a")
        # Before the ledger was asked there is one field, for the link.
        assert [field.id for field in person.app.screen.query(Input)] == ["link"]
        await person.paste(OFFER)
        assert "accredited on the ledger" in person.reads
        assert "Registered name Blue Magpie Commercial Bank 藍鵲商業銀行" in " ".join(person.reads.split())
        assert BANK_A_URL in person.reads
        assert str(BANK_A) in person.reads
        assert "Proof of funds (until 2027-06-01)" in person.reads
        field = person.app.focused
        assert isinstance(field, Input)
        assert field.id == "code"
        await person.paste(CODE)
        assert person.wallet.asked("accept") == [("accept", OFFER, CODE)]
        assert "Saved in your wallet" in person.reads
        await person.press("escape")
        assert person.screen == "CredentialsScreen"
        assert "5 of 5 copies unused" in person.reads


@pytest.mark.parametrize(
    "refusal",
    [
        Rejected(Reason.ISSUER_NOT_ACCREDITED, "nobody at https://bank-a.example.evil is accredited"),
        Rejected(Reason.ISSUER_SUSPENDED, "the bank is suspended"),
        Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger cannot be reached"),
        Malformed("expected a link"),
    ],
    ids=lambda error: type(error).__name__ + str(getattr(error, "reason", "")),
)
async def test_no_code_is_ever_asked_for_without_accreditation(
    at_keyboard: OpenApp, refusal: PassportError
) -> None:
    async with at_keyboard(SimulatedWallet(fails={"read_offer": refusal})) as person:
        await person.press("a")
        await person.paste(OFFER)
        assert not person.app.screen.query("#code")
        assert not person.app.screen.query("#accept")
        assert "accredited on the ledger." not in person.reads
        assert person.news
        assert person.wallet.asked("accept") == []


async def test_unaccredited_is_told_not_to_type_a_code(at_keyboard: OpenApp) -> None:
    error = Rejected(Reason.ISSUER_NOT_ACCREDITED, "nobody is accredited")
    async with at_keyboard(SimulatedWallet(fails={"read_offer": error})) as person:
        await person.press("a")
        await person.paste(OFFER)
        assert "Do not type any code" in person.news


async def test_a_name_that_cannot_be_had_is_said_to_be_missing(at_keyboard: OpenApp) -> None:
    async with at_keyboard(SimulatedWallet(offer=offer_view(issuer_name=None))) as person:
        await person.press("a")
        await person.paste(OFFER)
        assert "know the bank by its address" in person.reads
        assert BANK_A_URL in person.reads


async def test_a_wrong_code_leaves_the_offer_open_for_another_try(at_keyboard: OpenApp) -> None:
    refused = IssuerRefused(
        ErrorCode.INVALID_GRANT, Reason.NOT_AUTHORISED, "the bank refused (invalid_grant)"
    )
    async with at_keyboard(SimulatedWallet(fails={"accept": refused})) as person:
        await person.press("a")
        await person.paste(OFFER)
        await person.paste("000000")
        assert "five tries" in person.news
        field = person.app.focused
        assert isinstance(field, Input)
        assert (field.id, field.value) == ("code", "")
        person.wallet.fails.clear()
        await person.paste(CODE)
        assert "Saved in your wallet" in person.reads


@pytest.mark.parametrize(
    "pasted",
    [
        " 457683",
        "457 683",
        "457-683\n",
        "\uff14\uff15\uff17\uff16\uff18\uff13",
        "457\u2011683",
        "Transaction code: 457683   (give it to the customer by another channel)",
        "驗證碼：\uff14\uff15\uff17　\uff16\uff18\uff13",
    ],
)
async def test_pasted_code_stands_in_the_field_as_its_digits(at_keyboard: OpenApp, pasted: str) -> None:
    async with at_keyboard(SimulatedWallet()) as person:
        await person.press("a")
        await person.paste(OFFER)
        field = person.app.screen.query_one("#code", Input)
        field.post_message(Paste(pasted))
        await person.settle()
        assert field.value == "457683"
        await person.press("enter")
        assert person.wallet.asked("accept") == [("accept", OFFER, "457683")]


async def test_code_that_is_typed_with_a_blank_is_not_cut_off(at_keyboard: OpenApp) -> None:
    async with at_keyboard(SimulatedWallet()) as person:
        await person.press("a")
        await person.paste(OFFER)
        await person.type("457 683")
        assert person.app.screen.query_one("#code", Input).value == "457 683"


async def test_what_is_no_code_stays_to_be_seen(at_keyboard: OpenApp) -> None:
    async with at_keyboard(SimulatedWallet()) as person:
        await person.press("a")
        await person.paste(OFFER)
        field = person.app.screen.query_one("#code", Input)
        field.post_message(Paste("123456 or 654321"))
        await person.settle()
        assert field.value == "123456 or 654321"


async def test_pasted_offer_loses_its_label_and_quotes(at_keyboard: OpenApp) -> None:
    async with at_keyboard(SimulatedWallet()) as person:
        await person.press("a")
        field = person.app.screen.query_one("#link", Input)
        field.post_message(
            Paste(f"Offer:   <{OFFER[:40]}\n  {OFFER[40:]}>\nTransaction code: 457683 (by phone)")
        )
        await person.settle()
        assert field.value == OFFER


async def test_an_offer_without_a_code_asks_for_none(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(offer=offer_view(code_needed=False, code_length=None))
    async with at_keyboard(wallet) as person:
        await person.press("a")
        await person.paste(OFFER)
        assert not person.app.screen.query("#code")
        await person.press("enter")
        assert wallet.asked("accept") == [("accept", OFFER, None)]


async def test_an_answer_from_a_ledger_out_of_reach_says_so(at_keyboard: OpenApp) -> None:
    view = offer_view()
    view = replace(view, accredited=replace(view.accredited, offline=True))
    async with at_keyboard(SimulatedWallet(offer=view)) as person:
        await person.press("a")
        await person.paste(OFFER)
        assert (
            "cannot be reached now: this is what it said as of its block of 2026-06-01 08:30 UTC"
            in person.reads
        )


async def test_a_link_broken_into_lines_is_put_together(at_keyboard: OpenApp) -> None:
    async with at_keyboard() as person:
        await person.press("a")
        field = person.app.focused
        assert field is not None
        field.post_message(Paste("openid-credential-offer://?\n  credential_offer=x\r\n"))
        await person.settle()
        await person.press("enter")
        assert person.wallet.asked("read_offer") == [("read_offer", OFFER)]


async def test_what_was_saved_by_the_wallets_copy_of_the_ledger_says_so(at_keyboard: OpenApp) -> None:
    async with at_keyboard(SimulatedWallet(ledger=LedgerLook(NOW, offline=True))) as person:
        await person.press("a")
        await person.paste(OFFER)
        await person.paste(CODE)
        assert "Saved in your wallet" in person.reads
        assert "rests on what it said as of its block of 2026-06-01 08:30 UTC" in person.reads


@pytest.mark.parametrize("offline", [True, False])
async def test_status_by_the_wallets_copy_of_the_ledger_says_so(
    at_keyboard: OpenApp, *, offline: bool
) -> None:
    wallet = SimulatedWallet(held=[credential()], ledger=LedgerLook(NOW, offline=offline))
    async with at_keyboard(wallet) as person:
        assert "rests on what it said" not in person.reads
        await person.press("s")
        assert ("rests on what it said as of its block of 2026-06-01 08:30 UTC" in person.reads) is offline
