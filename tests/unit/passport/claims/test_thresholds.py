from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.claims import AGE_LADDER, USD_LADDER, Thresholds
from passport.errors import Malformed

AS_OF = date(2026, 2, 28)


def met(total: int, min28d: int | None = None, opened: date = AS_OF) -> Thresholds:
    return Thresholds.met_by(
        total_usd_minor=total, min28d_usd_minor=min28d, oldest_opened_on=opened, as_of=AS_OF
    )


@pytest.mark.parametrize("cents", sorted(USD_LADDER.values()))
def test_a_rung_is_met_at_its_amount_and_not_one_cent_below(cents: int) -> None:
    rung = next(name for name, least in USD_LADDER.items() if least == cents)
    assert rung in met(cents).total
    assert rung not in met(cents - 1).total


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_who_holds_more_meets_every_rung_that_one_who_holds_less_meets(one: int, other: int) -> None:
    less, more = sorted([one, other])
    assert met(less).total <= met(more).total


def test_without_history_no_minimum_is_met() -> None:
    assert met(10**12).min28d == frozenset()
    assert met(0, 10**12).min28d == frozenset(USD_LADDER)


@pytest.mark.parametrize(
    ("opened", "rungs"),
    [
        (date(2025, 3, 1), frozenset[str]()),
        (date(2025, 2, 28), frozenset({"years_1"})),
        (date(2016, 2, 29), frozenset({"years_1", "years_2", "years_5"})),
        (date(2016, 2, 28), frozenset(AGE_LADDER)),
    ],
)
def test_years_are_full_years(opened: date, rungs: frozenset[str]) -> None:
    assert met(0, opened=opened).account_age == rungs


@pytest.mark.parametrize("total", [{"usd_25000"}, {"usd_10000", "usd_50000"}, {"usd_1"}])
def test_rungs_with_a_gap_or_outside_the_ladder_are_malformed(total: set[str]) -> None:
    with pytest.raises(Malformed, match="ladder"):
        Thresholds(total=frozenset(total))
