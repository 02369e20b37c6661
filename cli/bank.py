"""``passport offer`` and ``passport bank …``: bank A's operator and officer, over the bank's own front door."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from cli.answering import JsonOption, counted, for_people, show
from cli.world import WorldOption, find_world
from outbound import JsonInterface
from passport.errors import Malformed
from passport.strict_json import JsonObject, as_object, get_array, get_integer, get_text

bank = typer.Typer(no_args_is_help=True, help="The bank's officer: the queue, approvals, revocations.")

CustomerOption = Annotated[str, typer.Option("--customer", help="The customer's short name, such as lin.")]


def _door(world: WorldOption, officer: str | None = None) -> JsonInterface:
    """Bank A, as one of its officers or as its operator."""
    found = find_world(world)
    bank_a = found.file.bank_a
    token = (
        found.secret_of(bank_a, "bank A's operator")
        if officer is None
        else found.secret_of_officer(bank_a, officer)
    )
    return JsonInterface(bank_a.url, token, who="bank A")


@for_people
def offer(
    customer: CustomerOption,
    credential: Annotated[
        list[str], typer.Option("--credential", help="proof-of-funds or identity; may be repeated.")
    ],
    as_of: Annotated[str | None, typer.Option("--as-of", help="The statement's day, YYYY-MM-DD.")] = None,
    config: Annotated[
        str | None, typer.Option("--config", help="A credential configuration other than dc+sd-jwt.")
    ] = None,
    officer: Annotated[
        str | None, typer.Option("--officer", help="Which officer offers; without it, the bank's operator.")
    ] = None,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Make an offer at bank A for one of its customers."""
    wanted: dict[str, object] = {"customer": customer, "credentials": credential}
    if as_of:
        wanted["as_of"] = _day(as_of)
    if config:
        wanted["config"] = config
    made = _door(world, officer).post("/v1/operator/offers", wanted)
    if made.get("state") == "waiting":
        lines = [f"The offer waits for an officer: passport bank approve {made.get('offer_id')}"]
    else:
        lines = [
            f"Offer:            {made.get('offer')}",
            f"Transaction code: {made.get('tx_code')}   (give it to the customer by another channel)",
            "Next:             passport wallet accept OFFER --tx-code CODE",
        ]
    show(made, as_json=as_json, lines=lines)


def _day(text: str) -> str:
    """A day as the bank takes it.

    Raises:
        Malformed: it is none.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Malformed(f"expected --as-of as a day of the calendar, YYYY-MM-DD, got {text!r}") from error


@bank.command()
@for_people
def queue(as_json: JsonOption = False, world: WorldOption = None) -> None:
    """Offers that wait for a person."""
    waiting = _door(world).get("/v1/operator/queue")
    entries = waiting.get("queue")
    found = [as_object(entry) for entry in entries] if isinstance(entries, list) else []
    lines = [line for entry in found for line in _queue_lines(entry)] or ["Nothing waits."]
    show(waiting, as_json=as_json, lines=lines)


def _queue_lines(entry: JsonObject) -> list[str]:
    def joined(name: str) -> str:
        return ", ".join(str(one) for one in get_array(entry, name))

    missing = get_integer(entry, "approvals_needed") - len(get_array(entry, "approvals"))
    return [
        f"{get_text(entry, 'offer_id')}  {get_text(entry, 'customer')}: {joined('credentials')}",
        f"    waits because of {joined('reasons')}; approvals missing: {missing}",
        f"    passport bank approve {get_text(entry, 'offer_id')} --officer officer-2",
    ]


@bank.command()
@for_people
def approve(
    offer_id: Annotated[str, typer.Argument(help="The id that the queue shows.")],
    officer: Annotated[
        str,
        typer.Option("--officer", help="Who approves, with their own token; another than who asked."),
    ] = "officer-2",
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Approve an offer that waits."""
    made = _door(world, officer).post(f"/v1/operator/queue/{offer_id}/approve", {"officer": officer})
    show(
        made,
        as_json=as_json,
        lines=[f"Offer: {made.get('offer')}", f"Transaction code: {made.get('tx_code')}"],
    )


@bank.command()
@for_people
def revoke(
    customer: CustomerOption,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the bank's own record.")] = "closed",
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Revoke every credential of a customer, for good."""
    done = _door(world).post("/v1/operator/credentials/revoke", {"customer": customer, "reason": reason})
    count = get_integer(done, "revoked")
    show(done, as_json=as_json, lines=[f"Revoked for good: {counted(count, 'copy', 'copies')}."])


@bank.command("cause-gone")
@for_people
def cause_gone(customer: CustomerOption, as_json: JsonOption = False, world: WorldOption = None) -> None:
    """Say that the cause of a derived restriction is gone."""
    done = _door(world).post("/v1/operator/cause-gone", {"customer": customer})
    count = get_integer(done, "reinstated")
    show(
        done,
        as_json=as_json,
        lines=[
            f"Told the hub that the cause is gone; {counted(count, 'copy is', 'copies are')} valid again."
        ],
    )
