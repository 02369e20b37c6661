"""What the wallet's commands say without a screen: in both languages, and to a script what a person reads."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.program import app
from cli.wallet_history import history_lines
from cli.wallet_words import offer_lines
from holder import HistoryLine, LedgerLook, Outcome, outcome_label
from holder.receipts import read_receipt, write_receipt
from holder.wiring import SystemEntropy
from passport.jose import PrivateKeySigner
from passport.registry import Words
from tests.simulators.wallet_front import (
    CODE,
    NOW,
    SimulatedWallet,
    consent_view,
    history_line,
    offer_view,
    presentation,
)

RUN = CliRunner()
REQUEST = "openid4vp://?client_id=x509_hash%3Ax&request_uri=https%3A%2F%2Fbank-x.example%2Fr&request_uri_method=post"


@pytest.fixture
def wallet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedWallet:
    """The command's wallet, simulated."""
    opened = SimulatedWallet()
    (tmp_path / "world.json").write_text("{}")
    monkeypatch.setenv("PASSPORT_WALLET", str(tmp_path / "wallet"))
    monkeypatch.setenv("PASSPORT_WORLD", str(tmp_path / "world.json"))
    monkeypatch.setattr("cli.wallet.open_for", lambda *_: nullcontext(opened))
    return opened


def kept_line(outcome: Outcome) -> HistoryLine:
    """A presentation with a receipt of today."""
    signer = PrivateKeySigner.generate(SystemEntropy())
    receipt = write_receipt(consent_view(), signer=signer, at=NOW, body=b"body")
    return HistoryLine(presentation(outcome), read_receipt(receipt, signer.public_jwk))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_history_is_in_both_languages(wallet: SimulatedWallet, outcome: Outcome) -> None:
    wallet.past.append(kept_line(outcome))
    said = RUN.invoke(app, ["wallet", "history"])
    assert said.exit_code == 0, said.stderr
    first, second = said.stdout.splitlines()
    assert "Bank X / X 銀行" in first
    assert outcome_label(outcome).en in first
    assert outcome_label(outcome).zh_tw in first
    assert second.startswith("  shown / 出示: ")
    assert "財力證明：" in second
    assert "Proof of funds: " in second


def test_older_receipt_is_read_as_it_was_written(wallet: SimulatedWallet) -> None:
    wallet.past.append(history_line())
    first, second = RUN.invoke(app, ["wallet", "history"]).stdout.splitlines()
    assert "  Bank X  delivered / 已送達" in first
    assert second == "  shown / 出示: Proof of funds: you hold at least USD 50,000"


def test_empty_history_is_told_in_both_languages(wallet: SimulatedWallet) -> None:
    assert wallet.past == []
    assert (
        RUN.invoke(app, ["wallet", "history"]).stdout
        == "Nothing was shown to anybody. / 尚未向任何人出示。\n"
    )


def test_strangers_words_in_a_history_are_made_harmless() -> None:
    line = kept_line(Outcome.DELIVERED)
    evil = replace(
        line, receipt={**line.receipt, "verifier_name": {"en": "\x1b[2JBank\n", "zh-TW": "\u202e銀行"}}
    )
    assert not {"\x1b", "\n", "\u202e"} & set("".join(history_lines([evil])))


@pytest.mark.parametrize("offline", [False, True])
def test_script_is_told_whether_the_ledger_was_in_reach(wallet: SimulatedWallet, *, offline: bool) -> None:
    wallet.question = consent_view(offline=offline)
    said = RUN.invoke(app, ["wallet", "present", REQUEST, "--yes", "--json"])
    assert said.exit_code == 0, said.stdout
    assert json.loads(said.stdout)["ledger"] == {"in_reach": not offline, "checked_at": NOW.isoformat()}


def test_script_is_told_that_an_answer_sent_again_asked_no_ledger(wallet: SimulatedWallet) -> None:
    wallet.sent_before = presentation(Outcome.UNKNOWN)
    said = RUN.invoke(app, ["wallet", "present", REQUEST, "--yes", "--json"])
    assert said.exit_code == 0, said.stdout
    assert json.loads(said.stdout)["ledger"] is None


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_words_in_both_languages(outcome: Outcome) -> None:
    words = outcome_label(outcome)
    assert isinstance(words, Words)
    assert words.en.isascii()
    assert not words.zh_tw.isascii()


SEEN = datetime(2026, 5, 31, 8, 30, tzinfo=UTC)
GOOD_OFFER = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fbank-a.example%2Fo"
COMMANDS = {
    "accept": ["accept", GOOD_OFFER, "--tx-code", CODE],
    "list": ["list", "--check"],
    "sent again": ["present", REQUEST, "--yes"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("offline", [True, False])
def test_command_that_used_the_wallets_copy_of_the_ledger_says_so(
    wallet: SimulatedWallet, tmp_path: Path, command: str, *, offline: bool
) -> None:
    (tmp_path / "wallet").touch()
    wallet.ledger = LedgerLook(SEEN, offline=offline)
    if command == "sent again":
        wallet.sent_before = presentation(Outcome.UNKNOWN)
    said = RUN.invoke(app, ["wallet", *COMMANDS[command]])
    assert said.exit_code == 0, said.output
    assert ("rests on what it said as of its block of 2026-05-31 08:30 UTC" in said.stdout) is offline
    assert ("本次依據其截至 2026-05-31 08:30 UTC 區塊的紀錄" in said.stdout) is offline
    scripted = RUN.invoke(app, ["wallet", *COMMANDS[command], "--json"])
    assert json.loads(scripted.stdout)["ledger"] == {"in_reach": not offline, "checked_at": SEEN.isoformat()}


def test_offer_that_is_read_by_the_wallets_copy_of_the_ledger_says_so() -> None:
    view = offer_view()
    assert "cannot be reached" not in "\n".join(offer_lines(view))
    offline = replace(view, accredited=replace(view.accredited, offline=True))
    assert "cannot be reached; this is what it said as of its block of 2026-06-01 08:30 UTC" in "\n".join(
        offer_lines(offline)
    )
