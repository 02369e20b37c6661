"""``passport``: a person's wallet, a bank's officer, bank X and the police, from one command line.

Every command is loaded here, which takes a second; ``cli.__main__`` is what a person who cannot wait may stop.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, Protocol, runtime_checkable

import typer

from cli.answering import tell
from cli.bank import offer
from cli.bank_tasks import bank
from cli.graph import graph
from cli.police import notice
from cli.printing import in_both, prepare_streams, write_error
from cli.verifier import request, result
from cli.verifier_reviews import reviews, settle
from cli.wallet import wallet
from cli.wallet_errors import ABORTED_EN, ABORTED_ZH, usage_in_chinese

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The digital financial passport. Start a world with `make up`, then try: passport offer --customer lin "
    "--credential proof-of-funds",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"passport {version('financial-passport')}")
        raise typer.Exit


@app.callback()
def program(
    *,
    tell_version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The digital financial passport."""


app.command()(offer)
app.command()(request)
app.command()(result)
app.command()(reviews)
app.command()(settle)
app.add_typer(bank, name="bank")
app.add_typer(graph, name="graph")
app.add_typer(notice, name="notice")
app.add_typer(wallet, name="wallet")


@runtime_checkable
class _UsageError(Protocol):
    """What typer raises for a wrong option; its classes have no public name."""

    exit_code: int

    def format_message(self) -> str:
        """What was wrong."""


def run(arguments: list[str]) -> int:
    """Run a command as its reader needs it told. The exit code."""
    prepare_streams()
    if "--json" in arguments:
        return run_for_scripts(arguments)
    if arguments[:1] == ["wallet"]:
        return run_for_owners(arguments)
    app(arguments)
    return 0


def run_for_owners(arguments: list[str]) -> int:
    """Run a command of the wallet; a wrong option is told in both languages. The exit code."""
    try:
        code = app(arguments, standalone_mode=False)
    except typer.Abort:
        if sys.stderr is not None and sys.stderr.isatty():
            # The question was left in the middle of its line.
            write_error("")
        write_error(f"passport: {in_both(ABORTED_EN, ABORTED_ZH)}")
        return 1
    except Exception as error:
        if not isinstance(error, _UsageError):
            raise
        told = error.format_message()
        if told:
            command = getattr(getattr(error, "ctx", None), "command_path", "passport wallet")
            write_error(f"passport: {in_both(told, usage_in_chinese(error, command))}")
        return error.exit_code
    return code if isinstance(code, int) else 0


def run_for_scripts(arguments: list[str]) -> int:
    """Run a command that was given ``--json``; a wrong option ends in a JSON document too. The exit code."""
    try:
        # Without the standalone mode an exit comes back as a value, and a usage error as an exception.
        code = app(arguments, standalone_mode=False)
    except typer.Abort:
        tell("aborted", ABORTED_EN, as_json=True)
        return 1
    except Exception as error:
        if not isinstance(error, _UsageError):
            raise
        tell("usage", error.format_message(), as_json=True)
        return error.exit_code
    return code if isinstance(code, int) else 0
