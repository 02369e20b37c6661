"""Members' alert streams: appended once, read by number. A member's stream is everybody's alerts and its own, in order.

Since rows are only appended, a number never moves; a bank that joins later finds the whole history under the same
numbers. The stream *is* what each bank knew when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import AlertRow
from fraud_check.storage.writes import Write
from passport.strict_json import JsonObject, as_object, dumps, loads
from service.database import Database


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert before it is numbered, addressed and signed; no recipient means every member."""

    recipient: str | None
    content: JsonObject


def writes_alerts(drafts: Sequence[AlertDraft], at: datetime) -> Write:
    """Write alerts after the last one."""

    def write(session: Session) -> None:
        last = session.exec(select(func.max(AlertRow.seq))).one() or 0
        for offset, draft in enumerate(drafts, start=1):
            session.add(
                AlertRow(
                    seq=last + offset,
                    recipient=draft.recipient,
                    body=dumps(draft.content).decode(),
                    recorded_at_us=microseconds(at),
                )
            )

    return write


def alerts_after(database: Database, member: str, after: int, limit: int) -> tuple[list[JsonObject], int]:
    """The contents numbered after ``after``, oldest first, and the newest number there is."""
    mine = _stream_of(member)
    with database.read() as session:
        newest = session.exec(select(func.count()).select_from(AlertRow).where(mine)).one()
        rows = session.exec(
            select(AlertRow.body).where(mine).order_by(col(AlertRow.seq)).offset(after).limit(limit)
        )
        return [as_object(loads(body)) for body in rows], newest


def known_to(database: Database, member: str, *, at: datetime) -> int:
    """The last number that was in a member's stream at ``at``: "what did bank B know at 10:02?"."""
    by_then = col(AlertRow.recorded_at_us) <= microseconds(at)
    with database.read() as session:
        return session.exec(
            select(func.count()).select_from(AlertRow).where(_stream_of(member), by_then)
        ).one()


def _stream_of(member: str) -> ColumnElement[bool]:
    return or_(col(AlertRow.recipient).is_(None), col(AlertRow.recipient) == member)
