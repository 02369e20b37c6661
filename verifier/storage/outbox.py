"""The webhook's outbox: written with each settlement, emptied by the sender.

An event's body is dropped when it was delivered, and the event a day later. One that was never delivered stays for an
operator, or for a webhook that is set up later, for thirty days after its decision; the decision itself stays with its
application. The newest event always stays, since SQLite would give its number to another and receivers order by numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_
from sqlmodel import Session, col, select

from passport.clock import to_epoch
from service.database import Database
from verifier.ports import OutboxEvent
from verifier.storage.tables import ApplicationRow, WebhookEventRow

DELIVERED_KEPT: Final = timedelta(days=1)
UNDELIVERED_KEPT: Final = timedelta(days=30)
_BATCH = 32


class SqlOutbox:
    """``DueEvents`` over the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, *, now: datetime) -> Sequence[OutboxEvent]:
        """Events to send now, oldest first."""
        with self._database.read() as session:
            found = (
                select(WebhookEventRow)
                .where(
                    col(WebhookEventRow.delivered_at).is_(None),
                    col(WebhookEventRow.given_up).is_(False),
                    WebhookEventRow.next_attempt_at <= to_epoch(now),
                )
                .order_by(col(WebhookEventRow.seq))
                .limit(_BATCH)
            )
            return [
                OutboxEvent(seq=row.seq or 0, id=row.event_id, body=row.body, attempts=row.attempts)
                for row in session.exec(found).all()
            ]

    def delivered(self, seq: int, *, now: datetime) -> None:
        """Never send this one again."""

        def work(session: Session) -> None:
            row = session.get_one(WebhookEventRow, seq)
            row.delivered_at = to_epoch(now)
            row.body = ""
            row.attempts += 1
            session.add(row)

        self._database.write(work)

    def forget(self, *, now: datetime) -> int:
        """Drop what nobody needs any more; how many events."""

        def work(session: Session) -> int:
            newest = select(func.max(col(WebhookEventRow.seq))).scalar_subquery()
            delivered = col(WebhookEventRow.delivered_at) <= to_epoch(now - DELIVERED_KEPT)
            decided = select(ApplicationRow.id).where(
                col(ApplicationRow.decided_at) <= to_epoch(now - UNDELIVERED_KEPT)
            )
            undelivered = col(WebhookEventRow.delivered_at).is_(None) & col(
                WebhookEventRow.application_id
            ).in_(decided)
            found = session.connection().execute(
                delete(WebhookEventRow).where(col(WebhookEventRow.seq) < newest, or_(delivered, undelivered))
            )
            return found.rowcount

        return self._database.write(work)

    def failed(self, seq: int, *, retry_at: datetime | None) -> None:
        """Try again then, or never: a dead letter stays in the table for an operator."""

        def work(session: Session) -> None:
            row = session.get_one(WebhookEventRow, seq)
            row.attempts += 1
            row.given_up = retry_at is None
            row.next_attempt_at = row.next_attempt_at if retry_at is None else to_epoch(retry_at)
            session.add(row)

        self._database.write(work)
