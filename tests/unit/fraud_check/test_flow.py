"""The default rule, on a few transfers each: every limit of design section 6, at its edge and one past it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fraud_check.flow import EngineFlow, milliseconds
from fraud_check.ports import DatedTransfer, FlowRule
from fraud_check.rules import DEFAULT_RULE
from passport.fraud import Token

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LARGE = 10_000_00
WARNED, MULE, LAST, OTHER, PAYER = (Token(f"{number:064x}") for number in range(1, 6))

Row = tuple[Token, Token, timedelta, int]


def hops(
    account: Token, *rows: Row, rule: FlowRule = DEFAULT_RULE, at: timedelta = timedelta(days=9)
) -> int | None:
    flow = EngineFlow()
    flow.append(
        [
            DatedTransfer(
                seq=seq, src=src, dst=dst, at_ms=milliseconds(START + after), amount_minor=amount, channel=0
            )
            for seq, (src, dst, after, amount) in enumerate(rows)
        ]
    )
    flow.set_warnings({WARNED: START})
    flow.begin(rule)
    reached = flow.question(account, at=START + at).reached
    return None if reached is None else reached.hops


HOUR = timedelta(hours=1)


def test_money_that_moves_on_within_72_hours_is_followed_and_no_longer() -> None:
    first = (WARNED, MULE, HOUR, LARGE)
    assert hops(LAST, first, (MULE, LAST, 73 * HOUR, LARGE)) == 2
    assert hops(LAST, first, (MULE, LAST, 73 * HOUR + timedelta(milliseconds=1), LARGE)) is None


def test_a_warning_accounts_own_money_is_followed_however_long_it_rested() -> None:
    assert hops(MULE, (WARNED, MULE, timedelta(days=8), LARGE)) == 1


def test_transfers_below_the_least_amount_are_not_followed() -> None:
    assert hops(MULE, (WARNED, MULE, HOUR, LARGE - 1)) is None


def test_thirty_days_are_inclusive() -> None:
    row = (WARNED, MULE, HOUR, LARGE)
    assert hops(MULE, row, at=HOUR + timedelta(days=30)) == 1
    assert hops(MULE, row, at=HOUR + timedelta(days=30, milliseconds=1)) is None


def test_a_little_taint_in_much_clean_money_asks_for_nobody() -> None:
    clean = (PAYER, MULE, timedelta(minutes=1), 9 * LARGE)
    tainted = (WARNED, MULE, HOUR, LARGE)
    onward = (MULE, LAST, 2 * HOUR, 5 * LARGE)
    assert hops(MULE, clean, tainted, onward) == 1
    assert hops(LAST, clean, tainted, onward) is None, "half of NT$10,000 came through"
    assert hops(LAST, clean, tainted, (MULE, LAST, 2 * HOUR, 10 * LARGE)) == 2, "all of it came through"
    assert hops(LAST, clean, tainted, onward, rule=replace(DEFAULT_RULE, min_tainted_minor=0)) == 2


def test_four_hops_are_too_many() -> None:
    rows = [
        (payer, payee, (at + 1) * HOUR, LARGE)
        for at, (payer, payee) in enumerate([(WARNED, MULE), (MULE, OTHER), (OTHER, LAST), (LAST, PAYER)])
    ]
    assert hops(LAST, *rows) == 3
    assert hops(PAYER, *rows) is None


def test_a_rule_that_is_switched_off_asks_for_nobody() -> None:
    assert hops(MULE, (WARNED, MULE, HOUR, LARGE), rule=replace(DEFAULT_RULE, enabled=False)) is None
