"""``passport request``: bank X opens an application and prints the request for a wallet."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answering import JsonOption, for_people, show
from cli.reason_words import reason_words
from cli.verifier_words import disclosed_lines
from cli.world import WorldOption, find_world
from outbound import JsonInterface
from passport.errors import Malformed
from passport.strict_json import JsonObject, as_object, get_array, get_object


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
    """What bank X decided, and why; waits up to ten seconds. What was shown can be read once, of a review until settled."""
    found = find_world(world)
    base = found.file.bank_x.url.rstrip("/")
    if not url.startswith(f"{base}/v1/results/"):
        raise Malformed(f"expected a result's address of bank X: {base}/v1/results/…")
    said = JsonInterface(base, "", who="bank X").get(url.removeprefix(base))
    lines = result_lines(said)
    show(said, as_json=as_json, lines=lines, once=lines)


def result_lines(said: JsonObject) -> list[str]:
    """What bank X decided, for its officer; what the wallet showed stands here the one time that it is told."""
    notes = ", ".join(str(one) for one in get_array(said, "notes"))
    steps = [as_object(step) for step in get_array(said, "steps")]
    lines = [
        f"Status:  {said.get('status')}   (the person hears: {said.get('person_hears', 'nothing yet')})",
        f"Reasons: {', '.join(str(one) for one in get_array(said, 'reasons')) or 'none'}",
        *[f"  {' / '.join(reason_words(str(one)))}" for one in get_array(said, "reasons")],
        *([f"Notes:   {notes}"] if notes else []),
        *[f"  {step.get('step')}: {step.get('answer')}" for step in steps],
    ]
    if isinstance(said.get("settlement"), dict):
        settled = get_object(said, "settlement")
        lines.append(f"Settled by officers: {settled.get('decision')} at {settled.get('settled_at')}")
    elif said.get("status") == "review":
        lines.append(f"A person decides: passport reviews {said.get('application')}")
    return [*lines, *disclosed_lines(said)]
