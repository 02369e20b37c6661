"""A piece of writing, to be done in somebody's transaction: use cases put pieces together and never see a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import text
from sqlmodel import Session

Write: TypeAlias = Callable[[Session], None]


def together(*writes: Write) -> Write:
    """One piece that does all of them, in order: durable together or not at all."""

    def write(session: Session) -> None:
        for one in writes:
            one(session)

    return write


def alone(session: Session, table: str) -> None:
    """Let nobody else write to the table until this transaction ends: what follows depends on its last row.

    SQLite has one writer anyway; PostgreSQL is asked for a lock that readers do not feel.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
