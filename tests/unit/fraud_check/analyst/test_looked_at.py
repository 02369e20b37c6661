"""Nothing found is told apart from nothing looked at: counts in every answer, and words where a question met nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fraud_check.analyst import (
    Following,
    Looking,
    Source,
    pattern_files,
    picture_file,
    spread_files,
    trace_account,
)
from fraud_check.engine import Direction, Shape
from passport.errors import Malformed

Write = Callable[[str, str], Path]
HEADER = "src,dst,time,amount\n"
DAY = 1_767_571_200
PLAIN = f"{HEADER}00123,B7,{DAY + 5},5000\nB7,C9,{DAY + 9},4900\n"
BACKWARD = Following(direction=Direction.BACKWARD)


@pytest.fixture
def said(write: Write, tmp_path: Path) -> Callable[..., str]:
    """What a spread says beside its answer."""

    def ask(
        seeds: str, following: Following | None = None, transfers: str = PLAIN, stop: str | None = None
    ) -> str:
        source = Source(
            write("t.csv", transfers),
            write("s.csv", f"account,time\n{seeds}"),
            None if stop is None else write("stop.csv", f"account\n{stop}"),
        )
        return "\n".join(spread_files(source, following or Following(), tmp_path / "out.csv").notes)

    return ask


def test_a_question_that_met_what_it_asked_about_says_nothing(said: Callable[..., str]) -> None:
    assert said("00123,0\n", stop="C9\n") == ""
    assert said(f"B7,{DAY + 6}\n", BACKWARD) == ""


@pytest.mark.parametrize(
    "name",
    [
        "123",
        "000123",
        " 00123",
        "00123 ",
        "\uff10\uff10\uff11\uff12\uff13",
        "00123.0",
        "'00123",
        "00\u200b123",
        "\ufeff00123",
    ],
)
def test_a_seed_in_another_spelling_is_said_with_the_one_that_was_meant(
    said: Callable[..., str], name: str
) -> None:
    text = said(f"{name},0\n")
    assert "no transfer names the one seed" in text
    assert f"`{name}` is not in the transfers, `00123` is" in text


@pytest.mark.parametrize(
    ("name", "meant"), [("b7", "B7"), ("B-7", "B7"), ("B 7", "B7"), ("\uff22\uff17", "B7")]
)
def test_case_width_and_separators_are_spelling_too(said: Callable[..., str], name: str, meant: str) -> None:
    assert f"`{name}` is not in the transfers, `{meant}` is" in said(f"{name},0\n")


def test_one_seed_of_several_is_counted(said: Callable[..., str]) -> None:
    text = said("00123,0\nB8,0\nB9,0\n")
    assert "2 seeds are named by no transfer, of 3" in text
    assert "is not in the transfers" not in text, "nothing there resembles them"


def test_a_stop_list_that_meets_nothing_is_said(said: Callable[..., str]) -> None:
    assert "no transfer names the one account of the stop list" in said("00123,0\n", stop="c9\n")
    assert "`c9` is not in the transfers, `C9` is" in said("00123,0\n", stop="c9\n")
    assert "there are no accounts of the stop list" in said("00123,0\n", stop="")


def test_a_list_without_a_row_is_refused(said: Callable[..., str]) -> None:
    with pytest.raises(Malformed, match=r"s\.csv: expected at least one account, got a header and no row"):
        said("")


@pytest.mark.parametrize(
    ("seeds", "following", "says"),
    [
        ("00123,0\n", BACKWARD, "no seed is paid by anybody"),
        ("B7,0\n", BACKWARD, "no seed is paid anything before its time"),
        (f"00123,{DAY + 5}\n", Following(), "no seed pays anything after its time"),
        ("C9,0\n", Following(), "no seed pays anybody"),
        (
            "00123,0\n",
            Following(min_amount=5001),
            "none of the 2 transfers in the window is .* at least 5,001",
        ),
        (f"B7,{DAY}\n", Following(min_amount=4901), "no seed pays 4,901 or more after its time"),
        (
            "00123,0\n",
            Following(start=str(DAY + 10)),
            "none of the 2 transfers lies from 1767571210 until the end",
        ),
        (
            "00123,0\n",
            Following(end=str(DAY)),
            "none of the 2 transfers lies from the beginning until 1767571200",
        ),
        (
            "00123,0\n",
            Following(start=str(DAY + 6)),
            "no seed pays anything after its time within the window",
        ),
        (f"00123,0\nB7,{DAY + 9}\n", Following(), "1 seed pays nothing after its time, of 2"),
    ],
)
def test_a_question_that_starts_nowhere_says_why(
    said: Callable[..., str], seeds: str, following: Following, says: str
) -> None:
    import re  # noqa: PLC0415

    assert re.search(says, said(seeds, following)), said(seeds, following)


def test_a_file_without_transfers_is_said(said: Callable[..., str]) -> None:
    assert said("a,0\n", transfers=HEADER) == "the file of transfers has none, so nothing was looked at"


def test_counts_are_in_every_answer(write: Write, tmp_path: Path) -> None:
    source = Source(
        write("t.csv", f"{PLAIN}B7,B7,{DAY + 20},7\n"),
        write("s.csv", "account,time\n00123,0\n00123,5\nx,0\n"),
        write("stop.csv", "account\nC9\nz\n"),
    )
    following = Following(end=str(DAY + 9), min_amount=4950)
    counts = spread_files(source, following, tmp_path / "o.csv").looked_at
    assert (counts.rows_read, counts.rows_in_window, counts.rows_followable) == (3, 2, 1)
    assert (counts.seeds_given, counts.seeds_seen, counts.seeds_starting) == (2, 1, 1)
    assert (counts.stops_given, counts.stops_seen) == (2, 1)
    assert trace_account(source, following, "C9").looked_at == counts
    flow = picture_file(source, following, tmp_path / "o.html")
    assert flow.looked_at == counts
    page = (tmp_path / "o.html").read_text(encoding="utf-8")
    assert "3 transfers, 2 in the window; 2 accounts listed, 1 of them in the transfers" in page
    looking = Looking(60, [Shape.CYCLE], end=str(DAY + 9), min_amount=4950)
    found = pattern_files(source.transfers, looking, tmp_path / "p.csv")
    assert found.looked_at == replace(
        counts, seeds_given=0, seeds_seen=0, seeds_starting=0, stops_given=0, stops_seen=0
    )


def test_shapes_that_cannot_be_there_are_said(write: Write, tmp_path: Path) -> None:
    transfers = write("t.csv", PLAIN)

    def notes(**changed: object) -> str:
        looking = replace(Looking(60, [Shape.FAN_OUT], size=2), **changed)  # type: ignore[arg-type]
        return "\n".join(pattern_files(transfers, looking, tmp_path / "p.csv").notes)

    assert notes() == ""
    assert "needs more accounts than the 3 of the file" in notes(size=3)
    assert "none of the 2 transfers lies" in notes(start=str(DAY + 10))
    assert "at least 9,999" in notes(min_amount=9_999)


def test_an_account_that_is_not_there_is_refused_with_the_one_that_was_meant(write: Write) -> None:
    source = Source(write("t.csv", PLAIN), write("s.csv", "account,time\nB7,0\n"))
    with pytest.raises(Malformed, match="got '123'; `123` is not in the transfers, `00123` is"):
        trace_account(source, Following(), "123")


def days(*rows: str) -> str:
    return HEADER + "".join(f"{row},5000\n" for row in rows)


@pytest.mark.parametrize(
    ("transfers", "says"),
    [
        (
            days("A,B,2026-01-05T00:00:00+08:00", "B,C,2026-01-05T00:00:00+08:00"),
            "days only: 1 transfer leaves",
        ),
        (days(f"A,B,{DAY}", f"B,C,{DAY}", f"C,D,{DAY}"), "days only: 2 transfers leave"),
        (days(f"A,B,{DAY}", f"B,C,{DAY + 86_400}"), ""),
        (days(f"A,B,{DAY}", f"A,C,{DAY}"), ""),
        (days(f"A,B,{DAY + 3_600}", f"B,C,{DAY + 3_600}", f"X,Y,{DAY}"), "hours only: 1 transfer leaves"),
        (days(f"A,B,{DAY + 60}", f"B,C,{DAY + 60}", f"X,Y,{DAY}"), "minutes only: 1 transfer leaves"),
        (days(f"A,B,{DAY + 61}", f"B,C,{DAY + 61}", f"X,Y,{DAY}"), ""),
        (days(f"B,B,{DAY}", f"B,C,{DAY}"), ""),
    ],
)
def test_times_of_days_only_say_what_they_cannot_show(
    said: Callable[..., str], transfers: str, says: str
) -> None:
    text = said(
        "A,0\nX,0\n" if "X,Y" in transfers else ("B,0\n" if "B,B" in transfers else "A,0\n"),
        transfers=transfers,
    )
    assert (says in text) if says else text == "", text
