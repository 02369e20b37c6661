"""An officer answers what the hub asked: does our customer hold the warned account that another bank says is theirs?

Nothing is suspended by the question. An answer that the customer does hold it goes to the hub, which derives the customer's
accounts here; that comes back by the stream and suspends, like every derived status.
"""

from __future__ import annotations

from enum import StrEnum

from issuer.acts import Act, ActKind, Caller
from issuer.codes import Codes
from issuer.ports import AlertStream, CoreBanking, FraudCheck
from issuer.storage.hub_tasks import HubTask, HubTasks
from passport.clock import Clock
from passport.errors import Reason, Rejected
from passport.fraud import AlertKind
from service.reasons import Why


class TaskAnswer(StrEnum):
    """What the officer found; a claim alone can be confirmed or denied."""

    HOLDS = "holds"
    DENIES = "denies"
    NOTED = "noted"


class AnswerTask:
    """The use case."""

    def __init__(
        self,
        *,
        tasks: HubTasks,
        stream: AlertStream,
        fraud_check: FraudCheck,
        bank: CoreBanking,
        codes: Codes,
        clock: Clock,
    ) -> None:
        self._tasks = tasks
        self._stream = stream
        self._fraud_check = fraud_check
        self._bank = bank
        self._codes = codes
        self._clock = clock

    def waiting(self) -> tuple[tuple[HubTask, str | None], ...]:
        """What waits, oldest first, each with the customer whom it is about as far as the bank knows by now."""
        return tuple((one, self._stream.customer_of(one.about)) for one in self._tasks.open())

    def __call__(self, number: int, answer: TaskAnswer, officer_id: str, why: Why) -> HubTask:
        """Settle a task; the hub hears of a claim's answer first, so that where it cannot, the task still waits.

        Raises:
            Rejected: NOT_FOUND; CONFLICT, no claim to confirm or deny, or the hub has it otherwise. Unavailable: no hub.
        """
        task = self._tasks.get(number)
        caller = Caller.officer(self._bank.officer(officer_id))
        if answer is not TaskAnswer.NOTED:
            if task.kind is not AlertKind.HOLDER_CLAIMED:
                raise Rejected(Reason.CONFLICT, "expected a claim: there is nothing else to confirm or deny")
            self._fraud_check.confirm_holder(
                task.account, task.about, self._codes.new_id(), holds=answer is TaskAnswer.HOLDS
            )
        customer = self._stream.customer_of(task.about) or ""
        act = Act(ActKind.ANSWER_TASK, caller, why, self._clock.now(), customer, f"{answer}:{task.notice}")
        self._tasks.settle(number, answer, act)
        return task
