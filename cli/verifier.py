"""``passport request``: bank X opens an application and prints the request for a wallet."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answering import JsonOption, for_people, show
from cli.world import WorldOption, find_world
from outbound import JsonInterface
from passport.errors import Malformed
from passport.strict_json import as_object, get_array


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
        f"Result:  {opened.get('result_url')}",
        "Next:    passport wallet present REQUEST, then passport result RESULT",
    ]
    show(opened, as_json=as_json, lines=lines)


@for_people
def result(
    url: Annotated[str, typer.Argument(help="The result's address that `passport request` printed.")],
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """What bank X decided, and why; waits up to ten seconds. What was shown can be read once."""
    found = find_world(world)
    base = found.file.bank_x.url.rstrip("/")
    if not url.startswith(f"{base}/v1/results/"):
        raise Malformed(f"expected a result's address of bank X: {base}/v1/results/…")
    said = JsonInterface(base, "", who="bank X").get(url.removeprefix(base))
    steps = [as_object(step) for step in get_array(said, "steps")]
    lines = [
        f"Status:  {said.get('status')}   (the person hears: {said.get('person_hears', 'nothing yet')})",
        f"Reasons: {', '.join(str(one) for one in get_array(said, 'reasons')) or 'none'}",
        *[f"  {step.get('step')}: {step.get('answer')}" for step in steps],
    ]
    show(said, as_json=as_json, lines=lines)
