"""Values that programs changed on the way: dates as numbers, missing values as words, amounts in other digits or units."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from fraud_check.analyst import AmountUnit, Following, Source, spread_files, tables, trace_account
from fraud_check.analyst.plain_columns import plain, plain_type
from passport.errors import Malformed

Write = Callable[[str, str], Path]
HEADER = "src,dst,time,amount\n"
DAY = 1_767_571_200


@pytest.fixture
def asked(write: Write, tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """The notes and the answer of a spread from `a` over rows of transfers."""

    def ask(rows: str, seeds: str = "a,0\n", **more: object) -> tuple[str, str]:
        source = Source(write("t.csv", HEADER + rows), write("s.csv", f"account,time\n{seeds}"), **more)  # type: ignore[arg-type]
        summary = spread_files(source, Following(), tmp_path / "out.csv")
        return "\n".join(summary.notes), (tmp_path / "out.csv").read_text(encoding="utf-8")

    return ask


@pytest.mark.parametrize("times", [(46_027, 46_100, 46_400), (45_000, 45_001), (33_000, 54_000)])
def test_days_of_a_spreadsheet_are_said(
    asked: Callable[..., tuple[str, str]], times: tuple[int, ...]
) -> None:
    notes, _ = asked("".join(f"a,b,{time},5\n" for time in times))
    assert "as the days of a spreadsheet do" in notes
    assert "86,400 times too wide" in notes


@pytest.mark.parametrize(
    ("time", "date"),
    [
        ("20260105", "the date 2026-01-05 and"),
        ("1150105", "the date 2026-01-05 of the Republic's calendar"),
        ("20260105103059", "2026-01-05"),
        ("202601051030", "2026-01-05"),
        ("2026010510", "2026-01-05"),
        ("1150105103059", "the date 2026-01-05 of the Republic"),
        ("115010510", "the date 2026-01-05 of the Republic"),
    ],
)
def test_dates_written_as_numbers_are_refused(
    asked: Callable[..., tuple[str, str]], time: str, date: str
) -> None:
    with pytest.raises(
        Malformed, match=rf"t\.csv: time\[0\]: expected epoch seconds .* got {time}, which is .*{date}"
    ):
        asked(f"a,b,{time},5\na,c,{time},5\n")
    with pytest.raises(Malformed, match=r"s\.csv: seed time\[0\]: expected epoch seconds"):
        asked(f"a,b,{DAY},5\n", seeds=f"a,{time}\n")


def test_numbers_that_are_no_dates_stay_seconds(asked: Callable[..., tuple[str, str]]) -> None:
    for times in ((20_261_305, 20_260_105), (1_000_000, 1_150_105), (10, 20), (DAY, DAY + 1)):
        assert asked("".join(f"a,b,{time},5\n" for time in times))[0] == ""


@pytest.mark.parametrize(
    ("seeds", "rows", "says"),
    [
        (
            "a,46027\n",
            f"a,b,{DAY},5\n",
            "seed time[0]: 46027 was taken for seconds and is 1970-01-01T12:47:07Z",
        ),
        ("a,0\n", f"a,b,{DAY},5\na,b,46027,5\n", "time[1]: 46027 was taken for seconds"),
        ("a,0\n", "a,b,260105,5\na,c,260106,5\n", "year, month and day in two digits each"),
        ("a,0\n", "a,b,2025,5\na,c,2026,5\n", "as years do"),
    ],
)
def test_times_of_another_age_than_the_rest_are_said(
    asked: Callable[..., tuple[str, str]], seeds: str, rows: str, says: str
) -> None:
    assert says in asked(rows, seeds)[0]


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("115/01/05", "to a year of the Republic add 1911"),
        ("0115-01-05T00:00:00+08:00", "to a year of the Republic add 1911"),
        ("46027.5", "as a spreadsheet counts days"),
        ("1.76757E+09", "as a spreadsheet rounds a long number"),
        ("2026-01-05T00:00:00", r"\(--timezone Asia/Taipei\)"),
        ("2026-01-05", r"\(--timezone Asia/Taipei\)"),
        ("05/01/2026", "expected integer epoch seconds"),
    ],
)
def test_texts_that_are_no_times_are_refused_with_their_row_and_what_to_do(
    asked: Callable[..., tuple[str, str]], time: str, says: str
) -> None:
    with pytest.raises(Malformed, match=rf"t\.csv: time\[1\]: .*{says}"):
        asked(f"a,b,{DAY},5\na,c,{time},5\n")


@pytest.mark.parametrize("name", ["8.12346E+15", "8.1E+15", "1.2e+16", "8,1E+15"])
def test_numbers_that_a_spreadsheet_rounded_are_said(
    asked: Callable[..., tuple[str, str]], name: str
) -> None:
    notes, _ = asked(f'a,"{name}",1,5\n"{name}",c,2,5\n')
    assert "1 account is named as a spreadsheet writes a long number that it rounded" in notes
    assert name in notes


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["8123456789012340", "8123456789012350"], "end in zeros, as a spreadsheet rounds them"),
        (["123.0"], "as a program writes a number with a fraction"),
        (["b "], "with blanks at an end"),
        (["b\u3000c"], "letters of full width"),
        (["\uff11\uff12"], "letters of full width"),
        (["NA"], "as programs write what is missing"),
        (["-"], "as programs write what is missing"),
        (["0000000000"], "as programs write what is missing"),
    ],
)
def test_names_that_were_changed_on_their_way_are_said(
    asked: Callable[..., tuple[str, str]], names: list[str], says: str
) -> None:
    assert says in asked("".join(f"a,{name},1,5\n" for name in names))[0]


def test_names_as_banks_have_them_are_not_suspected(asked: Callable[..., tuple[str, str]]) -> None:
    names = [
        "822-000012345678",
        "TW:822:0001:000012345678",
        "7E12",
        "1E5",
        "DE89370400440532013000",
        "張三",
        "0",
        "8123456789012341",
    ]
    assert asked("".join(f"a,{name},1,5\n" for name in names))[0] == ""


@pytest.mark.parametrize(
    "name",
    [
        "NULL",
        "null",
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "nan",
        "NaN",
        "None",
        "NaT",
        "<NA>",
        "(null)",
        "\\N",
        "N/A",
        "####",
    ],
)
def test_what_programs_write_for_a_missing_name_is_refused(
    asked: Callable[..., tuple[str, str]], name: str
) -> None:
    with pytest.raises(
        Malformed, match=r"t\.csv: dst\[1\]: expected the name of an account, got .*\(in 2 rows\)"
    ):
        asked(f"a,b,1,5\na,{name},2,5\na,{name},3,5\n")
    with pytest.raises(Malformed, match=r"s\.csv: account\[0\]: expected the name of an account"):
        asked("a,b,1,5\n", seeds=f"{name},0\n")


@pytest.mark.parametrize(
    "amount",
    [
        "0x10",
        "1_000",
        "\uff11\uff10",
        "1e3",
        "+5",
        " 5",
        "5 ",
        "5.0",
        '"5,000"',
        "$5",
        "5元",
        "--5",
        "1/2",
        "inf",
        "\u0665",
    ],
)
def test_amounts_in_other_digits_are_refused_with_their_place(
    asked: Callable[..., tuple[str, str]], amount: str
) -> None:
    with pytest.raises(Malformed, match=r"t\.csv: amount\[1\]: expected an integer, got"):
        asked(f"a,b,1,5\na,b,2,{amount}\n")


def test_zeros_in_front_of_an_amount_mean_nothing(asked: Callable[..., tuple[str, str]]) -> None:
    assert "b,1,1,1,5\n" in asked("a,b,1,005\n")[1]


def test_a_missing_value_says_its_row(write: Write, tmp_path: Path) -> None:
    for name in ("src", "dst", "time", "amount"):
        columns = {"src": ["a", "a"], "dst": ["b", "b"], "time": [1, 2], "amount": [5, 5]}
        first = "a" if name in {"src", "dst"} else 1
        pq.write_table(pa.table({**columns, name: [first, None]}), tmp_path / "t.parquet")
        source = Source(tmp_path / "t.parquet", write("s.csv", "account,time\na,0\n"))
        with pytest.raises(
            Malformed, match=rf"t\.parquet: {name}\[1\]: expected a value in every row, got none"
        ):
            spread_files(source, Following(), tmp_path / "out.csv")


VIEWS = pa.array(["a", "b"], pa.string_view())
STORED = [
    pa.array(["a", "b", "b"], pa.string_view()),
    pa.array(["a", "b", "b"], pa.large_string()),
    pa.DictionaryArray.from_arrays(pa.array([0, 1, 1]), VIEWS),
    pa.array(["a", "b", "b"]).dictionary_encode(),
    pc.run_end_encode(pa.array(["a", "b", "b"])),
    pa.RunEndEncodedArray.from_arrays(pa.array([1, 3], pa.int32()), VIEWS),
    pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 5], pa.int32()), pa.array(["a", "x", "b"])).slice(1, 3),
    pa.array([b"a", b"b", b"b"], pa.binary_view()),
]


@pytest.mark.parametrize("array", STORED, ids=lambda array: str(array.type))
def test_every_way_to_store_text_is_made_plain(array: pa.Array) -> None:
    column = plain(pa.chunked_array([array, array.slice(1, 2)]))
    said = [one.decode() if isinstance(one, bytes) else one for one in column.to_pylist()]
    assert said in (["a", "b", "b", "b", "b"], ["a", "x", "b", "x", "b"])
    assert column.type == plain_type(array.type)
    assert plain(pa.chunked_array([], array.type)).to_pylist() == []


@pytest.mark.parametrize("column", ["src", "dst", "time"])
def test_text_columns_stored_as_views_change_no_answer(tmp_path: Path, column: str) -> None:
    columns = {"src": ["a", "b"], "dst": ["b", "c"], "time": ["10", "20"], "amount": [5, 4]}
    viewed = pa.array(columns[column], pa.string_view())
    pq.write_table(pa.table({**columns, column: viewed}), tmp_path / "t.parquet")
    pq.write_table(
        pa.table({"account": pa.array(["a"], pa.string_view()), "time": [0]}), tmp_path / "s.parquet"
    )
    source = Source(tmp_path / "t.parquet", tmp_path / "s.parquet", tmp_path / "s.parquet")
    spread_files(source, Following(), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["a,0,0,0,0", "b,1,10,10,5", "c,2,20,20,4"]


def test_octets_that_are_no_text_are_refused_however_they_are_stored(write: Write, tmp_path: Path) -> None:
    for kind in (pa.binary(), pa.binary_view(), pa.large_binary()):
        columns = {"src": pa.array([b"a"], kind), "dst": ["b"], "time": [1], "amount": [5]}
        pq.write_table(pa.table(columns), tmp_path / "t.parquet")
        source = Source(tmp_path / "t.parquet", write("s.csv", "account,time\na,0\n"))
        with pytest.raises(Malformed, match=r"accounts: expected text or integers, got .*binary in src"):
            spread_files(source, Following(), tmp_path / "out.csv")


def test_a_csv_of_another_code_page_is_refused_with_what_to_do(write: Write, tmp_path: Path) -> None:
    seeds = write("s.csv", "account,time\na,0\n")
    (tmp_path / "t.csv").write_bytes((HEADER + "a,b,1,5\na,張三,2,5\n").encode("big5"))
    with pytest.raises(Malformed, match=r't\.csv: dst\[1\]: expected text in UTF-8, .*"CSV UTF-8"'):
        spread_files(Source(tmp_path / "t.csv", seeds), Following(), tmp_path / "out.csv")
    (tmp_path / "t.csv").write_bytes((HEADER + "a,b,1,5\n").encode("utf-16"))
    with pytest.raises(Malformed, match="got UTF-16"):
        spread_files(Source(tmp_path / "t.csv", seeds), Following(), tmp_path / "out.csv")


def test_the_mark_of_utf_8_is_read_and_written(write: Write, tmp_path: Path) -> None:
    source = Source(
        write("t.csv", f"\ufeff{HEADER}a,張三,1,5\n"), write("s.csv", "\ufeffaccount,time\na,0\n")
    )
    out = tmp_path / "out.csv"
    spread_files(source, Following(), out, marked=True)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfaccount,hop,")
    assert "張三,1,1,1,5" in out.read_text(encoding="utf-8-sig")
    assert tables.csv_names(out)[0] == "account"
    spread_files(source, Following(), out)
    assert out.read_bytes().startswith(b"account,hop,")


TWD = AmountUnit.named("TWD")


def test_amounts_in_units_of_a_currency_are_exact_and_come_back_so(
    asked: Callable[..., tuple[str, str]], write: Write, tmp_path: Path
) -> None:
    _, answer = asked("a,b,1,0.1\na,b,2,0.20\nb,c,3,5\n", unit=TWD)
    assert answer.splitlines()[2:] == ["b,1,1,1,0.30", "c,2,3,3,5.00"]
    seeds = write("s.csv", "account,time\na,0\n")
    exact = pa.array([Decimal("90071992547409.93"), Decimal("0.01")], pa.decimal128(20, 2))
    columns = {"src": ["a", "a"], "dst": ["b", "b"], "time": [1, 2], "amount": exact}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    source = Source(tmp_path / "t.parquet", seeds, unit=TWD)
    spread_files(source, Following(), tmp_path / "out.parquet")
    amounts = pq.read_table(tmp_path / "out.parquet")["amount"]
    assert amounts.to_pylist() == [Decimal("0.00"), Decimal("90071992547409.94")]
    assert trace_account(source, Following(), "b").amount == 9_007_199_254_740_994


@pytest.mark.parametrize(
    "amount", ["0.001", "1,000.00", "1e3", ".5", "5.", "+5", "0x10", "NT$5", "-1.00", "9" * 18]
)
def test_what_is_no_amount_of_the_currency_is_refused(
    asked: Callable[..., tuple[str, str]], amount: str
) -> None:
    with pytest.raises(Malformed, match=r"amount\[1\]: expected"):
        asked(f'a,b,1,5\na,b,2,"{amount}"\n', unit=TWD)


def test_a_currency_without_decimals_and_a_name_that_is_none(asked: Callable[..., tuple[str, str]]) -> None:
    assert "b,1,1,1,5\n" in asked("a,b,1,5\n", unit=AmountUnit.named("JPY"))[1]
    with pytest.raises(Malformed, match=r"amount\[0\]: expected amounts in JPY without decimals"):
        asked("a,b,1,5.0\n", unit=AmountUnit.named("JPY"))
    with pytest.raises(Malformed, match="amount_unit: expected minor or a code"):
        AmountUnit.named("NTD")


def test_binary_fractions_are_refused_in_any_unit(write: Write, tmp_path: Path) -> None:
    columns = {"src": ["a"], "dst": ["b"], "time": [1], "amount": [0.1]}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    source = Source(tmp_path / "t.parquet", write("s.csv", "account,time\na,0\n"), unit=TWD)
    with pytest.raises(Malformed, match=r"amount: expected amounts in TWD .* got double, which is not exact"):
        spread_files(source, Following(), tmp_path / "out.csv")


def test_local_times_are_read_where_a_zone_is_given(
    asked: Callable[..., tuple[str, str]], tmp_path: Path, write: Write
) -> None:
    rows = "a,b,2026-01-05 08:00,5\nb,c,2026/01/05 08:00:01,5\nc,d,2026-01-05T00:00:02Z,5\nd,e,1767571203,5\ne,f,2026-01-06,5\n"
    _, answer = asked(rows, "a,2026-01-04\n", timezone="Asia/Taipei")
    assert [row.split(",")[0] for row in answer.splitlines()[1:]] == ["a", "b", "c", "d"]
    source = Source(tmp_path / "t.csv", tmp_path / "s.csv", timezone="Asia/Taipei")
    assert trace_account(source, Following(max_hops=5), "f").path[0].time == "2026-01-05 08:00"
    assert trace_account(source, Following(max_hops=5, end="2026-01-05 08:00:03"), "e").hop == 4
    assert trace_account(source, Following(max_hops=5, end="2026-01-05 08:00:02"), "e").hop is None
    naive = pa.array([DAY * 10**6], pa.timestamp("us"))
    pq.write_table(
        pa.table({"src": ["a"], "dst": ["b"], "time": naive, "amount": [5]}), tmp_path / "t.parquet"
    )
    source = Source(tmp_path / "t.parquet", write("s.csv", "account,time\na,0\n"), timezone="Asia/Taipei")
    assert trace_account(source, Following(), "b").path[0].time == "2026-01-04T16:00:00.000000Z"


@pytest.mark.parametrize("time", ["2026-10-25T02:30:00", "2026-03-29 02:30"])
def test_times_that_a_zone_had_twice_or_never_are_refused(
    asked: Callable[..., tuple[str, str]], time: str
) -> None:
    with pytest.raises(
        Malformed, match=r"t\.csv: time\[1\]: expected a time that Europe/Berlin had once, got"
    ):
        asked(f"a,b,2026-01-01 10:00,5\na,b,{time},5\n", timezone="Europe/Berlin")
    assert asked("a,b,2026-10-25T02:30:00+02:00,5\n", timezone="Europe/Berlin")
    with pytest.raises(Malformed, match="timezone: expected a time zone that is known here, got 'Taipei'"):
        asked("a,b,2026-01-01 10:00,5\n", timezone="Taipei")


def test_a_unit_says_amounts_exactly_in_json() -> None:
    assert json.dumps([TWD.exact(10**17 + 1), AmountUnit().exact(5)]) == '["1000000000000000.01", 5]'
    assert (TWD.text(-5), TWD.text(123_456_789, grouped=True)) == ("-0.05", "1,234,567.89")
    assert TWD.option("10000", "min_amount") == 1_000_000
    with pytest.raises(Malformed, match=r"min_amount\[0\]: expected"):
        AmountUnit().option("1e4", "min_amount")
