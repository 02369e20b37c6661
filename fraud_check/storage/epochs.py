"""Token epochs as rows: number, public key and time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from fraud_check.storage.tables import EpochRow
from service.database import Database


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """An epoch as it was published; times are whole seconds."""

    epoch: int
    public_key: str
    since: int
    until: int | None = None


def epoch_records(database: Database) -> list[EpochRecord]:
    """Every epoch, oldest first."""
    with database.read() as session:
        rows = session.exec(select(EpochRow).order_by(col(EpochRow.epoch)))
        return [EpochRecord(row.epoch, row.public_key, row.since, row.until) for row in rows]


def add_epoch(database: Database, record: EpochRecord) -> None:
    """Keep a new epoch."""

    def work(session: Session) -> None:
        session.add(
            EpochRow(epoch=record.epoch, public_key=record.public_key, since=record.since, until=record.until)
        )

    database.write(work)
