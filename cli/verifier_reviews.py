"""``passport reviews`` and ``passport settle``: bank X's officers, each with a token of their own."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answering import JsonOption, counted, for_people, safe, show
from cli.bank_words import another, instant
from cli.reason_words import heard_words, step_words, why_a_person_decides
from cli.verifier_words import disclosed_lines
from cli.world import WorldOption, find_world
from outbound import JsonInterface
from passport.errors import Malformed
from passport.strict_json import (
    JsonObject,
    JsonValue,
    as_object,
    get_array,
    get_integer,
    get_object,
    get_text,
)

OfficerOption = Annotated[
    str, typer.Option("--officer", help="Which officer of bank X, with their own token.")
]
_IN_AN_ID = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def _door(world: WorldOption, officer: str) -> JsonInterface:
    found = find_world(world)
    party = found.file.bank_x
    return JsonInterface(party.url, found.secret_of_officer(party, officer), who="bank X")


def _checked(application: str) -> str:
    if not application or not set(application) <= set(_IN_AN_ID):
        raise Malformed("expected an application's id as `passport reviews` shows it")
    return application


@for_people
def reviews(
    application: Annotated[
        str | None, typer.Argument(help="One application's id: shows what the wallet showed, too.")
    ] = None,
    acts: Annotated[bool, typer.Option("--acts", help="The record of what officers said, instead.")] = False,
    officer: OfficerOption = "officer-1",
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """What waits at bank X for a person: why, since when, and who said what so far."""
    door = _door(world, officer)
    if acts:
        _acts(door, as_json=as_json)
    elif application is not None:
        one = door.get(f"/v1/reviews/{_checked(application)}")
        show(one, as_json=as_json, lines=[*_review_lines(one), *disclosed_lines(one)])
    else:
        said = door.get("/v1/reviews")
        lines = [line for one in get_array(said, "reviews") for line in _review_lines(as_object(one))]
        if said.get("more") is True:
            lines.append("More wait than are shown: settle the oldest first.")
        show(said, as_json=as_json, lines=lines or ["Nothing waits for a person."])


def _acts(door: JsonInterface, *, as_json: bool) -> None:
    found: list[JsonValue] = []
    after = 0
    while page := get_array(said := door.get(f"/v1/reviews/acts?after={after}"), "acts"):
        found += page
        after = get_integer(said, "next")
    lines = [
        f"{get_integer(one, 'number')}  {get_text(one, 'application')}  {_said(one)}"
        for one in map(as_object, found)
    ]
    show({"acts": found, "next": after}, as_json=as_json, lines=lines or ["Nothing was said yet."])


def _review_lines(one: JsonObject) -> list[str]:
    needed = counted(get_integer(one, "officers_needed"), "officer", "officers")
    amount = one.get("amount_usd_minor")
    lines = [
        f"{get_text(one, 'application')}  {get_text(one, 'policy')}  {safe(get_text(one, 'reference'))}".rstrip(),
        f"    {get_text(one, 'state')}; the person hears: {heard_words(get_text(one, 'person_hears'))}; checked at "
        f"{get_text(one, 'decided_at')}; opening takes {needed}"
        + (f" (stated: USD {amount // 100:,})" if isinstance(amount, int) else ""),
        *[f"    {why}" for why in why_a_person_decides(map(str, get_array(one, "reasons")))],
        *[
            f"        {step_words(get_text(step, 'step'), get_text(step, 'answer'))}"
            for step in map(as_object, get_array(one, "steps"))
        ],
        *[f"    said: {_said(as_object(vote))}" for vote in get_array(one, "said")],
    ]
    if get_text(one, "state") == "settled":
        return [*lines, f"    settled: {heard_words(get_text(get_object(one, 'settlement'), 'decision'))}"]
    application, spoke = (
        get_text(one, "application"),
        (get_text(as_object(it), "officer") for it in get_array(one, "said")),
    )
    if one.get("can_be_opened") is not True:
        lines.append("    what was shown is gone: it can only end without an account")
        return [*lines, _ways_to_settle(application, another(*spoke))[1]]
    return [*lines, *_ways_to_settle(application, another(*spoke))]


def _ways_to_settle(application: str, officer: str) -> list[str]:
    return [
        f"    passport settle {application} {way} --reason WORD --officer {officer}"
        for way in ("--opened", "--not-opened")
    ]


def _said(vote: JsonObject) -> str:
    note = get_text(vote, "note")
    return (
        f"{instant(get_integer(vote, 'at'))}  {safe(get_text(vote, 'officer'))} ({safe(get_text(vote, 'person'))}): "
        f"{heard_words(get_text(vote, 'decision'))}, {safe(get_text(vote, 'reason'))}"
        + (f": {safe(note)}" if note else "")
    )


@for_people
def settle(
    application: Annotated[str, typer.Argument(help="The application's id that `passport reviews` shows.")],
    opened: Annotated[
        bool, typer.Option("--opened/--not-opened", help="Whether the account is opened.", show_default=False)
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a word or two; recorded and signed.")],
    note: Annotated[str, typer.Option("--note", help="Why, in words; recorded.")] = "",
    officer: OfficerOption = "officer-1",
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Say, as an officer of bank X, how a review ends; above a limit another person must agree."""
    decision = "opened" if opened else "not_opened"
    door = _door(world, officer)
    path = f"/v1/reviews/{_checked(application)}"
    before = _spoken_before(door.get(path), officer, decision)
    said = door.post(f"{path}/settle", {"decision": decision, "reason": reason, "note": note})
    heard = heard_words(get_text(said, "person_hears"))
    if get_text(said, "state") != "settled":
        lines = [
            f"You have said so before, {before}. Another person must agree, or end it:"
            if before
            else "Noted; another person must agree, or end it:",
            *_ways_to_settle(application, another(officer)),
        ]
    elif before:
        lines = [f"Already settled {_last_word(said)}; the person hears: {heard}. Nothing was done."]
    else:
        lines = [f"Settled; the person hears: {heard}. What was shown is gone."]
    show(said, as_json=as_json, lines=lines)


def _spoken_before(review: JsonObject, officer: str, decision: str) -> str:
    """When this officer said this before, or nothing: the bank answers the same again and does nothing."""
    votes = map(as_object, get_array(review, "said"))
    mine = [one for one in votes if (one.get("officer"), one.get("decision")) == (officer, decision)]
    return f"at {instant(get_integer(mine[-1], 'at'))}" if mine else ""


def _last_word(review: JsonObject) -> str:
    """When it was settled, and by whom: the last who spoke."""
    last = as_object(get_array(review, "said")[-1])
    return f"at {instant(get_integer(last, 'at'))}, by {safe(get_text(last, 'officer'))}"
