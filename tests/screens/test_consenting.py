"""The question before anything is disclosed: whole, in both languages, and never answered by accident."""

from __future__ import annotations

import pytest

from holder import Asked, NothingToShow
from holder.consent_facts import consent_facts
from holder.labels import words
from passport.errors import Reason, Rejected, Unavailable
from tests.simulators.keyboard import OpenApp, Person
from tests.simulators.wallet_front import (
    BANK_X,
    REQUEST,
    SimulatedWallet,
    consent_view,
    credential,
    presentation,
    reuse,
)
from wallet_tui import Language


def holding(**more: object) -> SimulatedWallet:
    return SimulatedWallet(held=[credential()], **more)  # type: ignore[arg-type]


async def asked(person: Person) -> None:
    await person.press("p")
    await person.paste(REQUEST)
    assert person.screen == "ConsentScreen"


async def test_the_question_says_everything_that_the_law_wants_told(at_keyboard: OpenApp) -> None:
    async with at_keyboard(holding()) as person:
        await asked(person)
        for told in (
            "Bank X X 銀行",
            "5493001KJTIIGC8Y1R12",
            "Singapore (SG)",
            "To decide on your application",
            "you hold at least USD 50,000",
            "your totals; your accounts",
            "Which bank issued it",
            "Financial standing (C081)",
            "Five years from the decision. (1825 days)",
            "The bank itself, in Singapore.",
            "asks the fraud hub",
            "You may ask to see, correct or delete it.",
            "privacy@bank-x.example",
            "Without this no account can be opened.",
            "https://bank-x.example",
            BANK_X,
            "2026-06-01 08:30 UTC",
        ):
            assert told in person.reads, told
        await person.press("l")
        for told in (
            "審核您的開戶申請",
            "不出示",
            "總額、您的帳戶",
            "僅限位於新加坡的本行",
            "您得請求查詢、更正或刪除",
        ):
            assert told in person.reads, told


@pytest.mark.parametrize("key", ["enter", "space", "y", "s", "ctrl+s", "ctrl+j"])
async def test_no_default_key_consents(at_keyboard: OpenApp, key: str) -> None:
    async with at_keyboard(holding()) as person:
        await asked(person)
        for _ in range(3):
            await person.press(key)
        assert person.wallet.asked("present") == []
        assert person.screen == "ConsentScreen"


async def test_the_button_without_the_tick_shows_nothing(at_keyboard: OpenApp) -> None:
    async with at_keyboard(holding()) as person:
        await asked(person)
        await person.press("tab", "tab", "enter")
        assert person.wallet.asked("present") == []
        assert "tick the box first" in person.news


async def test_tick_and_button_deliver_once(at_keyboard: OpenApp) -> None:
    wallet = holding(redirect_uri="https://bank-x.example/next")
    async with at_keyboard(wallet) as person:
        await asked(person)
        await person.press("tab", "space", "tab", "enter", "enter")
        assert wallet.asked("present") == [("present", wallet.question, False)]
        assert person.screen == "CredentialsScreen"


async def test_delivered_says_where_to_go_on_and_nothing_of_the_outcome(at_keyboard: OpenApp) -> None:
    wallet = holding(redirect_uri="https://bank-x.example/next")
    async with at_keyboard(wallet) as person:
        await asked(person)
        await person.press("tab", "space", "tab", "enter")
        assert person.screen == "DeliveredScreen"
        assert "Delivered to Bank X." in person.reads
        assert "https://bank-x.example/next" in person.reads


@pytest.mark.parametrize(
    "keys", [("escape",), ("tab", "tab", "tab", "enter", "enter"), ("tab", "space", "escape")]
)
async def test_saying_no_sends_nothing(at_keyboard: OpenApp, keys: tuple[str, ...]) -> None:
    async with at_keyboard(holding()) as person:
        await asked(person)
        await person.press(*keys)
        assert person.screen == "CredentialsScreen"
        assert person.wallet.asked("present") == []
        assert person.wallet.asked("decline") == []


NO = ("tab", "tab", "tab", "enter")


async def test_after_no_the_person_is_asked_whether_the_verifier_may_be_told(at_keyboard: OpenApp) -> None:
    async with at_keyboard(holding()) as person:
        await asked(person)
        await person.press(*NO)
        assert person.screen == "TellNoDialog"
        assert "May Bank X be told that you say no?" in person.reads
        await person.press("tab", "enter")
        assert person.screen == "ToldNoScreen"
        assert "Bank X was told that you show nothing. It heard no reason." in person.reads
        assert [call[1] for call in person.wallet.asked("decline")] == [person.wallet.question]
        assert person.wallet.asked("present") == []
        await person.press("enter", "h")
        assert "told no; nothing was shown" in person.reads


async def test_telling_no_is_asked_in_chinese_too(at_keyboard: OpenApp) -> None:
    async with at_keyboard(holding(), language=Language.CHINESE) as person:
        await asked(person)
        await person.press(*NO)
        assert "是否告知 X 銀行 您不出示？" in person.reads


