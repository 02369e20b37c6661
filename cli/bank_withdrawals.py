"""``passport bank suspend``, ``reinstate``, ``revoke`` and ``cause-gone``: what officers take away and give back."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from cli.answering import JsonOption, counted, for_people, safe, show
from cli.bank import CustomerOption, NoteOption, OfficerOption, ReasonOption, bank, open_door
from cli.bank_words import FIRST, another, instant
from cli.world import WorldOption
from passport.errors import Malformed, Reason, Rejected
from passport.strict_json import JsonObject, get_integer, get_object, get_text

__all__ = ["bank"]


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
    until = [f"No offer is made to {safe(customer)} until:", f"    {_command('reinstate', customer)}"]
    if "already" in done:
        before = get_object(done, "already")
        since, by = instant(get_integer(before, "since")), safe(get_text(before, "by"))
        lines = [
            f"{safe(customer)} is already suspended since {since}, by {by or 'an officer'}. Nothing was done."
        ]
    else:
        lines = [f"Suspended: {counted(get_integer(done, 'suspended'), 'copy', 'copies')}."]
    show(done, as_json=as_json, lines=[*lines, *until])


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
        f"    passport bank approve {asked.get('revocation_id')} --officer {another(officer)}",
    ]
    if customer is not None:
        lines += ["Until then, to pause them at once:", f"    {_command('suspend', customer)}"]
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
    try:
        return open_door(world, officer).post(path, {"customer": customer, "reason": reason, "note": note})
    except Rejected as refusal:
        # The bank's answers name nobody, since they may reach a log; this screen belongs to who typed the name.
        raise Rejected(refusal.reason, str(refusal).replace("the customer", customer, 1)) from refusal


def _command(name: str, customer: str) -> str:
    """A command that runs as it stands; the reason is the officer's to say."""
    return f"passport bank {name} --customer {shlex.quote(safe(customer))} --reason WORD"
