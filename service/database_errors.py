"""What a failing database means for whoever asked: try again, nothing was done, or nobody knows.

A commit whose answer was lost is neither done nor undone for the one who asked. To say "nothing was done" then would be a
guess, and half of the time a wrong one; so it has a code of its own, OUTCOME_UNKNOWN.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from passport.errors import Reason, Unavailable

NOT_KNOWN: Final = (
    "it is not known whether this was done; look, or ask again: what counts once is never done twice"
)
_RETRY_SQLSTATES: Final = frozenset({"40001", "40P01"})
_LOST_CLASSES: Final = frozenset({"08", "57", "58", "XX"})
"""SQLSTATE classes in which the server says nothing of the transaction: connection, operator intervention, system errors."""


def passes(error: SQLAlchemyError) -> bool:
    """Whether the same work may well succeed when it is tried again: it collided, and was taken back."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _RETRY_SQLSTATES


def does_not_answer(error: SQLAlchemyError) -> bool:
    """A lost connection shows itself as any of these, depending on what was being done when it broke."""
    lost = OperationalError | DisconnectionError | PendingRollbackError | PoolTimeoutError
    return isinstance(error, lost) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def may_be_done(error: BaseException) -> bool:
    """Whether a commit that failed so may be on the disk all the same.

    SQLite says *full* or *busy* before it has written the commit; after an input or output error the log may hold it.
    PostgreSQL's own refusal has a code that says why; a connection that broke has none.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return getattr(origin, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR
    state = getattr(origin, "sqlstate", None)
    return state is None or state[:2] in _LOST_CLASSES


def closed() -> Unavailable:
    """Nothing is taken any more."""
    return Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the database is closed")


def busy() -> Unavailable:
    """Nothing was written."""
    return Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the database is busy or failing; try again")


def outcome_unknown() -> Unavailable:
    """Perhaps it was written."""
    return Unavailable(Reason.OUTCOME_UNKNOWN, f"the database was lost at the moment of writing; {NOT_KNOWN}")
