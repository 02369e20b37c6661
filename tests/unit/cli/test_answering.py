"""How a command that cannot go on ends: with what to do, and with a document where one was asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from cli.answering import JsonOption, for_people

RUN = CliRunner()
WITHOUT_THE_ENGINE = """
import sys
sys.modules["fraud_check.engine._engine"] = None
sys.argv = ["passport", *sys.argv[1:]]
from cli.__main__ import main
main()
"""


def passport(*arguments: str, program: tuple[str, ...] = ("-m", "cli")) -> tuple[int, str, str]:
    """The command in a process of its own: exit code, standard output, standard error."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *program, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def ending_in(error: Exception) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    @for_people
    def fail(*, as_json: JsonOption = False) -> None:  # noqa: ARG001 - read by the wall around it
        raise error

    return app


def test_missing_extension_is_told_with_what_to_do_and_is_no_fault_to_report() -> None:
    asked = ("graph", "patterns", "--transfers", "t.csv", "--window", "60", "--out", "o.csv")
    code, _, said = passport(*asked, program=("-c", WITHOUT_THE_ENGINE))
    assert (code, "make env" in said, "report" in said) == (2, True, False)


def test_import_of_what_an_older_extension_lacks_is_told_with_what_to_do() -> None:
    error = ImportError("cannot import name 'Finding'", name="fraud_check.engine._engine")
    result = RUN.invoke(ending_in(error), [])
    assert result.exit_code == 2
    assert "make env" in result.stderr


@pytest.mark.parametrize("error", [ImportError("no such thing", name="something.else"), KeyError("x")])
def test_fault_of_ours_is_a_document_for_a_script_and_a_sentence_for_a_person(error: Exception) -> None:
    result = RUN.invoke(ending_in(error), ["--json"])
    said = json.loads(result.stdout)
    assert (result.exit_code, said["error"]) == (70, "unexpected")
    assert type(error).__name__ in said["error_description"]
    result = RUN.invoke(ending_in(error), [])
    assert (result.exit_code, result.stdout) == (70, "")
    assert "Please report" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("offer", "--json"), "--customer"),
        (("offer", "--json", "--customr", "lin"), "--customr"),
        (("graph", "picture", "--most", "many", "--json"), "--most"),
        (("nowhere", "--json"), "nowhere"),
    ],
)
def test_wrong_usage_is_a_document_for_a_script(arguments: tuple[str, ...], named: str) -> None:
    code, out, _ = passport(*arguments)
    said = json.loads(out)
    assert (code, said["error"]) == (2, "usage")
    assert named in said["error_description"]


def test_wrong_usage_is_a_sentence_for_a_person() -> None:
    code, out, said = passport("offer")
    assert (code, out) == (2, "")
    assert "--customer" in said
