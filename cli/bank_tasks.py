"""``passport bank tasks`` and ``answer-task``: what the hub asked a person at bank A to look at."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.answering import JsonOption, for_people, safe, show
from cli.bank import NoteOption, OfficerOption, ReasonOption, open_door
from cli.bank_withdrawals import bank
from cli.bank_words import FIRST
from cli.world import WorldOption
from passport.strict_json import JsonObject, as_object, get_array, get_integer, get_text

__all__ = ["bank"]

_WORDS = {
    "holder_claimed": "another bank says that this customer holds a warned account there: is it so?",
    "holder_changed": "another holder was named while a restriction rests on the old or the new one",
    "holder_unclear": "the police, or another bank, name another holder of an account than this bank did",
}


class Answer(StrEnum):
    """What the officer found."""

    HOLDS = "holds"
    DENIES = "denies"
    NOTED = "noted"


@bank.command()
@for_people
def tasks(as_json: JsonOption = False, world: WorldOption = None) -> None:
    """What the fraud hub asks a person to look at; nothing is suspended by the question."""
    said = open_door(world).get("/v1/operator/tasks")
    lines = [line for one in get_array(said, "tasks") for line in _lines(as_object(one))]
    show(said, as_json=as_json, lines=lines or ["The hub asks nothing."])


@bank.command("answer-task")
@for_people
def answer_task(
    task: Annotated[int, typer.Argument(min=1, help="The number that `passport bank tasks` shows.")],
    answer: Annotated[Answer, typer.Option("--answer", help="What was found; of a claim: holds or denies.")],
    reason: ReasonOption,
    note: NoteOption = "",
    officer: OfficerOption = FIRST,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Answer it. `holds` restricts the customer's accounts at this bank, and only the police can correct it."""
    body = {"answer": answer.value, "reason": reason, "note": note}
    done = open_door(world, officer).post(f"/v1/operator/tasks/{task}/answer", body)
    told = "" if answer is Answer.NOTED else " The hub knows."
    show(done, as_json=as_json, lines=[f"Task {task} is answered: {answer.value}.{told}"])


def _lines(one: JsonObject) -> list[str]:
    number, kind = get_integer(one, "task"), get_text(one, "kind")
    customer = one.get("customer") or "nobody who banks here by now"
    answers = ("holds", "denies") if kind == "holder_claimed" else ("noted",)
    lines = [
        f"{number}  {safe(str(customer))}: {_WORDS.get(kind, safe(kind))}",
        f"    notice {safe(get_text(one, 'notice'))}",
    ]
    linked_by = one.get("linked_by")
    if linked_by:
        lines.append(f"    said by {safe(str(linked_by))}")
    return lines + [f"    passport bank answer-task {number} --answer {one} --reason WORD" for one in answers]
