"""``passport offer`` and ``passport bank …``: bank A's operator and officers, over the bank's own front door.

Each officer acts with a token of their own (``--officer``), so that who acts is who called; the operator's shared token
offers and reads, and takes nothing away.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

import typer

from cli.answering import JsonOption, counted, for_people, safe, show
from cli.bank_words import act_lines, customer_lines, queue_lines, revocation_lines
from cli.world import WorldOption, find_world
from outbound import JsonInterface
from passport.errors import Malformed, Reason, Rejected
from passport.strict_json import JsonObject, JsonValue, as_object, get_array, get_integer, get_text

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
FIRST, SECOND = "officer-1", "officer-2"


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
            f"The offer waits for an officer: passport bank approve {made.get('offer_id')}",
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
        lines = ["Agreed; it waits for one more officer."]
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
    show(done, as_json=as_json, lines=[f"Declined; it is {get_text(done, 'state')} now."])


@bank.command()
@for_people
def suspend(
    customer: CustomerOption,
    reason: ReasonOption,
    note: NoteOption = "",
    officer: OfficerOption = FIRST,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Suspend a customer's proofs at once, and make no offer, until an officer reinstates."""
    done = _act(world, officer, "/v1/operator/credentials/suspend", customer, reason, note)
    count = counted(get_integer(done, "suspended"), "copy", "copies")
    lines = [
        f"Suspended: {count}. No offer is made to {safe(customer)} until: passport bank reinstate --customer {safe(customer)}"
    ]
    show(done, as_json=as_json, lines=lines)


@bank.command()
@for_people
def reinstate(
    customer: CustomerOption,
    reason: ReasonOption,
    note: NoteOption = "",
    officer: OfficerOption = FIRST,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """End an officer's suspension; not while the police or another bank's case holds."""
    done = _act(world, officer, "/v1/operator/credentials/reinstate", customer, reason, note)
    count = get_integer(done, "reinstated")
    show(done, as_json=as_json, lines=[f"{counted(count, 'copy is', 'copies are')} valid again."])


@bank.command()
@for_people
def revoke(
    reason: ReasonOption,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Whose credentials, all of them.")
    ] = None,
    credential: Annotated[
        str | None, typer.Option("--credential", help="One copy, by the id that `bank credentials` shows.")
    ] = None,
    note: NoteOption = "",
    officer: OfficerOption = FIRST,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Ask for a revocation, which is for good; it takes effect when another officer approves it."""
    if (customer is None) == (credential is None):
        raise Malformed("expected either --customer or --credential")
    door = open_door(world, officer)
    what = f"every credential of {safe(customer)}" if customer is not None else "this one copy"
    if not yes:
        _confirm(f"Revoke {what}, for good, once another officer agrees?")
    about = {"customer": customer} if customer is not None else {"credential_id": credential}
    asked = door.post("/v1/operator/credentials/revoke", {**about, "reason": reason, "note": note})
    lines = [
        "Nothing is revoked yet. Another officer agrees, or does not:",
        f"    passport bank approve {asked.get('revocation_id')} --officer {SECOND if officer != SECOND else FIRST}",
        "Until then, to pause them at once: passport bank suspend",
    ]
    show(asked, as_json=as_json, lines=lines)


@bank.command("cause-gone")
@for_people
def cause_gone(
    customer: CustomerOption,
    reason: ReasonOption,
    note: NoteOption = "",
    officer: OfficerOption = FIRST,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Say that the cause of a derived restriction is gone."""
    done = _act(world, officer, "/v1/operator/cause-gone", customer, reason, note)
    count = get_integer(done, "reinstated")
    show(
        done,
        as_json=as_json,
        lines=[
            f"Told the hub that the cause is gone; {counted(count, 'copy is', 'copies are')} valid again."
        ],
    )


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


def _confirm(question: str) -> None:
    """Ask whether this is meant.

    Raises:
        Rejected: CONSENT_NEEDED, it is not, or nobody is there to answer.
    """
    try:
        meant = typer.confirm(question, err=True)
    except typer.Abort:
        meant = False
    if not meant:
        raise Rejected(Reason.CONSENT_NEEDED, "nothing was done: expected a yes, or --yes")


def _act(world: WorldOption, officer: str, path: str, customer: str, reason: str, note: str) -> JsonObject:
    return open_door(world, officer).post(path, {"customer": customer, "reason": reason, "note": note})
