import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.claims import EXPONENTS, Money
from passport.errors import Malformed
from passport.strict_json import MAX_INTEGER, JsonObject


@given(st.sampled_from(sorted(EXPONENTS)), st.integers(-MAX_INTEGER, MAX_INTEGER))
def test_money_reads_back_what_it_wrote(currency: str, amount: int) -> None:
    money = Money(currency, amount)
    assert Money.from_claim(money.to_claim()) == money


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money("TWD", 123_456), "TWD 1,234.56"),
        (Money("TWD", -5), "TWD -0.05"),
        (Money("JPY", 1_000), "JPY 1,000"),
        (Money("KWD", 1_234), "KWD 1.234"),
    ],
)
def test_money_is_written_for_people_with_its_own_digits(money: Money, text: str) -> None:
    assert str(money) == text


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "EURO"])
def test_unknown_currencies_are_malformed(currency: str) -> None:
    with pytest.raises(Malformed, match="currency"):
        Money(currency, 1)


def test_amounts_that_a_json_reader_could_round_are_malformed() -> None:
    with pytest.raises(Malformed, match="amount"):
        Money("USD", MAX_INTEGER + 1)


@pytest.mark.parametrize(
    "claim",
    [
        {"amount_minor": 1, "currency": "TWD", "exponent": 0},
        {"amount_minor": 1, "currency": "TWD"},
        {"amount_minor": "1", "currency": "TWD", "exponent": 2},
        {"amount_minor": True, "currency": "TWD", "exponent": 2},
    ],
)
def test_a_claim_with_another_exponent_or_form_is_malformed(claim: JsonObject) -> None:
    with pytest.raises(Malformed):
        Money.from_claim(claim)
