"""No tipping off (threat T39): what a fraud check causes reads the same, whatever it found."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from holder import CredentialStatus
from holder.remote.issuer_client import IssuerRefused
from passport.errors import PassportError, Reason, Rejected, Unavailable
from passport.openid4vci import ErrorCode
from tests.simulators.keyboard import OpenApp
from tests.simulators.wallet_front import CODE, OFFER, SimulatedWallet, credential
from wallet_tui import Language
from wallet_tui.explain import PAUSED, explain


def every_cause() -> Iterable[PassportError]:
    yield Rejected(Reason.FRAUD_BLOCK, "a warning was listed on 2026-05-30")
    yield Rejected(Reason.FRAUD_REVIEW, "three hops from a warned account")
    yield Unavailable(Reason.FRAUD_UNKNOWN, "the hub is down")
    yield Rejected(Reason.SUSPENDED, "suspended")
    yield Rejected(Reason.REVOKED, "revoked")
    yield IssuerRefused(
        ErrorCode.CREDENTIAL_REQUEST_DENIED, Reason.REQUEST_INVALID, "the bank refused: derived account"
    )


@pytest.mark.parametrize("language", list(Language))
async def test_every_refusal_of_a_fraud_check_draws_the_same_screen(
    at_keyboard: OpenApp, language: Language
) -> None:
    screens: set[str] = set()
    async with at_keyboard(SimulatedWallet(), language=language) as person:
        await person.press("a")
        await person.paste(OFFER)
        for cause in every_cause():
            person.wallet.fails["accept"] = cause
            await person.paste(CODE)
            assert PAUSED.of(language) in person.news
            screens.add(person.reads)
    assert len(screens) == 1


@pytest.mark.parametrize("cause", list(every_cause()), ids=lambda cause: str(cause.reason))
def test_nothing_of_the_cause_is_repeated(cause: PassportError) -> None:
    assert explain(cause) == (PAUSED, None)


async def test_a_paused_credential_reads_ask_your_bank(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(held=[credential()], statuses={"funds": CredentialStatus.PAUSED})
    async with at_keyboard(wallet) as person:
        # Nobody is asked before the person wants it.
        assert wallet.asked("check_status") == []
        await person.press("s")
        assert "Your bank has paused this. Ask your bank." in person.reads


async def test_statuses_are_not_remembered_as_facts(at_keyboard: OpenApp) -> None:
    wallet = SimulatedWallet(held=[credential()], statuses={"funds": CredentialStatus.VALID})
    async with at_keyboard(wallet) as person:
        await person.press("s")
        assert "in force" in person.reads
        await person.press("h")
        await person.press("escape")
        assert "in force" not in person.reads
