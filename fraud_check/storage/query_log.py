"""The query log: who asked what and what class came, each line chained to the one before by a hash.

``link = SHA-256(previous link ‖ 0 ‖ canonical line)``: changing, removing or reordering a line breaks every link after
it, and whoever kept one link can tell. Subjects are hashes of tokens and handles, never those.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlmodel import Session, col, select

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import QueryRow
from fraud_check.storage.writes import Write, alone
from passport.errors import Reason, Rejected
from passport.strict_json import canonical
from service.database import Database

START: Final = "0" * 64
REFUSED: Final = "not_authorised"
"""The answer of a question about accounts that are not the asker's."""
TRACE: Final = "trace"
"""The action of a walk; other members ask about a bank's accounts only so, or are refused."""
HOLDER: Final = "holder"
"""The action of saying whose an account of another bank is."""

_LAST: Final = text("SELECT n, link FROM hub_query ORDER BY n DESC LIMIT 1")
_APPEND: Final = text(
    "INSERT INTO hub_query (n, at_us, caller, action, about, subject, answer, link)"
    " VALUES (:n, :at_us, :caller, :action, :about, :subject, :answer, :link)"
)


@dataclass(frozen=True, slots=True)
class QueryLine:
    """One query, before it has its place. ``about`` is the bank whose accounts it concerns, or empty."""

    at: datetime
    caller: str
    action: str
    about: str
    subject: str
    answer: str


def subject_of(*parts: str) -> str:
    """What stands in the log for tokens or a handle."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _link(previous: str, row: QueryRow) -> str:
    line = canonical(
        {
            "n": row.n,
            "at_us": str(row.at_us),
            "caller": row.caller,
            "action": row.action,
            "about": row.about,
            "subject": row.subject,
            "answer": row.answer,
        }
    )
    return hashlib.sha256(previous.encode() + b"\0" + line).hexdigest()


def writes_query(line: QueryLine) -> Write:
    """Write the line after the last one."""

    def write(session: Session) -> None:
        _append(session, line)

    return write


def _append(session: Session, line: QueryLine) -> None:
    alone(session, "hub_query")
    connection = session.connection()
    last = connection.execute(_LAST).first()
    row = QueryRow(
        n=1 if last is None else last.n + 1,
        at_us=microseconds(line.at),
        caller=line.caller,
        action=line.action,
        about=line.about,
        subject=line.subject,
        answer=line.answer,
        link="",
    )
    row.link = _link(START if last is None else last.link, row)
    connection.execute(_APPEND, row.model_dump())


def check_queries(database: Database) -> int:
    """Walk the whole chain; how many lines hold.

    Raises:
        Rejected: CONFLICT, naming the first line that does not.
    """
    previous, count = START, 0
    with database.read() as session:
        for row in session.exec(select(QueryRow).order_by(col(QueryRow.n))):
            count += 1
            if row.n != count or row.link != _link(previous, row):
                raise Rejected(Reason.CONFLICT, f"query log: expected line {count} as it was written")
            previous = row.link
    return count


def queries_about(database: Database, bank: str, since: datetime, until: datetime) -> list[QueryLine]:
    """The lines about one bank's accounts in a span of time, in order."""
    span = (col(QueryRow.at_us) >= microseconds(since), col(QueryRow.at_us) < microseconds(until))
    with database.read() as session:
        rows = session.exec(select(QueryRow).where(QueryRow.about == bank, *span).order_by(col(QueryRow.n)))
        return [
            QueryLine(
                since + timedelta(microseconds=row.at_us - microseconds(since)),
                row.caller,
                row.action,
                row.about,
                row.subject,
                row.answer,
            )
            for row in rows
        ]
