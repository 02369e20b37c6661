"""The analyst's commands: what they print, where, and what a script can see."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.graph import graph

RUN = CliRunner()


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    """A payer with two receivers, one of which pays on."""
    (tmp_path / "t.csv").write_text("src,dst,time,amount\na,shop,10,100\na,b,11,100\nshop,c,20,90\n")
    (tmp_path / "s.csv").write_text("account,time\na,0\n")
    (tmp_path / "stop.csv").write_text("account\nshop\n")
    return ["--transfers", str(tmp_path / "t.csv"), "--seeds", str(tmp_path / "s.csv")]


def spread(asked: list[str], out: Path, *more: str) -> list[str]:
    return ["spread", *asked, "--max-hops", "3", "--out", str(out), *more]


def test_stop_set_is_told_to_spread_account_and_picture(asked: list[str], tmp_path: Path) -> None:
    stop = ["--stop", str(tmp_path / "stop.csv")]
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--json", *stop))
    assert json.loads(said.stdout)["accounts"] == 3
    assert "out of reach" in RUN.invoke(graph, ["account", "c", *asked, *stop]).stdout
    said = RUN.invoke(graph, ["picture", *asked, "--out", str(tmp_path / "o.html"), "--json", *stop])
    assert json.loads(said.stdout)["bands"] == 2


def test_truncated_answer_is_said_on_standard_error_and_in_the_document(
    asked: list[str], tmp_path: Path
) -> None:
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--max-fanout", "0", "--json"))
    assert (said.exit_code, json.loads(said.stdout)["truncated"]) == (0, "max_fanout")
    assert "truncated by max_fanout" in said.stderr
    said = RUN.invoke(graph, ["account", "c", *asked, "--max-fanout", "0"])
    assert "not found" in said.stdout
    assert "truncated by max_fanout" in said.stderr
    said = RUN.invoke(graph, ["account", "c", *asked, "--max-fanout", "0", "--json"])
    assert json.loads(said.stdout)["truncated"] == "max_fanout"


def test_whole_answer_says_nothing_on_standard_error(asked: list[str], tmp_path: Path) -> None:
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--max-fanout", "2", "--json"))
    assert (json.loads(said.stdout)["truncated"], said.stderr) == (None, "")


def test_end_of_a_walk_has_the_same_name_everywhere(asked: list[str], tmp_path: Path) -> None:
    assert RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--end", "20")).exit_code == 0
    for name in ("--end", "--as-of"):
        assert "hop 2 from a" in RUN.invoke(graph, ["account", "c", *asked, name, "20"]).stdout
        assert "out of reach" in RUN.invoke(graph, ["account", "c", *asked, name, "19"]).stdout


def test_share_is_told_to_spread_account_and_picture(asked: list[str], tmp_path: Path) -> None:
    share = ["--min-share", "50.01"]
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--json", *share))
    assert json.loads(said.stdout)["accounts"] == 1
    assert "out of reach" in RUN.invoke(graph, ["account", "c", *asked, *share]).stdout
    said = RUN.invoke(graph, ["picture", *asked, "--out", str(tmp_path / "o.html"), "--json", *share])
    assert json.loads(said.stdout)["bands"] == 0
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--min-share", "half"))
    assert (said.exit_code, "a percentage" in said.stderr) == (2, True)


def test_no_name_in_a_file_reaches_the_terminal_as_a_command(asked: list[str], tmp_path: Path) -> None:
    name = "b\x1b[2J\x9b2J\u202e"
    (tmp_path / "t.csv").write_text(f"src,dst,time,amount\na,{name},10,100\n")
    said = RUN.invoke(graph, ["account", name, *asked])
    assert (said.exit_code, said.stdout.splitlines()[0]) == (0, "b[2J2J: hop 1 from a, 100 received")
    assert not set(said.output) & set("\x1b\x9b\u202e")
    said = RUN.invoke(graph, ["account", name, *asked, "--json"])
    assert not set(said.output) & set("\x1b\x9b\u202e")
    assert json.loads(said.stdout)["account"] == name
    (tmp_path / "t.csv").write_text("src,\x1b[2J,\x9b2J\n")
    for more in ([], ["--json"]):
        said = RUN.invoke(graph, ["account", "a", *asked, *more])
        assert (said.exit_code, not set(said.output) & set("\x1b\x9b")) == (2, True)


def test_names_that_a_spreadsheet_would_run_are_said(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("src,dst,time,amount\na,=cmd|' /C calc'!A0,10,100\n")
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--json"))
    assert (said.exit_code, json.loads(said.stdout)["formulas"]) == (0, 1)
    assert "in 1 row a spreadsheet program would take an account's name for a formula" in said.stderr


def test_what_amounts_are_is_said_with_every_answer(asked: list[str], tmp_path: Path) -> None:
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv"))
    assert "must not be added up over accounts or hops; the seeds paid out 200" in said.stdout
    document = json.loads(RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--json")).stdout)
    assert (document["method"], document["paid_out"], document["held"]) == ("poison", 200, None)
    assert "counted whole" in RUN.invoke(graph, ["account", "c", *asked]).stdout
    document = json.loads(RUN.invoke(graph, ["account", "c", *asked, "--json"]).stdout)
    assert document["traced"] == {"lifo": 90, "fifo": 90, "haircut": 90}
    picture = ["picture", *asked, "--out", str(tmp_path / "o.html")]
    assert "last in, first out (Fraud Act, Art. 53)" in RUN.invoke(graph, picture).stdout
    document = json.loads(RUN.invoke(graph, [*picture, "--json"]).stdout)
    assert (document["method"], document["paid_out"], document["held"]) == ("lifo", 200, 200)
    document = json.loads(RUN.invoke(graph, [*picture, "--json", "--method", "poison"]).stdout)
    assert document["method"] == "poison"


@pytest.mark.parametrize("method", ["lifo", "fifo", "haircut"])
def test_a_method_is_told_to_spread(asked: list[str], tmp_path: Path, method: str) -> None:
    out = tmp_path / "o.csv"
    document = json.loads(RUN.invoke(graph, spread(asked, out, "--method", method, "--json")).stdout)
    assert (document["method"], document["paid_out"], document["held"], document["left"]) == (
        method,
        200,
        200,
        0,
    )
    assert out.read_text().startswith("account,hop,arrival,earliest,amount,held,by_lifo,")


def test_a_method_that_there_is_not_or_that_cannot_be_is_refused(asked: list[str], tmp_path: Path) -> None:
    for more in (
        ["--method", "FIFO2"],
        ["--method", "lifo", "--direction", "backward"],
        ["--method", "lifo", "--dwell", "5"],
    ):
        said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", *more))
        assert (said.exit_code, "method" in said.stderr) == (2, True)
    assert not (tmp_path / "o.csv").exists()


def test_what_was_not_looked_at_is_said_on_standard_error_and_in_the_document(
    asked: list[str], tmp_path: Path
) -> None:
    (tmp_path / "s.csv").write_text("account,time\nA,0\n")
    for command in (
        spread(asked, tmp_path / "o.csv"),
        ["account", "c", *asked],
        ["picture", *asked, "--out", str(tmp_path / "o.html")],
    ):
        said = RUN.invoke(graph, command)
        assert (said.exit_code, "`A` is not in the transfers, `a` is" in said.stderr) == (0, True), command
        document = json.loads(RUN.invoke(graph, [*command, "--json"]).stdout)
        assert (document["looked_at"]["seeds_given"], document["looked_at"]["seeds_seen"]) == (1, 0)
        assert (document["looked_at"]["rows_read"], document["looked_at"]["rows_in_window"]) == (3, 3)
        assert len(document["notes"]) == 1
    patterns = ["patterns", *asked[:2], "--window", "9", "--start", "999", "--out", str(tmp_path / "p.csv")]
    said = RUN.invoke(graph, [*patterns, "--json", "--size", "2"])
    assert "none of the 3 transfers lies from 999 until the end" in said.stderr
    assert json.loads(said.stdout)["looked_at"]["rows_in_window"] == 0


def test_a_list_of_seeds_without_a_row_is_refused(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("account,time\n")
    for command in (
        spread(asked, tmp_path / "o.csv"),
        ["account", "c", *asked],
        ["picture", *asked, "--out", str(tmp_path / "o.html")],
    ):
        said = RUN.invoke(graph, command)
        assert (said.exit_code, "expected at least one account" in said.stderr) == (2, True)


def test_amounts_and_times_as_a_bank_exports_them(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "src,dst,time,amount\na,b,2026-01-05 09:00:00,10000.50\nb,c,2026-01-05 09:00:01,9999.99\n"
    )
    options = ["--amount-unit", "TWD", "--timezone", "Asia/Taipei", "--min-amount", "10000", "--json"]
    document = json.loads(RUN.invoke(graph, spread(asked, tmp_path / "o.csv", *options)).stdout)
    assert (document["amount_unit"], document["layers"]) == ("TWD", [[1, 0, "0.00"], [1, 1, "10000.50"]])
    assert document["paid_out"] == "10000.50"
    assert "b,1,2026-01-05 09:00:00,2026-01-05 09:00:00,10000.50" in (tmp_path / "o.csv").read_text()
    for without in (options[2:], [*options[:2], *options[4:]]):
        assert RUN.invoke(graph, spread(asked, tmp_path / "o.csv", *without)).exit_code == 2
    said = RUN.invoke(graph, ["account", "b", *asked, *options[:-1], "--as-of", "2026-01-05 09:00:00"])
    assert "b: hop 1 from a, 10,000.50 received" in said.stdout


def test_a_csv_for_a_spreadsheet_has_its_mark_and_says_what_it_shortens(
    asked: list[str], tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("src,dst,time,amount\na,00123,10,100\n")
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv", "--bom"))
    assert (tmp_path / "o.csv").read_bytes().startswith(b"\xef\xbb\xbfaccount,")
    assert "in 1 row a spreadsheet program would take an account's name for a number" in said.stderr
    assert RUN.invoke(graph, spread(asked, tmp_path / "o.csv")).stderr == ""


def no_answer(asked: list[str], folder: Path, reason: str, *more: str) -> None:
    """See that what a person reads of each command says itself that nothing was looked at."""
    for command in (
        spread(asked, folder / "o.csv", *more),
        ["picture", *asked, "--out", str(folder / "o.html"), *more],
    ):
        said = RUN.invoke(graph, command)
        assert (said.exit_code, said.stdout.splitlines()[0]) == (0, f"NO ANSWER: {reason}"), command
        assert json.loads(RUN.invoke(graph, [*command, "--json"]).stdout)["nothing_looked_at"] == reason
    said = RUN.invoke(graph, ["account", "c", *asked, *more])
    assert said.stdout.startswith(f"c: nothing can be said, {reason}\n  looked at: ")
    assert "out of reach" not in said.stdout


def test_no_line_reads_as_an_all_clear_where_nothing_was_looked_at(asked: list[str], tmp_path: Path) -> None:
    early = "of 3 transfers none is in the window: nothing was looked at"
    no_answer(asked, tmp_path, early, "--end", "9")
    small = "no transfer in the window is between two accounts and of the least amount: nothing was followed"
    no_answer(asked, tmp_path, small, "--min-amount", "101")
    (tmp_path / "s.csv").write_text("account,time\na,11\n")
    no_answer(
        asked, tmp_path, "no listed account has a transfer to follow from its time: nothing was followed"
    )
    (tmp_path / "s.csv").write_text("account,time\n0a,0\n")
    no_answer(asked, tmp_path, "none of the listed accounts is in the transfers: nothing was looked at")
    # What a picture is shown to see neither standard output nor standard error.
    page = (tmp_path / "o.html").read_text(encoding="utf-8")
    assert "none of the listed accounts is in the transfers: nothing was looked at" in page
    assert json.dumps("名單上的帳戶均未出現於交易中，未查任何資料")[1:-1] in page
    assert "`0a` is not in the transfers, `a` is" in page
    assert "No money moved as asked" not in page


def test_shapes_of_a_file_without_a_row_are_no_answer(asked: list[str], tmp_path: Path) -> None:
    patterns = ["patterns", *asked[:2], "--window", "9", "--size", "2", "--out", str(tmp_path / "p.csv")]
    said = RUN.invoke(graph, patterns)
    assert said.stdout.startswith("fan_out: ")
    assert "looked at: 3 transfers, 3 in the window\n" in said.stdout
    (tmp_path / "t.csv").write_text("src,dst,time,amount\n")
    said = RUN.invoke(graph, patterns)
    assert said.stdout.startswith("NO ANSWER: the file of transfers has no row: nothing was looked at\n")


def test_every_answer_says_what_it_looked_at_and_one_is_one(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("src,dst,time,amount\na,b,10,100\nx,y,10,100\n")
    looked = (
        "looked at: 2 transfers, 2 in the window; 1 account listed, 1 of them in the transfers, 1 from which "
        "something was followed"
    )
    for command in (
        ["spread", *asked, "--max-hops", "1", "--out", str(tmp_path / "o.csv")],
        ["account", "b", *asked, "--max-hops", "1"],
        ["account", "y", *asked, "--max-hops", "1"],
        ["picture", *asked, "--max-hops", "1", "--out", str(tmp_path / "o.html")],
    ):
        said = RUN.invoke(graph, command)
        assert looked in said.stdout, command
        assert "NO ANSWER" not in said.stdout
        assert not re.search(r"\b1 (accounts|transfers|hops|bands)\b", said.stdout), said.stdout
    assert (
        "out of reach within 1 hop\n" in RUN.invoke(graph, ["account", "y", *asked, "--max-hops", "1"]).stdout
    )
    assert "at most 1 hop;" in (tmp_path / "o.html").read_text(encoding="utf-8")


def test_which_seeds_no_transfer_names_is_said(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("account,time\na,0\nq9,0\n")
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv"))
    assert "1 seed is named by no transfer, of 2 ('q9')" in said.stderr
    (tmp_path / "s.csv").write_text("account,time\na,0\n" + "".join(f"q{one},0\n" for one in range(5)))
    said = RUN.invoke(graph, spread(asked, tmp_path / "o.csv"))
    assert "5 seeds are named by no transfer, of 6 ('q0', 'q1', 'q2', …)" in said.stderr
