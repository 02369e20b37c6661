"""Spent tokens of callers as rows, by the hash of caller and token name, until nobody could use them any more."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from service.database import Database

_SPEND: Final = text(
    "INSERT INTO hub_spent (name, until) VALUES (:name, :until) ON CONFLICT (name) DO NOTHING"
)
_ALIVE: Final = text("SELECT name, until FROM hub_spent WHERE until > :now ORDER BY until")
_FORGET: Final = text("DELETE FROM hub_spent WHERE until <= :now")


def spend_soon(database: Database, name: str, until: int) -> None:
    """Keep a spent token, no later than whatever is written after it; this call waits for nothing."""

    def work(session: Session) -> None:
        session.connection().execute(_SPEND, {"name": name, "until": until})

    database.write_soon(work)


def spent_tokens(database: Database, now: int) -> list[tuple[str, int]]:
    """The tokens that could still be used again, those first that end first."""
    with database.read() as session:
        return [(str(row.name), int(row.until)) for row in session.connection().execute(_ALIVE, {"now": now})]


def forget_spent(database: Database, now: int) -> None:
    """Drop the tokens that are too old to be used."""

    def work(session: Session) -> None:
        session.connection().execute(_FORGET, {"now": now})

    database.write(work)
