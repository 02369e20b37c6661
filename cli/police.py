"""``passport notice …``: what the police tell the hub of a running sandbox: seven kinds of notice, and whose an account is."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from cli.answering import JsonOption, for_people, show
from cli.bank import CustomerOption
from cli.world import WorldOption, find_world
from passport.errors import Malformed

if TYPE_CHECKING:
    from sandbox.police import Police, Told

_TAIPEI: Final = ZoneInfo("Asia/Taipei")

notice = typer.Typer(
    no_args_is_help=True,
    help="The police: list an account, extend or release that, and the other notices that the hub takes.",
)

ElsewhereOption = Annotated[
    bool, typer.Option("--elsewhere", help="The person's account at another bank: bank A's becomes derived.")
]


class Form(StrEnum):
    """How a listing comes."""

    DOCUMENT = "document"
    PHONE = "phone"
    FAX = "fax"


@notice.command()
@for_people
def warn(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    form: Annotated[
        Form,
        typer.Option("--form", help="By phone or fax first; the document follows within five business days."),
    ] = Form.DOCUMENT,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """List an account, for two years; every proof drawn on it is refused from now on."""
    from passport.fraud import NoticeForm  # noqa: PLC0415 - as the sandbox

    told = _police(world).warn(customer, elsewhere=elsewhere, form=NoticeForm(form.value))
    same = _same(customer, elsewhere=elsewhere)
    lines = [f"Listed under case {told.case}. Release it with: passport notice lift {same}"]
    if form is not Form.DOCUMENT:
        lines.append(f"The document is due within five business days: passport notice document {same}")
    _show(told, lines, as_json=as_json)


@notice.command()
@for_people
def lift(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Release it. Accounts at other banks stay derived until their bank says that the cause is gone."""
    told = _police(world).lift(customer, elsewhere=elsewhere)
    lines = [f"Released: case {told.case}."]
    if elsewhere:
        lines.append(
            f"Bank A's account stays restricted until it says: passport bank cause-gone --customer {customer}"
        )
    _show(told, lines, as_json=as_json)


@notice.command()
@for_people
def extend(
    customer: CustomerOption,
    until: Annotated[
        str, typer.Option("--until", help="The first day on which it holds no more, YYYY-MM-DD.")
    ],
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Extend a listing: once, before it lapses, and by at most a year after that."""
    told = _police(world).extend(customer, _start_of(until), elsewhere=elsewhere)
    _show(told, [f"Extended until {until}, 00:00 in Taipei: case {told.case}."], as_json=as_json)


@notice.command()
@for_people
def document(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """The paper of a listing by phone or fax has arrived; without it the bank must ask, and lifts nothing."""
    told = _police(world).document(customer, elsewhere=elsewhere)
    _show(told, [f"The document of case {told.case} is with the hub."], as_json=as_json)


@notice.command()
@for_people
def impersonated(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """The account was opened in this person's name by somebody else: closed, and its proofs revoked, for good."""
    told = _police(world).impersonated(customer, elsewhere=elsewhere)
    _show(told, [f"Closed for good: case {told.case}. Nothing takes this back."], as_json=as_json)


@notice.command()
@for_people
def admonish(customer: CustomerOption, as_json: JsonOption = False, world: WorldOption = None) -> None:
    """Admonish the person for five years, at every bank; a repeat adds five years after the first."""
    told = _police(world).admonish(customer)
    lines = [f"Admonished: case {told.case}. Every proof of this person asks for an officer from now on."]
    _show(told, lines, as_json=as_json)


@notice.command()
@for_people
def earmark(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Hold money just reported as defrauded: for 48 hours, unless a warning confirms it."""
    told = _police(world).earmark(customer, elsewhere=elsewhere)
    same = _same(customer, elsewhere=elsewhere)
    lines = [f"Held for 48 hours: case {told.case}. Confirm it with: passport notice warn {same}"]
    _show(told, lines, as_json=as_json)


@notice.command()
@for_people
def holder(
    customer: CustomerOption,
    elsewhere: ElsewhereOption = False,
    denied: Annotated[
        bool, typer.Option("--not", help="The person does not hold it, whatever a bank says.")
    ] = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Say whose an account is, where banks differ: it counts for every bank. No notice, and it lists nobody."""
    _police(world).holder(customer, elsewhere=elsewhere, holds=not denied)
    said = "does not hold" if denied else "holds"
    show(
        {"kind": "holder", "customer": customer, "holds": not denied},
        as_json=as_json,
        lines=[f"The hub knows from the police that {customer} {said} the account."],
    )


def _police(world: WorldOption) -> Police:
    # Imported late: these commands alone need the whole sandbox.
    from sandbox.police import open_police  # noqa: PLC0415

    return open_police(find_world(world).path.parent)


def _same(customer: str, *, elsewhere: bool) -> str:
    return f"--customer {customer}{' --elsewhere' if elsewhere else ''}"


def _start_of(day: str) -> datetime:
    """The first moment of a day in Taipei.

    Raises:
        Malformed: it is none.
    """
    try:
        return datetime.combine(date.fromisoformat(day), time(), _TAIPEI)
    except ValueError as error:
        raise Malformed(f"expected --until as a day of the calendar, YYYY-MM-DD, got {day!r}") from error


def _show(told: Told, lines: list[str], *, as_json: bool) -> None:
    show(told.to_object(), as_json=as_json, lines=lines)
