"""``passport notice …``: the police list a person's account, or release it, in a running sandbox."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answering import JsonOption, for_people, show
from cli.bank import CustomerOption
from cli.world import WorldOption, find_world

notice = typer.Typer(no_args_is_help=True, help="The police: list a person's account, or release it.")

ElsewhereOption = Annotated[
    bool, typer.Option("--elsewhere", help="The person's account at another bank: bank A's becomes derived.")
]


@notice.command()
@for_people
def warn(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """List an account; every proof drawn on it is refused from now on."""
    # Imported late: this command alone needs the whole sandbox.
    from sandbox.police import open_police  # noqa: PLC0415

    case = open_police(find_world(world).path.parent).warn(customer, elsewhere=elsewhere)
    same = f"--customer {customer}{' --elsewhere' if elsewhere else ''}"
    lines = [f"Listed under case {case}. Release it with: passport notice lift {same}"]
    show({"case": case, "kind": "warn"}, as_json=as_json, lines=lines)


@notice.command()
@for_people
def lift(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Release it. Accounts at other banks stay derived until their bank says that the cause is gone."""
    from sandbox.police import open_police  # noqa: PLC0415 - as above

    case = open_police(find_world(world).path.parent).lift(customer, elsewhere=elsewhere)
    lines = [f"Released: case {case}."]
    if elsewhere:
        lines.append(
            f"Bank A's account stays restricted until it says: passport bank cause-gone --customer {customer} --reason WORD"
        )
    show({"case": case, "kind": "lift"}, as_json=as_json, lines=lines)
