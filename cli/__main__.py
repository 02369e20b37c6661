"""``passport``: a person's wallet, a bank's officer, bank X and the police, from one command line."""

from __future__ import annotations

import typer

from cli.bank import bank, offer
from cli.graph import graph
from cli.police import notice
from cli.verifier import request, result
from cli.wallet import wallet

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The digital financial passport. Start a world with `make up`, then try: passport offer --customer lin "
    "--credential proof-of-funds",
)
app.command()(offer)
app.command()(request)
app.command()(result)
app.add_typer(bank, name="bank")
app.add_typer(graph, name="graph")
app.add_typer(notice, name="notice")
app.add_typer(wallet, name="wallet")


def main() -> None:
    """The program's entry."""
    app()


if __name__ == "__main__":
    main()
