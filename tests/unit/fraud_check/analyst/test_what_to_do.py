"""A refusal says what to do about values as a bank's export or a spreadsheet writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fraud_check.analyst import Following, Source, spread_files
from passport.errors import Malformed

Write = Callable[[str, str], Path]
HEADER = "src,dst,time,amount\n"


@pytest.fixture
def refused(write: Write, tmp_path: Path) -> Callable[[str], str]:
    """What is said of a file of transfers."""

    def ask(transfers: str) -> str:
        source = Source(write("t.csv", transfers), write("s.csv", "account,time\na,0\n"))
        with pytest.raises(Malformed) as caught:
            spread_files(source, Following(), tmp_path / "out.csv")
        return str(caught.value)

    return ask


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2026/1/5 09:00", "two digits and of 24 hours (2026-01-05 09:00:00), and give the time zone"),
        ("2026/1/5 上午 09:00:00", "(2026-01-05 09:00:00), and give the time zone (--timezone Asia/Taipei)"),
        ("2026/1/5 下午 03:07:09", "(2026-01-05 15:07:09)"),
        ("2026/1/5 下午 12:00", "(2026-01-05 12:00:00)"),
        ("2026-1-5 12:30 AM", "(2026-01-05 00:30:00)"),
        ("2026年1月5日", "(2026-01-05 00:00:00)"),
        ("2026/1/5T9:00:00+08:00", "write the offset as +08:00"),
        ("2026/2/30", "no calendar has such a day"),
        ("05/01/2026 09:00", "write the year first, then month and day"),
        ("1/5/2026", "which of day and month comes first cannot be seen"),
        ("115/01/05", "to a year of the Republic add 1911"),
        ("2026-01-05 09:00:00", "a time without an offset is read where a time zone is given"),
    ],
)
def test_a_time_in_another_form_is_refused_with_what_to_write(
    refused: Callable[[str], str], time: str, says: str
) -> None:
    text = refused(f"{HEADER}a,b,{time},100\n")
    assert "t.csv: time[0]: expected integer epoch seconds or RFC 3339" in text
    assert says in text
    assert ("Republic" in text) == ("115" in time)


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (
            "(100)",
            "as a ledger writes what is negative; a transfer has a payer and a receiver, so turn them round",
        ),
        ("NT$1000", "write the digits alone, without a currency"),
        ("$1", "write the digits alone, without a currency"),
        ("1000元", "write the digits alone, without a currency"),
        ('"5,000"', "leave out the commas between thousands (5000)"),
        ('"5,000.50"', "(5000.50); where amounts are in units of a currency, say which (--amount-unit TWD)"),
        ("5000.50", "where amounts are in units of a currency, say which"),
        ('=""500""', "as a spreadsheet keeps text; write the digits alone"),
        ("+5", "write the digits alone, from 0 to 9, without a plus"),
    ],
)
def test_an_amount_in_another_form_is_refused_with_what_to_write(
    refused: Callable[[str], str], amount: str, says: str
) -> None:
    text = refused(f"{HEADER}a,b,10,{amount}\n")
    assert "t.csv: amount[0]: expected an integer, got" in text
    assert says in text


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("src;dst;time;amount", "its columns are divided by semicolons: save it as a CSV with commas"),
        ("src\tdst\ttime\tamount", "its columns are divided by tabs"),
        (
            "SRC,DST,TIME,AMOUNT",
            "rename the columns in the first line to these words, in small letters ('SRC' to src",
        ),
        ("src, dst,time,amount", "(' dst' to dst".replace("' dst'", "'dst'")),
        (
            "付款帳號,收款帳號,交易時間,金額",
            "('付款帳號' to src, '收款帳號' to dst, '交易時間' to time, '金額' to amount, if that is meant)",
        ),
        ("src,src,dst,time,amount", "leave one of those that are there twice"),
    ],
)
def test_a_header_in_other_words_is_refused_with_what_to_do(
    refused: Callable[[str], str], header: str, says: str
) -> None:
    text = refused(f"{header}\n{header}\n")
    assert "expected each of the columns src,dst,time,amount once, got" in text
    assert says in text


def test_names_as_a_spreadsheet_keeps_text_are_said(write: Write, tmp_path: Path) -> None:
    source = Source(
        write("t.csv", f'{HEADER}="001",b,10,5\n'),
        write("s.csv", "account,time\n001,0\n"),
    )
    notes = "\n".join(spread_files(source, Following(), tmp_path / "out.csv").notes)
    assert "1 account is named as a spreadsheet keeps digits as text" in notes
    assert '`001` is not in the transfers, `="001"` is' in notes
