"""Customers' sessions, wrong tries and spent one-time codes, and how much they asked for; each method is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from issuer.storage.tables import AskedRow, SessionRow, SignInRow
from passport.clock import to_epoch
from service.database import Database

NOBODY: Final = ""
"""In whose name a try with a wrong password is counted; no customer's."""
MAX_WRONG_TRIES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=5)
MAX_ASKS: Final = 20
ASKED_WITHIN: Final = timedelta(hours=1)
_WRAP: Final = 1 << 20


class SessionStore:
    """Sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def may_try(self, customer: str, now: datetime) -> bool:
        """Count a try of signing in before its code is looked at; False while the customer is locked.

        Counting first closes the race in which many tries are checked at once. Whatever the try, something is written and
        synced, so that the time of an answer does not tell whether the password was right.
        """

        def work(session: Session) -> bool:
            door = session.get(SignInRow, NOBODY, with_for_update=True) or SignInRow(customer=NOBODY)
            door.wrong_tries = (door.wrong_tries + 1) % _WRAP
            session.add(door)
            if customer == NOBODY:
                return False
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

    def may_ask(self, customer: str, now: datetime) -> bool:
        """Count a customer's wish for an offer, before anything is done about it; False when there were too many."""

        def work(session: Session) -> bool:
            row = session.get(AskedRow, customer, with_for_update=True) or AskedRow(customer=customer)
            if to_epoch(now) >= row.since + int(ASKED_WITHIN.total_seconds()):
                row.since, row.asked = to_epoch(now), 0
            if row.asked >= MAX_ASKS:
                return False
            row.asked += 1
            session.add(row)
            return True

        return self._database.write(work)

    def customer_of(self, token_hash: bytes, now: datetime) -> str | None:
        """Whose session it is, or None."""
        with self._database.read() as session:
            row = session.get(SessionRow, token_hash)
            return row.customer if row is not None and row.expires_at > to_epoch(now) else None
