"""The analyst's commands: what they print, where, and what a script can see."""

from __future__ import annotations

import json
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
