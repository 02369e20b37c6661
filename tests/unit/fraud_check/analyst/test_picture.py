"""The picture: boxes by hop, bands that add up, and a file that needs no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from fraud_check.analyst import Following, Source, picture_file
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
        ("a", "1 others"): (30, 1),
        ("b", "d"): (42, 2),
        ("1 others", "d"): (7, 1),
    }


def test_the_file_needs_no_network_and_is_whole(source: Source, tmp_path: Path) -> None:
    bands(source, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<script src=" not in page
    assert page.rstrip().endswith("</html>")
    assert "warning accounts" in page


def test_a_hostile_name_stays_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("src,dst,time,amount\na,</script><script>alert(1)</script>,10,100\n")
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    picture_file(Source(tmp_path / "t.csv", tmp_path / "s.csv"), Following(), tmp_path / "out.html")
    assert "<script>alert" not in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("following", "out", "most", "says"),
    [
        (Following(direction=Direction.BACKWARD), "out.html", 5, "forward question"),
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
