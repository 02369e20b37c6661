from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from issuer.claims_of import funds_of
from issuer.customer import Statement
from issuer.offer import Subject
from issuer.remote.bank_file import BankFile, FileBank, read_bank_file
from passport.claims import USD_LADDER
from passport.clock import Clock
from passport.errors import Malformed, Misconfigured, Rejected


def test_statement_sums_in_cents_rounding_down(bank: FileBank) -> None:
    statement = bank.statement("lin", None)
    assert statement.total_usd_minor == 325_000_000 * 31_700 // 1_000_000 + 4_200_000
    assert statement.min28d_usd_minor == statement.total_usd_minor


def test_statement_of_today_is_as_of_now_and_of_a_past_day_as_of_its_close(
    bank: FileBank, clock: Clock
) -> None:
    assert bank.statement("lin", None).as_of == clock.now()
    assert bank.statement("lin", date(2026, 11, 1)).as_of == datetime(2026, 11, 1, 15, 59, 59, tzinfo=UTC)


def test_money_that_came_two_days_ago_is_in_the_total_and_not_in_the_minimum(
    bank_file: dict[str, Any], clock: Clock
) -> None:
    balances = bank_file["customers"][2]["accounts"][0]["closing_minor"]
    balances[-2:] = [900_000_000, 900_000_000]
    statement = FileBank(BankFile.model_validate_json(json.dumps(bank_file)), clock).statement("chen", None)
    assert statement.total_usd_minor == 28_530_000
    assert statement.min28d_usd_minor == 2_028_800


def _chen(bank_file: dict[str, Any], clock: Clock, *accounts: dict[str, Any]) -> Statement:
    model = bank_file["customers"][2]["accounts"][0]
    bank_file["usd_micro"] |= {"JPY": [6_500] * 366, "KWD": [3_250_000] * 366}
    bank_file["customers"][2]["accounts"] = [
        {**model, "number": f"00005555{number:04d}", "closing_minor": [one.pop("all_days")] * 366, **one}
        for number, one in enumerate(accounts)
    ]
    return FileBank(BankFile.model_validate_json(json.dumps(bank_file)), clock).statement("chen", None)


def test_thresholds_count_what_is_available_over_every_account_and_currency(
    bank_file: dict[str, Any], clock: Clock
) -> None:
    statement = _chen(
        bank_file,
        clock,
        {"all_days": 6_000_000, "currency": "USD", "hold_minor": 1_500_000},
        {"all_days": 1_000_000, "currency": "JPY", "pledged_minor": 400_000},  # yen have no minor unit
        {
            "all_days": 2_000_500,
            "currency": "KWD",
            "hold_minor": 500_000,
            "pledged_minor": 500_000,
        },  # a dinar has 1,000
        {"all_days": 100, "currency": "USD", "hold_minor": 1_000_000},  # more is held than is there
    )
    assert statement.total_usd_minor == 6_000_000 + 650_000 + 650_162 + 100
    assert statement.available_usd_minor == 4_500_000 + 390_000 + 325_162
    assert statement.min28d_usd_minor == statement.available_usd_minor
    assert [one.available_minor for one in statement.accounts] == [4_500_000, 600_000, 1_000_500, 0]


def test_what_is_held_or_pledged_lifts_nobody_over_a_threshold(
    bank: FileBank, bank_file: dict[str, Any], clock: Clock
) -> None:
    statement = _chen(
        bank_file,
        clock,
        {"all_days": 6_000_000, "currency": "USD", "hold_minor": 500_001, "pledged_minor": 500_000},
    )
    subject = Subject(customer=bank.customer("chen"), statement=statement)
    proof = funds_of(subject, bank.bank)
    assert max(proof.thresholds.total, key=USD_LADDER.__getitem__) == "usd_25000"
    assert proof.thresholds.min28d == proof.thresholds.total
    assert proof.encumbrance == "part of the balance is pledged"
    # The balance itself is stated whole, and what is available beside it.
    assert (proof.accounts[0].balance.amount_minor, proof.accounts[0].available.amount_minor) == (
        6_000_000,
        4_999_999,
    )


@pytest.mark.parametrize("day", [date(2025, 11, 19), date(2026, 11, 21)])
def test_a_day_without_a_statement_is_refused(bank: FileBank, day: date) -> None:
    with pytest.raises(Malformed, match="from 2025-11-20 to 2026-11-20"):
        bank.statement("lin", day)


def test_first_and_last_day_have_statements(bank: FileBank) -> None:
    assert bank.statement("lin", date(2025, 11, 20)).as_of < bank.statement("lin", date(2026, 11, 20)).as_of


def test_strangers_are_not_found_and_have_no_secrets(bank: FileBank) -> None:
    assert bank.secrets("nobody") is None
    with pytest.raises(Rejected):
        bank.customer("nobody")
    with pytest.raises(Rejected):
        bank.officer("nobody")


def test_account_shows_its_last_four_characters_only(bank: FileBank) -> None:
    account = bank.customer("lin").accounts[0]
    assert account.masked == "********5678"
    assert account.canonical == "TW:899:0001:000012345678"


def test_digest_changes_with_any_figure(bank: FileBank, bank_file: dict[str, Any], clock: Clock) -> None:
    before = bank.statement("lin", None).digest()
    bank_file["customers"][0]["accounts"][1]["closing_minor"][-1] += 1
    after = (
        FileBank(BankFile.model_validate_json(json.dumps(bank_file)), clock).statement("lin", None).digest()
    )
    assert before != after


def _drop_rates(content: dict[str, Any]) -> None:
    content["usd_micro"] = {}


def _shorten(content: dict[str, Any]) -> None:
    content["customers"][0]["accounts"][0]["closing_minor"].pop()


def _repeat(content: dict[str, Any]) -> None:
    content["customers"].append(content["customers"][0])


def _bad_lei(content: dict[str, Any]) -> None:
    content["bank"]["lei"] = "00SB00BLUEMAGPIE0010"


def _officer_called_operator(content: dict[str, Any]) -> None:
    content["officers"][0]["id"] = "operator"


def _officer_twice(content: dict[str, Any]) -> None:
    content["officers"].append(content["officers"][0])


@pytest.mark.parametrize(
    "spoil", [_drop_rates, _shorten, _repeat, _bad_lei, _officer_called_operator, _officer_twice]
)
def test_a_spoiled_file_stops_the_start(
    bank_file: dict[str, Any], clock: Clock, spoil: Callable[[dict[str, Any]], None]
) -> None:
    spoil(bank_file)
    with pytest.raises(Misconfigured, match="core banking"):
        FileBank(BankFile.model_validate_json(json.dumps(bank_file)), clock)


def test_an_unreadable_file_is_named_and_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "bank.json"
    with pytest.raises(Misconfigured, match="cannot read"):
        read_bank_file(path)
    path.write_text('{"version": 1, "bank": "canary-5512"}')
    with pytest.raises(Misconfigured) as caught:
        read_bank_file(path)
    assert "canary" not in str(caught.value)


def test_averages_need_as_many_days_as_they_average(bank: FileBank) -> None:
    late, early = bank.statement("lin", None), bank.statement("lin", date(2025, 12, 31))
    assert late.average_3m_usd_minor == late.average_6m_usd_minor == late.total_usd_minor
    assert (early.average_3m_usd_minor, early.average_6m_usd_minor) == (None, None)
    assert early.min28d_usd_minor == early.total_usd_minor
    assert bank.statement("lin", date(2025, 11, 21)).min28d_usd_minor == 0
