"""Customers' sessions, wrong tries and spent one-time codes; each method is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from issuer.storage.tables import SessionRow, SignInRow
from passport.clock import to_epoch
from service.database import Database

MAX_WRONG_TRIES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=5)


class SessionStore:
    """Sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def may_try(self, customer: str, now: datetime) -> bool:
        """Count a try of signing in before its secrets are looked at; False while the customer is locked.

        Counting first closes the race in which many tries are checked at once.
        """

        def work(session: Session) -> bool:
            row = session.get(SignInRow, customer, with_for_update=True) or SignInRow(customer=customer)
            if row.locked_until > to_epoch(now):
                return False
            row.wrong_tries += 1
            if row.wrong_tries >= MAX_WRONG_TRIES:
                row.wrong_tries = 0
                row.locked_until = to_epoch(now + LOCKED_FOR)
            session.add(row)
            return True

        return self._database.write(work)

    def open(self, customer: str, *, step: int, token_hash: bytes, expires_at: datetime) -> bool:
        """Open a session and spend the one-time code's time step; False when that step was spent."""

        def work(session: Session) -> bool:
            row = session.get(SignInRow, customer, with_for_update=True) or SignInRow(customer=customer)
            if step <= row.last_step:
                return False
            row.last_step = step
            row.wrong_tries = 0
            row.locked_until = 0
            session.add(row)
            session.add(SessionRow(token_hash=token_hash, customer=customer, expires_at=to_epoch(expires_at)))
            return True

        return self._database.write(work)

    def customer_of(self, token_hash: bytes, now: datetime) -> str | None:
        """Whose session it is, or None."""
        with self._database.read() as session:
            row = session.get(SessionRow, token_hash)
            return row.customer if row is not None and row.expires_at > to_epoch(now) else None
