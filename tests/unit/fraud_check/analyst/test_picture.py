"""The picture: boxes by hop, bands that add up, and a file that needs no network."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from fraud_check.analyst import Counting, Following, Source, picture_file
from fraud_check.engine import Direction
from passport.errors import Malformed, Misconfigured


@pytest.fixture
def source(tmp_path: Path) -> Source:
    rows = "a,b,10,100\na,c,11,30\nb,d,5,9\nb,d,20,40\nb,d,21,2\nc,d,30,7\nd,a,40,1\n"
    (tmp_path / "t.csv").write_text("src,dst,time,amount\n" + rows)
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    return Source(tmp_path / "t.csv", tmp_path / "s.csv")


def bands(
    source: Source, out: Path, most: int = 12, min_amount: int = 0
) -> dict[tuple[str, str], tuple[int, int]]:
    flow = picture_file(source, Following(max_hops=2, min_amount=min_amount), out, most)
    ends = zip(flow.source, flow.target, flow.amounts, flow.transfers, strict=True)
    return {(flow.labels[src], flow.labels[dst]): (amount, count) for src, dst, amount, count in ends}


def test_bands_are_the_tainted_transfers_from_one_column_to_the_next(source: Source, tmp_path: Path) -> None:
    drawn = bands(source, tmp_path / "out.html")
    assert drawn == {("a", "b"): (100, 1), ("a", "c"): (30, 1), ("b", "d"): (42, 2), ("c", "d"): (7, 1)}
    assert bands(source, tmp_path / "out.html", min_amount=10).keys() == {("a", "b"), ("a", "c"), ("b", "d")}


def test_small_accounts_are_drawn_together(source: Source, tmp_path: Path) -> None:
    drawn = bands(source, tmp_path / "out.html", most=1)
    assert drawn == {
        ("a", "b"): (100, 1),
        ("a", "1 other"): (30, 1),
        ("b", "d"): (42, 2),
        ("1 other", "d"): (7, 1),
    }


def test_the_file_needs_no_network_and_is_whole(source: Source, tmp_path: Path) -> None:
    bands(source, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<script src=" not in page
    assert page.rstrip().endswith("</html>")


def figure(page: Path) -> tuple[list[str], str]:
    """The labels of the boxes, and all other words, as the page hands them to the drawing library."""
    rest = page.read_text(encoding="utf-8").rpartition("Plotly.newPlot(")[2]
    read = json.JSONDecoder().raw_decode
    found: list[object] = []
    for _ in range(3):
        rest = rest.lstrip(" ,\n")
        value, used = read(rest)
        found.append(value)
        rest = rest[used:]
    (bands,), layout = found[1], found[2]  # type: ignore[misc]
    said = [layout["title"]["text"], *(each["text"] for each in layout.get("annotations", []))]  # type: ignore[index, attr-defined]
    return bands["node"]["label"], "\n".join(said)  # type: ignore[has-type]


def test_words_are_in_both_languages_and_say_what_was_asked(source: Source, tmp_path: Path) -> None:
    following = Following(max_hops=2, min_amount=7, min_share=250, start="5", end="1970-01-01T00:01:00Z")
    (tmp_path / "stop.csv").write_text("account\nz\n")
    picture_file(
        Source(source.transfers, source.seeds, tmp_path / "stop.csv"), following, tmp_path / "out.html", 1
    )
    labels, said = figure(tmp_path / "out.html")
    for words in (
        "警示帳戶 1 個",
        "至多 2 層",
        "每筆至少 7",
        "2.5%",
        "自 5",
        "至 1970-01-01T00:01:00Z",
        "不穿越 1 個",
    ):
        assert words in said
    for words in (
        "warning accounts: 1",
        "at most 2 hops",
        "at least 7",
        "not through 1 account;",
        "minor units",
    ):
        assert words in said
    assert "<b>第 2 層</b><br>hop 2" in said
    assert labels == ["a  130", "b  100", "其他 1 戶 / 1 other  30", "d  47"]
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hant-TW">' in page
    assert "<title>警示帳戶的錢流向何處 / Where the money went, hop by hop</title>" in page


def test_empty_picture_says_so(source: Source, tmp_path: Path) -> None:
    picture_file(source, Following(min_amount=10_000), tmp_path / "out.html")
    assert "無符合條件的資金流動<br>No money moved as asked" in figure(tmp_path / "out.html")[1]


@pytest.mark.parametrize("number", range(20))
def test_backward_is_the_mirror_image(tmp_path: Path, number: int) -> None:
    random = Random(number)  # noqa: S311 - seeded, to be repeated
    ticks = random.choice([5, 30])
    rows = [
        (random.randrange(8), random.randrange(8), random.randrange(ticks), random.randrange(20))
        for _ in range(random.randrange(40))
    ]
    seeds = {random.randrange(8): random.randrange(ticks) for _ in range(2)}
    for name, turned in (("there", False), ("back", True)):
        body = "".join(
            f"N{dst},N{src},{-time},{amount}\n" if turned else f"N{src},N{dst},{time},{amount}\n"
            for src, dst, time, amount in rows
        )
        (tmp_path / f"{name}.csv").write_text("src,dst,time,amount\n" + body)
        listed = "".join(f"N{account},{-time if turned else time}\n" for account, time in seeds.items())
        (tmp_path / f"{name}-seeds.csv").write_text("account,time\n" + listed)
    (tmp_path / "stop.csv").write_text(f"account\nN{random.randrange(8)}\n")
    drawn = []
    share, (start, end) = random.choice([0, 2_500]), random.choice([(None, None), ("3", "25")])
    for name, direction in (("there", Direction.BACKWARD), ("back", Direction.FORWARD)):
        turned = direction is Direction.FORWARD
        following = Following(
            max_hops=4,
            direction=direction,
            # Backward transfers are counted whole, and only so are the two alike.
            counting=Counting.POISON,
            min_share=share,
            start=f"-{end}" if turned and end else start,
            end=f"-{start}" if turned and start else end,
        )
        files = Source(tmp_path / f"{name}.csv", tmp_path / f"{name}-seeds.csv", tmp_path / "stop.csv")
        flow = picture_file(files, following, tmp_path / "out.html", 20)
        ends = zip(flow.source, flow.target, strict=True)
        named = [(flow.labels[one], flow.labels[other]) for one, other in ends]
        named = [(other, one) for one, other in named] if turned else named
        drawn.append(sorted(zip(named, flow.amounts, flow.transfers, strict=True)))
    assert drawn[0] == drawn[1]


def test_a_hostile_name_stays_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("src,dst,time,amount\na,</script><script>alert(1)</script>,10,100\n")
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    picture_file(Source(tmp_path / "t.csv", tmp_path / "s.csv"), Following(), tmp_path / "out.html")
    assert "<script>alert" not in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ('"<a href=""https://x.example"">b</a>"', '&lt;a href="https://x.example"&gt;b&lt;/a&gt;  10'),
        ("<b>b</b>&lt;", "&lt;b&gt;b&lt;/b&gt;&amp;lt;  10"),
        ("b\u202ec\x1bd", "b\ufffdc\ufffdd  10"),
        ("9" * 40, "9" * 33 + "…  10"),
    ],
)
def test_markup_in_a_name_is_shown_and_does_nothing(tmp_path: Path, name: str, label: str) -> None:
    (tmp_path / "t.csv").write_text(f"src,dst,time,amount\na,{name},10,10\n")
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    picture_file(Source(tmp_path / "t.csv", tmp_path / "s.csv"), Following(), tmp_path / "out.html")
    assert figure(tmp_path / "out.html")[0] == ["a  10", label]


@pytest.mark.parametrize(
    ("following", "out", "most", "says"),
    [
        (Following(dwell_seconds=1), "out.html", 5, "without a limit of dwell"),
        (Following(max_fanout=1), "out.html", 5, "fan-out"),
        (Following(), "out.svg", 5, "ending in .html"),
        (Following(), "nowhere/out.html", 5, "directory"),
        (Following(), "out.html", 0, "most: expected 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(  # noqa: PLR0917 - one line a case
    source: Source, tmp_path: Path, following: Following, out: str, most: int, says: str
) -> None:
    with pytest.raises((Malformed, Misconfigured), match=says):
        picture_file(source, following, tmp_path / out, most)
    assert not (tmp_path / out).exists()
