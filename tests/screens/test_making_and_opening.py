"""Create and unlock: a passphrase twice, a recovery phrase once, and errors that a person can act on."""

from __future__ import annotations

import pytest

from holder import WalletDamaged, WalletInUse, WrongPassphrase
from passport.errors import PassportError
from tests.simulators.keyboard import ASKED, OpenApp
from tests.simulators.wallet_front import PASSPHRASE, PHRASE, SimulatedDoor, SimulatedWallet

WORDS = PHRASE.split()


async def test_a_new_wallet_needs_the_same_passphrase_twice(at_keyboard: OpenApp) -> None:
    async with at_keyboard(door=SimulatedDoor(there=False), unlock=False) as person:
        assert person.screen == "CreateScreen"
        await person.paste(PASSPHRASE)
        await person.paste("correct hors")
        assert (person.screen, person.door.there) == ("CreateScreen", False)
        assert "not the same" in person.news


async def test_a_short_passphrase_makes_no_wallet(at_keyboard: OpenApp) -> None:
    async with at_keyboard(door=SimulatedDoor(there=False), unlock=False) as person:
        await person.paste("1234567")
        await person.paste("1234567")
        assert not person.door.there
        assert "at least 8" in person.news


async def test_recovery_phrase_is_shown_once_and_three_words_of_it_are_asked_for(
    at_keyboard: OpenApp,
) -> None:
    async with at_keyboard(door=SimulatedDoor(there=False), unlock=False) as person:
        await person.paste(PASSPHRASE)
        await person.paste(PASSPHRASE)
        assert person.screen == "RecoveryScreen"
        assert all(f"{number:>2} {word}" in person.reads for number, word in enumerate(WORDS, 1))
        # Esc does not lead past it.
        await person.press("escape")
        assert person.screen == "RecoveryScreen"
        await person.press("tab", "enter")
        assert person.screen == "ProvePhraseScreen"
        assert WORDS[ASKED[0]] not in person.reads.split()
        await person.paste(WORDS[ASKED[0]])
        await person.paste("wrong")
        await person.paste(WORDS[ASKED[2]])
        assert person.screen == "ProvePhraseScreen"
        assert f"Word {ASKED[1] + 1} is another one" in person.news
        await person.paste(WORDS[ASKED[1]].upper())
        await person.press("enter")
        assert person.screen == "CredentialsScreen"
        # And it is nowhere any more: no screen behind this one has it.
        assert [type(each).__name__ for each in person.app.screen_stack] == ["Screen", "CredentialsScreen"]


async def test_the_right_passphrase_opens_the_wallet_and_the_end_closes_it(at_keyboard: OpenApp) -> None:
    async with at_keyboard() as person:
        assert person.screen == "CredentialsScreen"
        assert "The wallet is empty" in person.reads
        assert not person.wallet.closed
    assert person.wallet.closed


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (WrongPassphrase("wrong passphrase"), "This passphrase does not open the wallet"),
        (WalletDamaged("checksum differs", offset=812), "damaged; this is not about your passphrase"),
        (WalletInUse(), "Another program has this wallet open"),
    ],
)
async def test_wrong_passphrase_damage_and_a_wallet_in_use_read_differently(
    at_keyboard: OpenApp, error: PassportError, said: str
) -> None:
    async with at_keyboard(door=SimulatedDoor(fails=error), unlock=False) as person:
        await person.paste("something else")
        assert person.screen == "UnlockScreen"
        assert said in person.news
        assert "something else" not in person.reads
        # The field is empty for the next try, and the next try works.
        person.door.fails = None
        await person.paste(PASSPHRASE)
        assert person.screen == "CredentialsScreen"


async def test_language_switches_everywhere_and_keeps_what_was_typed(at_keyboard: OpenApp) -> None:
    async with at_keyboard(door=SimulatedDoor(), unlock=False) as person:
        await person.type("corr")
        assert "Your passphrase" in person.reads
        await person.press("f2")
        assert "請輸入密碼" in person.reads
        assert "Your passphrase" not in person.reads
        await person.type("ect horse")
        await person.press("enter")
        assert person.screen == "CredentialsScreen"
        assert "錢包是空的" in person.reads
        await person.press("l")
        assert "The wallet is empty" in person.reads


async def test_ctrl_c_says_how_to_leave(at_keyboard: OpenApp) -> None:
    async with at_keyboard(unlock=False) as person:
        await person.press("ctrl+c")
        assert "Ctrl-Q" in person.news


async def test_phrase_that_was_never_confirmed_is_shown_again_until_it_is(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(unconfirmed_phrase=PHRASE)
    async with at_keyboard(wallet) as person:
        assert person.screen == "RecoveryScreen"
        assert all(word in person.reads for word in PHRASE.split())
        # Not now: it stays unconfirmed, and the wallet can be used.
        await person.press("escape")
        assert (person.screen, wallet.asked("confirm_phrase")) == ("CredentialsScreen", [])
    wallet.closed = False
    async with at_keyboard(wallet) as person:
        await person.press("tab", "enter")
        for place in ASKED:
            await person.paste(PHRASE.split()[place])
        assert person.screen == "CredentialsScreen"
        assert (len(wallet.asked("confirm_phrase")), wallet.unconfirmed_phrase) == (1, None)
