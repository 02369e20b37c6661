"""Consent by command line: the same facts as on the screen, in both languages, and no answer by accident."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.wallet_errors import error_lines
from cli.wallet_words import consent_lines
from holder import Asked, BadInput, NothingToShow, WalletInUse, WalletMissing, WrongLink
from holder.consent_facts import consent_facts
from holder.labels import words
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected, Unavailable
from tests.simulators.wallet_front import BANK_X, REQUEST, SimulatedWallet, consent_view, reuse

RUN = CliRunner()
VIEWS = [
    consent_view(),
    consent_view(offline=True, seen_before=True, reuse=reuse()),
    consent_view(asks_hub=False, expires_at=None),
]


@pytest.mark.parametrize("view", VIEWS)
def test_command_line_shows_every_fact_of_the_question(view: object) -> None:
    lines = "\n".join(consent_lines(view))  # type: ignore[arg-type]
    for fact in consent_facts(view):  # type: ignore[arg-type]
        for said in (fact.value, fact.name):
            if said is not None:
                assert said.en in lines, said.en
                assert said.zh_tw in lines, said.zh_tw


def test_bank_is_among_what_is_always_visible() -> None:
    (line,) = [each for each in consent_lines(consent_view()) if "Always visible" in each]
    assert "Which bank issued it" in line
    assert "由哪一家銀行核發" in line


@pytest.fixture
def wallet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedWallet:
    opened = SimulatedWallet()
    (tmp_path / "world.json").write_text("{}")
    monkeypatch.setenv("PASSPORT_WALLET", str(tmp_path / "wallet"))
    monkeypatch.setenv("PASSPORT_WORLD", str(tmp_path / "world.json"))
    monkeypatch.setattr("cli.wallet.open_for", lambda *_: nullcontext(opened))
    return opened


def nothing() -> NothingToShow:
    view = consent_view()
    asked = Asked(view.verifier_name, BANK_X, view.purpose, None, "hash", None)  # type: ignore[arg-type]
    return NothingToShow(asked, (words("USD 1.00 short", "尚差 USD 1.00"),))


def test_request_that_cannot_be_met_is_told_in_both_languages_and_to_nobody_else(
    wallet: SimulatedWallet,
) -> None:
    wallet.fails["review"] = nothing()
    said = RUN.invoke(app, ["wallet", "present", REQUEST, "--yes"])
    assert said.exit_code == 1
    for told in ("Bank X / X 銀行", "To decide on your application", "審核您的開戶申請", "尚差 USD 1.00"):
        assert told in said.stderr, told
    assert wallet.asked("decline") == []


@pytest.mark.parametrize("met", [False, True])
def test_no_is_told_by_its_own_command_only(
    wallet: SimulatedWallet, monkeypatch: pytest.MonkeyPatch, *, met: bool
) -> None:
    if met:
        # The simulated view has no plan; what it asks is all that declining needs.
        monkeypatch.setattr(type(wallet.question), "asked", nothing().asked)
    else:
        wallet.fails["review"] = nothing()
    refused = RUN.invoke(app, ["wallet", "decline", REQUEST, "--json"])
    assert (refused.exit_code, wallet.asked("decline")) == (1, [])
    done = RUN.invoke(app, ["wallet", "decline", REQUEST, "--yes"])
    assert done.exit_code == 0, done.stderr
    assert len(wallet.asked("decline")) == 1
    assert "Told no" in done.stdout
    history = RUN.invoke(app, ["wallet", "history"]).stdout
    assert "told no; nothing was shown / 已告知不出示；未出示任何資料" in history


ERRORS: list[PassportError] = [
    WalletMissing("/x"),
    WalletInUse(),
    WrongLink(is_offer=True),
    BadInput("a", "甲"),
    nothing(),
    Malformed("expected JSON"),
    Misconfigured("no key"),
    *(Rejected(reason, "for a reason") for reason in Reason),
    *(Unavailable(reason, "for a reason") for reason in Reason),
]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_of_the_wallets_commands_speaks_both_languages(error: PassportError) -> None:
    first = error_lines(error)[0]
    english, _, chinese = first.removeprefix("passport: ").partition(" / ")
    assert english
    assert any("\u4e00" <= each <= "\u9fff" or each == "甲" for each in chinese), first


@pytest.mark.parametrize(
    "arguments",
    [["accept"], ["list", "--nowhere"], ["nowhere"], ["list", "--wallet"], ["list", "too", "many"]],
)
def test_wrong_usage_of_the_wallets_commands_speaks_both_languages(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    from cli.__main__ import run_for_owners  # noqa: PLC0415 - beside its only use

    assert run_for_owners(["wallet", *arguments]) == 2
    said = capfd.readouterr().err
    assert said.startswith("passport: ")
    assert "說明請見" in said
