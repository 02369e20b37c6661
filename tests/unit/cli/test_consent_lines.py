"""Consent by command line: the same facts as on the screen, in both languages, and no answer by accident."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.program import app
from cli.wallet_errors import error_lines
from cli.wallet_words import consent_lines, line_of, offer_lines
from holder import (
    Asked,
    BadInput,
    NothingToShow,
    ShownClaim,
    WalletInUse,
    WalletMissing,
    WrongLink,
    WrongPassphrase,
    create_wallet,
    open_wallet,
)
from holder.consent_facts import consent_facts
from holder.labels import value_text, words
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected, Unavailable
from tests.simulators.wallet_front import (
    BANK_X,
    REQUEST,
    SimulatedWallet,
    consent_view,
    credential,
    offer_view,
    reuse,
)
from wallet_tui.phrases import Phrase

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


def test_what_stays_hidden_is_never_cut_in_either_language() -> None:
    view = consent_view()
    held = view.credentials[0]
    amounts = [
        words(f"that your balance is at least USD {number},000 or more in sum", f"餘額達 USD {number},000")
        for number in range(60)
    ]
    hidden = (*amounts, words("the total of all your accounts", "所有帳戶總額"))
    shown = (ShownClaim(words("Note", "附註"), value_text("long " * 400 + "END"), ("note",)),)
    whole = replace(view, credentials=(replace(held, hidden=hidden, shown=shown),))
    lines = "\n".join(consent_lines(whole))
    for each in hidden:
        assert each.en in lines
        assert each.zh_tw in lines
    assert lines.count("long END") == 1
    assert "…" not in lines
    (fact,) = [
        each for each in consent_facts(whole) if each.name is not None and each.name.en == "Stays hidden"
    ]
    assert Phrase.told_whole(fact.value) == Phrase(fact.value.en, fact.value.zh_tw)


def test_time_of_the_ledger_is_named_as_its_last_blocks_and_stands_in_local_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Taipei")
    time.tzset()
    try:
        lines = "\n".join(consent_lines(consent_view(offline=True)))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "The ledger's last block / 帳本最後區塊時間: 2026-06-01 16:30 CST (UTC+08:00)" in lines
    assert "as of its block of 2026-06-01 16:30 CST (UTC+08:00)" in lines
    assert "Ledger asked at" not in lines


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminal_without_chinese_gets_english_alone(encoding: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _PRINTS],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
        timeout=120,
    )
    said = (done.stdout + done.stderr).decode(encoding)
    for told in (
        "Who asks: Bank X",
        "told no; nothing was shown",
        "Blue Magpie Commercial Bank",
        "No wallet",
    ):
        assert told.lower() in said.lower(), told
    assert "\\u" not in said
    assert " / " not in said


_PRINTS = """
from cli.printing import prepare_streams
from cli.wallet_errors import error_lines
from cli.wallet_history import history_lines
from cli.wallet_words import consent_lines, line_of, offer_lines, phrase_lines
from holder import WalletMissing
from tests.simulators.wallet_front import *
prepare_streams()
view = consent_view(offline=True, seen_before=True, reuse=reuse())
for lines in (consent_lines(view), offer_lines(offer_view()), [line_of(credential())], phrase_lines(PHRASE),
              history_lines([history_line()], [refusal(view)]), error_lines(WalletMissing("x"))):
    print("\\n".join(lines))
"""


def test_credential_is_listed_under_its_banks_registered_name() -> None:
    named = replace(credential(), issuer_name=words("Blue Magpie Commercial Bank", "藍鵲商業銀行"))
    assert "by / 核發 Blue Magpie Commercial Bank / 藍鵲商業銀行," in line_of(named)
    assert "https://" not in line_of(named)
    # One that an earlier version saved has no name.
    assert "by / 核發 https://bank-a.example," in line_of(credential())


def test_offer_is_told_in_words_and_not_in_the_banks_codes() -> None:
    view = offer_view(offered=("proof-of-funds", "identity", "proof-of-funds-vc11", "other"))
    (line,) = [each for each in offer_lines(view) if "Offers you" in each]
    assert "proof-of-funds" not in line
    assert "Proof of funds (W3C)" in line
    assert "財力證明" in line
    assert line.count("other") == 2


def test_wrong_passphrase_claims_nothing_about_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    create_wallet(path, "correct horse")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WrongPassphrase) as caught:
        open_wallet(path, "another horse", None)
    said = "\n".join(error_lines(caught.value)) + str(caught.value)
    assert "whole" not in said
    assert "完好" not in said


def test_help_of_the_wallet_names_the_variable_of_the_passphrase() -> None:
    assert (
        "PASSPORT_WALLET_PASSPHRASE" in RUN.invoke(app, ["wallet", "--help"], env={"COLUMNS": "200"}).stdout
    )


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
    assert "shown / 出示: -" not in history


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
    from cli.program import run_for_owners  # noqa: PLC0415 - beside its only use

    assert run_for_owners(["wallet", *arguments]) == 2
    said = capfd.readouterr().err
    assert said.startswith("passport: ")
    assert "說明請見" in said
