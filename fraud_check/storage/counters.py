"""Durable counters per caller and day, and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import AlarmRow, CounterRow
from fraud_check.storage.writes import Write, alone
from service.database import Database


@dataclass(frozen=True, slots=True)
class Budget:
    """What a caller may use of something on a day."""

    caller: str
    action: str
    day: str
    limit: int


def spend(database: Database, budget: Budget, count: int) -> bool:
    """Use ``count`` of the budget, durably; False, and nothing used, if there is not so much left."""

    def work(session: Session) -> bool:
        alone(session, "hub_counter")
        row = session.get(CounterRow, (budget.caller, budget.action, budget.day))
        if row is None:
            row = CounterRow(caller=budget.caller, action=budget.action, day=budget.day, used=0)
        if row.used + count > budget.limit:
            return False
        row.used += count
        session.add(row)
        return True

    return database.write(work)


def writes_alarm(caller: str, kind: str, at: datetime) -> Write:
    """Keeps an alarm."""

    def work(session: Session) -> None:
        alone(session, "hub_alarm")
        last = session.exec(select(func.max(AlarmRow.n))).one() or 0
        session.add(AlarmRow(n=last + 1, at_us=microseconds(at), caller=caller, kind=kind))

    return work