@pytest.mark.parametrize("keys", [("enter",), ("escape",), ("space",), ("y",)])
async def test_no_default_key_tells_anybody(at_keyboard: OpenApp, keys: tuple[str, ...]) -> None:
    async with at_keyboard(holding()) as person:
        await asked(person)
        await person.press(*NO, *keys)
        assert person.wallet.asked("decline") == []


async def test_verifier_that_cannot_be_told_is_said_and_nothing_is_shown(at_keyboard: OpenApp) -> None:
    wallet = holding(fails={"decline": Unavailable(Reason.UPSTREAM_UNAVAILABLE, "not now")})
    async with at_keyboard(wallet) as person:
        await asked(person)
        await person.press(*NO, "tab", "enter")
        assert person.screen == "ConsentScreen"
        assert "could not be reached" in person.news


async def test_request_that_cannot_be_met_says_who_what_for_and_what_is_missing(at_keyboard: OpenApp) -> None:
    view = consent_view()
    lacks = words("Proof of funds: USD 20,000.00 short", "財力證明：尚差 USD 20,000.00")
    nothing = NothingToShow(Asked(view.verifier_name, BANK_X, view.purpose, None, "hash", None), (lacks,))  # type: ignore[arg-type]
    async with at_keyboard(holding(fails={"review": nothing})) as person:
        await person.press("p")
        await person.paste(REQUEST)
        assert person.screen == "UnansweredScreen"
        for told in ("Bank X", "To decide on your application", "USD 20,000.00 short", "nobody was told"):
            assert told in person.reads, told
        await person.press("l")
        for told in ("X 銀行", "審核您的開戶申請。", "尚差 USD 20,000.00"):
            assert told in person.reads, told
        await person.press("enter")
        assert (person.screen, person.wallet.asked("decline")) == ("CredentialsScreen", [])


async def test_who_asks_in_vain_is_told_no_only_after_two_answers(at_keyboard: OpenApp) -> None:
    view = consent_view()
    asked_of = Asked(view.verifier_name, BANK_X, view.purpose, None, "hash", None)  # type: ignore[arg-type]
    wallet = holding(fails={"review": NothingToShow(asked_of, ())})
    async with at_keyboard(wallet) as person:
        await person.press("p")
        await person.paste(REQUEST)
        await person.press("tab", "enter")
        assert person.screen == "TellNoDialog"
        await person.press("tab", "enter")
        assert person.screen == "ToldNoScreen"
        assert [call[1] for call in person.wallet.asked("decline")] == [asked_of]


async def test_reuse_warns_and_asks_once_more_with_no_in_front(at_keyboard: OpenApp) -> None:
    wallet = holding(question=consent_view(reuse=reuse()))
    async with at_keyboard(wallet) as person:
        await asked(person)
        assert "Broker Y has seen the one that would be shown" in person.reads
        await person.press("tab", "space", "tab", "enter")
        assert person.screen == "AllowReuseDialog"
        await person.press("enter")
        assert (person.screen, wallet.asked("present")) == ("ConsentScreen", [])
        await person.press("enter")
        await person.press("escape")
        assert (person.screen, wallet.asked("present")) == ("ConsentScreen", [])
        await person.press("enter")
        await person.press("tab", "enter")
        assert wallet.asked("present") == [("present", wallet.question, True)]
        assert person.screen == "DeliveredScreen"


async def test_offline_and_recognised_are_said(at_keyboard: OpenApp) -> None:
    wallet = holding(question=consent_view(offline=True, seen_before=True))
    async with at_keyboard(wallet) as person:
        await asked(person)
        assert "The ledger cannot be reached now" in person.reads
        assert "will know that you are the same person" in person.reads


async def test_nothing_to_show_sends_nothing_and_says_so(at_keyboard: OpenApp) -> None:
    refusal = Rejected(Reason.NOTHING_TO_SHOW, "no credential answers")
    async with at_keyboard(holding(fails={"review": refusal}), language=Language.ENGLISH) as person:
        await person.press("p")
        await person.paste(REQUEST)
        assert "nobody was told" in person.news
        assert person.wallet.asked("present") == []


async def test_an_answer_that_may_not_have_arrived_is_sent_again_as_it_was(at_keyboard: OpenApp) -> None:
    before = presentation()
    async with at_keyboard(holding(sent_before=before)) as person:
        await person.press("p")
        await person.paste(REQUEST)
        assert person.screen == "DeliveredScreen"
        assert person.wallet.asked("resend") == [("resend", before)]
        assert person.wallet.asked("review") == []


async def test_a_failed_delivery_stays_at_the_question(at_keyboard: OpenApp) -> None:
    lost = Unavailable(
        Reason.UPSTREAM_UNAVAILABLE, "it is not known whether the verifier received your answer"
    )
    async with at_keyboard(holding(fails={"present": lost})) as person:
        await asked(person)
        await person.press("tab", "space", "tab", "enter")
        assert person.screen == "ConsentScreen"
        assert "not known whether the verifier received" in person.news


async def test_screen_shows_every_fact_that_the_command_line_shows(at_keyboard: OpenApp) -> None:
    async with at_keyboard(holding(question=consent_view(reuse=reuse(), offline=True))) as person:
        await asked(person)
        for fact in consent_facts(person.wallet.question):
            assert fact.value.en in person.reads
