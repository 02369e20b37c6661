"""Questions and handles on the fast path: plain SQL, prepared once, since a verifier waits for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from fraud_check.storage.writes import Write, alone
from passport.errors import Reason, Rejected
from passport.fraud import Token, read_token
from passport.strict_json import as_array, as_text, loads
from service.database import Database

_KNOWN: Final = text(
    "SELECT question, verdict FROM hub_question WHERE question = :question OR key_binding = :key_binding"
)
_BY_HASH: Final = text("SELECT verdict FROM hub_question WHERE question = :question")
_RECORD: Final = text(
    "INSERT INTO hub_question (question, asker, key_binding, verdict, recorded_at_us)"
    " VALUES (:question, :asker, :key_binding, :verdict, :recorded_at_us)"
)
_HANDLE: Final = text(
    "SELECT r.issuer, r.accounts, r.expires_at FROM hub_handle h"
    " JOIN hub_registration r ON r.issuer = h.issuer AND r.id = h.registration WHERE h.handle = :handle"
)
_KEPT_HANDLES: Final = 100_000


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question with its verdict, before it is recorded."""

    question: str
    asker: str
    key_binding: str | None
    verdict: str
    recorded_at_us: int


def recorded_verdict(database: Database, question: str) -> str | None:
    """The verdict that a question got, if it got one."""
    with database.read() as session:
        row = session.connection().execute(_BY_HASH, {"question": question}).first()
        return None if row is None else str(row.verdict)


def record_verdict(database: Database, answered: AnsweredQuestion, beside: Write) -> str:
    """Record the verdict, spend the key-binding and write ``beside``, durably; the verdict that counts.

    That is an earlier one, if the question was answered meanwhile.

    Raises:
        Rejected: CONFLICT, another question was asked with this key-binding. Unavailable: nothing was written.
    """

    def work(session: Session) -> str:
        counting = _record(session, answered)
        if counting == answered.verdict:
            beside(session)
        return counting

    return database.write(work)


def _record(session: Session, answered: AnsweredQuestion) -> str:
    alone(session, "hub_question")
    connection = session.connection()
    keys = {"question": answered.question, "key_binding": answered.key_binding}
    for row in connection.execute(_KNOWN, keys):
        if row.question == answered.question:
            return str(row.verdict)
        raise Rejected(Reason.CONFLICT, "expected a key-binding that was not asked with before")
    connection.execute(
        _RECORD,
        {
            **keys,
            "asker": answered.asker,
            "verdict": answered.verdict,
            "recorded_at_us": answered.recorded_at_us,
        },
    )
    return answered.verdict


@dataclass(frozen=True, slots=True)
class RegisteredHandle:
    """What a handle is bound to; this never changes."""

    issuer: str
    accounts: tuple[Token, ...]
    expires_at: int


class Handles:
    """Registered handles, the last used ones in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, RegisteredHandle] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, handle: str) -> RegisteredHandle | None:
        """What the handle is bound to, if it was ever registered."""
        with self._lock:
            kept = self._kept.get(handle)
            if kept is not None:
                self._kept.move_to_end(handle)
                return kept
        with self._database.read() as session:
            row = session.connection().execute(_HANDLE, {"handle": handle}).first()
            if row is None:
                return None
            accounts = as_array(loads(row.accounts), "accounts")
            found = RegisteredHandle(
                str(row.issuer), tuple(read_token(as_text(one)) for one in accounts), int(row.expires_at)
            )
        with self._lock:
            self._kept[handle] = found
            while len(self._kept) > _KEPT_HANDLES:
                self._kept.popitem(last=False)
        return found
