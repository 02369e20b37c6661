"""``passport bank tasks`` and ``answer-task``: what a person reads, and what goes to the bank."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from typer.testing import CliRunner

import cli.bank_tasks
from cli.bank_tasks import bank


@dataclass
class Door:
    """The bank's front door, as one of its people has it."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str | None, str, Any]] = field(default_factory=list)
    officer: str | None = None

    def get(self, path: str) -> dict[str, Any]:
        self.calls.append((self.officer, path, None))
        return {"tasks": self.tasks}

    def post(self, path: str, body: Any) -> dict[str, Any]:
        self.calls.append((self.officer, path, body))
        return {"task": 7, "answer": body["answer"]}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()

    def opened(_world: object, officer: str | None = None) -> Door:
        made.officer = officer
        return made

    monkeypatch.setattr(cli.bank_tasks, "open_door", opened)
    return made


def run(*words: str) -> tuple[int, str]:
    ended = CliRunner().invoke(bank, list(words))
    return ended.exit_code, ended.output


def test_tasks_say_what_is_asked_of_whom_and_how_to_answer(door: Door) -> None:
    assert run("tasks") == (0, "The hub asks nothing.\n")
    claim = {
        "task": 7, "kind": "holder_claimed", "customer": "lin", "notice": "warn-165-1", "linked_by": "did:ethr:0x1:0xcc",
        "noted_at": 1,
    }  # fmt: skip
    door.tasks = [claim, {**claim, "task": 8, "kind": "holder_changed", "customer": None, "linked_by": None}]
    code, said = run("tasks")
    assert code == 0
    assert "7  lin: another bank says that this customer holds a warned account" in said
    assert "said by did:ethr:0x1:0xcc" in said
    for answer in ("holds", "denies"):
        assert f"    passport bank answer-task 7 --answer {answer} --reason WORD\n" in said
    assert "8  nobody who banks here by now: another holder was named" in said
    assert "passport bank answer-task 8 --answer noted" in said
    assert json.loads(run("tasks", "--json")[1]) == {"tasks": door.tasks}


def test_an_answer_goes_to_the_bank_in_the_officers_name(door: Door) -> None:
    words = ("answer-task", "7", "--answer", "denies", "--reason", "unknown", "--officer", "officer-2")
    assert run(*words) == (0, "Task 7 is answered: denies. The hub knows.\n")
    body = {"answer": "denies", "reason": "unknown", "note": ""}
    assert door.calls == [("officer-2", "/v1/operator/tasks/7/answer", body)]
    assert json.loads(run(*words, "--json")[1]) == {"task": 7, "answer": "denies"}


@pytest.mark.parametrize(
    "words", [("7", "--answer", "maybe", "--reason", "x"), ("0", "--answer", "noted", "--reason", "x"), ("7", "--answer", "noted")]
)  # fmt: skip
def test_an_answer_that_is_none_is_wrong_usage(door: Door, words: tuple[str, ...]) -> None:
    assert run("answer-task", *words)[0] == 2
    assert door.calls == []
