"""Members' alert streams: appended once, read by number. A member's stream is everybody's alerts and its own, in order.

Since rows are only appended, a number never moves; a bank that joins later finds the whole history under the same
numbers. The stream *is* what each bank knew when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import AlertRow
from passport.strict_json import JsonObject, as_object, dumps, loads


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert before it is numbered, addressed and signed; no recipient means every member."""

    recipient: str | None
    content: JsonObject


def append_alerts(session: Session, drafts: Sequence[AlertDraft], at: datetime) -> None:
    """Write alerts after the last one."""
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


def read_alerts(session: Session, member: str, *, after: int, limit: int) -> tuple[list[JsonObject], int]:
    """The contents numbered after ``after``, oldest first, and the newest number there is."""
    mine = or_(col(AlertRow.recipient).is_(None), col(AlertRow.recipient) == member)
    newest = session.exec(select(func.count()).select_from(AlertRow).where(mine)).one()
    rows = session.exec(
        select(AlertRow.body).where(mine).order_by(col(AlertRow.seq)).offset(after).limit(limit)
    )
    return [as_object(loads(body)) for body in rows], newest


def known_to(session: Session, member: str, *, at: datetime) -> int:
    """The last number that was in a member's stream at ``at``: "what did bank B know at 10:02?"."""
    mine = or_(col(AlertRow.recipient).is_(None), col(AlertRow.recipient) == member)
    return session.exec(
        select(func.count())
        .select_from(AlertRow)
        .where(mine, col(AlertRow.recorded_at_us) <= microseconds(at))
    ).one()
