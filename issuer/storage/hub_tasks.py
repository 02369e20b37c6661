"""Tasks that the hub's stream gave to a person, until an officer answers them.

As with kept alerts, what is stored are the hub's tokens and no customer: whose they are is looked up when somebody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from issuer.acts import Act
from issuer.ports import BankAlert
from issuer.storage.acts import record
from issuer.storage.tables import HubTaskRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from passport.fraud import AlertKind
from service.database import Database


@dataclass(frozen=True, slots=True)
class HubTask:
    """One task: the alert's number, what it is about, and who linked."""

    number: int
    kind: AlertKind
    notice: str
    about: str
    account: str
    linked_by: str
    noted_at: datetime


class HubTasks:
    """The store; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, alerts: Sequence[BankAlert], at: datetime) -> None:
        """Keep them as tasks; one that is there already stays as it is, answered or not."""

        def work(session: Session) -> None:
            for one in alerts:
                if session.get(HubTaskRow, one.number) is None:
                    session.add(
                        HubTaskRow(
                            number=one.number,
                            kind=one.kind,
                            notice=one.notice,
                            about=one.about,
                            account=one.account,
                            linked_by=one.linked_by,
                            noted_at=to_epoch(at),
                        )
                    )

        if alerts:
            self._database.write(work)

    def open(self) -> tuple[HubTask, ...]:
        """What nobody has answered, oldest first."""
        query = select(HubTaskRow).where(HubTaskRow.settled_at == 0).order_by(col(HubTaskRow.number))
        with self._database.read() as session:
            return tuple(_task(row) for row in session.exec(query).all())

    def get(self, number: int) -> HubTask:
        """One that waits.

        Raises:
            Rejected: NOT_FOUND, there is no such task, or it was answered.
        """
        with self._database.read() as session:
            return _task(_waiting(session, number))

    def settle(self, number: int, answer: str, act: Act) -> None:
        """Answer it, with the act in the record.

        Raises:
            Rejected: NOT_FOUND, as ``get``.
        """

        def work(session: Session) -> None:
            row = _waiting(session, number)
            row.answer, row.settled_by, row.settled_at = answer, act.caller.id, to_epoch(act.at)
            session.add(row)
            record(session, act)

        self._database.write(work)


def _waiting(session: Session, number: int) -> HubTaskRow:
    row = session.get(HubTaskRow, number)
    if row is None or row.settled_at:
        raise Rejected(Reason.NOT_FOUND, "expected the number of a task that waits")
    return row


def _task(row: HubTaskRow) -> HubTask:
    return HubTask(
        row.number,
        AlertKind(row.kind),
        row.notice,
        row.about,
        row.account,
        row.linked_by,
        from_epoch(row.noted_at),
    )
