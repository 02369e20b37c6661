"""The record of acts: written in the transaction of the act itself, and never changed (the tables refuse it)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from issuer.acts import Act, ActKind, Caller, RecordedAct
from issuer.storage.tables import ActRow
from passport.clock import from_epoch, to_epoch
from service.database import Database
from service.reasons import Why


def record(session: Session, act: Act, changed: int = 0) -> None:
    """Add an act to the record, within the transaction that does it."""
    session.add(
        ActRow(
            at=to_epoch(act.at),
            kind=act.kind,
            caller=act.caller.id,
            person=act.caller.person,
            customer=act.customer,
            about=act.about,
            reason=act.why.code,
            note=act.why.note,
            changed=changed,
        )
    )


class ActStore:
    """The record, for who reads it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, number: int, limit: int) -> tuple[RecordedAct, ...]:
        """The next acts, oldest first."""
        query = select(ActRow).where(col(ActRow.number) > number).order_by(col(ActRow.number)).limit(limit)
        with self._database.read() as session:
            return tuple(_act(row) for row in session.exec(query).all())


def _act(row: ActRow) -> RecordedAct:
    return RecordedAct(
        row.number or 0,
        Act(
            kind=ActKind(row.kind),
            caller=Caller(row.caller, row.person),
            why=Why.recorded(row.reason, row.note),
            at=from_epoch(row.at),
            customer=row.customer,
            about=row.about,
        ),
        row.changed,
    )
