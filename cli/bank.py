"""``passport offer`` and ``passport bank …``: bank A's operator and officers, over the bank's own front door.

Each officer acts with a token of their own (``--officer``), so that who acts is who called; the operator's shared token
offers and reads, and takes nothing away (``bank_withdrawals``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

import typer

from cli.answering import JsonOption, counted, for_people, safe, show
from cli.bank_words import SECOND, act_lines, another, customer_lines, queue_lines, revocation_lines
from cli.world import WorldOption, find_world
from outbound import JsonInterface
from passport.errors import Malformed
from passport.strict_json import JsonValue, as_object, get_array, get_integer, get_text

bank = typer.Typer(
    no_args_is_help=True,
    help="The bank's people: customers, the queue, approvals, suspensions, revocations, and who did what.",
)

CustomerOption = Annotated[str, typer.Option("--customer", help="The customer's short name, such as lin.")]
OfficerOption = Annotated[str, typer.Option("--officer", help="Who acts, with their own token.")]
ReasonOption = Annotated[
    str,
    typer.Option("--reason", help="Why, in a word or two by which the bank counts its reasons; recorded."),
]
NoteOption = Annotated[str, typer.Option("--note", help="Why, in words; recorded.")]


def open_door(world: WorldOption, officer: str | None = None) -> JsonInterface:
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
    made = open_door(world, officer).post("/v1/operator/offers", wanted)
    if made.get("state") == "waiting":
        lines = [
            f"The offer waits for an officer: passport bank approve {made.get('offer_id')} --officer {another(officer)}",
            "Why it waits, and how many must agree: passport bank queue",
        ]
    else:
        lines = [
            f"Offer:            {made.get('offer')}",
            f"Transaction code: {made.get('tx_code')}   (give it to the customer by another channel)",
            "Next:             passport wallet accept OFFER --tx-code CODE",
        ]
    show(made, as_json=as_json, lines=lines, once=lines)


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
def customers(as_json: JsonOption = False, world: WorldOption = None) -> None:
    """Everybody who banks here, with restrictions and copies of credentials."""
    said = open_door(world).get("/v1/operator/customers")
    lines = [line for one in get_array(said, "customers") for line in customer_lines(as_object(one))]
    show(said, as_json=as_json, lines=lines or ["This bank has no customers."])


@bank.command()
@for_people
def credentials(customer: CustomerOption, as_json: JsonOption = False, world: WorldOption = None) -> None:
    """Every copy that a customer was issued."""
    said = open_door(world).get(f"/v1/operator/credentials?{urlencode({'customer': customer})}")
    lines = [
        f"{get_text(one, 'credential_id')}  {get_text(one, 'configuration')}, copy {get_integer(one, 'copy') + 1}: "
        f"{get_text(one, 'status')}"
        for one in map(as_object, get_array(said, "credentials"))
    ]
    show(said, as_json=as_json, lines=lines or [f"{safe(customer)} was issued nothing."])


@bank.command()
@for_people
def queue(as_json: JsonOption = False, world: WorldOption = None) -> None:
    """What waits for a person: offers with amounts and what the hub said, and revocations."""
    door = open_door(world)
    waiting = {**door.get("/v1/operator/queue"), **door.get("/v1/operator/revocations")}
    lines = [line for one in get_array(waiting, "queue") for line in queue_lines(as_object(one))]
    lines += [line for one in get_array(waiting, "revocations") for line in revocation_lines(as_object(one))]
    show(waiting, as_json=as_json, lines=lines or ["Nothing waits."])


WaitingId = Annotated[str, typer.Argument(help="The id that the queue shows.")]


def _path(door: JsonInterface, waiting_id: str) -> str:
    """Where what waits under this id is settled: an offer, unless it is a revocation."""
    if not waiting_id.isalnum():
        raise Malformed("expected an id as `passport bank queue` shows it")
    waiting = get_array(door.get("/v1/operator/revocations"), "revocations")
    ours = {get_text(as_object(one), "revocation_id") for one in waiting}
    return f"/v1/operator/{'revocations' if waiting_id in ours else 'queue'}/{waiting_id}"


@bank.command()
@for_people
def approve(
    waiting_id: WaitingId,
    officer: OfficerOption = SECOND,
    reason: ReasonOption = "agreed",
    note: NoteOption = "",
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Agree to an offer or a revocation that waits, as another person than who asked for it."""
    door = open_door(world, officer)
    path = _path(door, waiting_id)
    made = door.post(f"{path}/approve", {"officer": officer, "reason": reason, "note": note})
    if "revoked" in made:
        lines = [f"Revoked for good: {counted(get_integer(made, 'revoked'), 'copy', 'copies')}."]
    elif "offer" in made:
        lines = [f"Offer: {made.get('offer')}", f"Transaction code: {made.get('tx_code')}"]
    elif made.get("state") == "waiting":
        lines = [
            "Agreed; it waits for one more officer:",
            f"    passport bank approve {waiting_id} --officer {another(officer)}",
        ]
    else:
        lines = ["Agreed; the customer collects it in their own session."]
    show(made, as_json=as_json, lines=lines, once=lines)


@bank.command()
@for_people
def decline(
    waiting_id: WaitingId,
    reason: ReasonOption,
    note: NoteOption = "",
    officer: OfficerOption = SECOND,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """End an offer, or a request to revoke, that waits."""
    door = open_door(world, officer)
    path = _path(door, waiting_id)
    done = door.post(f"{path}/decline", {"officer": officer, "reason": reason, "note": note})
    ended = "nothing is revoked" if "/revocations/" in path else "no credential is offered"
    show(done, as_json=as_json, lines=[f"Declined: {ended}."])


@bank.command()
@for_people
def acts(
    after: Annotated[int, typer.Option("--after", min=0, help="Only acts numbered above this.")] = 0,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """The record of who did what to whom, and why: the whole of it, for whoever reads it later."""
    door = open_door(world)
    found: list[JsonValue] = []
    while True:
        said = door.get(f"/v1/operator/acts?after={after}")
        page = get_array(said, "acts")
        found += page
        after = get_integer(said, "next")
        if not page:
            break
    lines = [line for one in found for line in act_lines(as_object(one))]
    show({"acts": found, "next": after}, as_json=as_json, lines=lines or ["Nothing was done yet."])
