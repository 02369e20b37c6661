"""``passport request``: bank X opens an application and prints the request for a wallet."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answering import JsonOption, for_people, show
from cli.world import WorldOption, find_world
from outbound import JsonInterface


@for_people
def request(
    policy: Annotated[str, typer.Option("--policy", help="Which policy decides.")] = "account-opening",
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Open an application at bank X; prints a presentation request and where its result will be."""
    found = find_world(world)
    party = found.file.bank_x
    opened = JsonInterface(party.url, found.secret_of(party, "bank X's officer"), who="bank X").post(
        "/v1/applications", {"policy": policy}
    )
    lines = [
        f"Request: {opened.get('request')}",
        f"Result:  {opened.get('result_url')}   (the officer's: curl it; what was shown is in it once)",
        "Next:    passport wallet present REQUEST",
    ]
    show(opened, as_json=as_json, lines=lines)
