"""What the hub asked a person here to look at: read by any of the staff, answered by officers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from issuer.http.access import agree
from issuer.http.operator_bodies import OfficerBody
from issuer.use_cases.answer_task import AnswerTask, TaskAnswer
from passport.clock import to_epoch
from service.officers import calling_officer

Caller = Annotated[str, Depends(calling_officer)]


class AnswerBody(OfficerBody):
    """What the officer found."""

    answer: TaskAnswer


def task_records(tasks: AnswerTask) -> APIRouter:
    """The router, for any of the staff."""
    router = APIRouter()

    @router.get("/tasks")
    def waiting() -> dict[str, object]:
        return {
            "tasks": [
                {
                    "task": task.number,
                    "kind": task.kind.value,
                    "customer": customer,
                    "notice": task.notice,
                    "linked_by": task.linked_by or None,
                    "noted_at": to_epoch(task.noted_at),
                }
                for task, customer in tasks.waiting()
            ]
        }

    return router


def task_answers(tasks: AnswerTask) -> APIRouter:
    """The router, for officers."""
    router = APIRouter()

    @router.post("/tasks/{number}/answer")
    def answer(number: int, body: AnswerBody, caller: Caller) -> dict[str, object]:
        agree(body.officer, caller)
        task = tasks(number, body.answer, caller, body.why)
        return {"task": task.number, "answer": body.answer.value}

    return router
