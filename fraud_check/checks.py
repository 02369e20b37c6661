"""Sessions in which a member checks accounts of its own: one signature, then a secret for at most five minutes.

A signed request costs more than the look-up that it asks for. So a member opens a session with a signed request, which is
in the query log before the secret is given, and shows the secret with each check. Sessions live in memory: after a
restart a member opens a new one. What was asked in a session is gathered and logged every second, as a count and a hash
over the tokens in order; a kill loses that of one second, never that the session was.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from fraud_check.callers import KnownCaller, roles_of
from fraud_check.errors import CallerRefused
from fraud_check.hub import Hub
from fraud_check.storage.query_log import QueryLine, subject_of, writes_query
from passport.clock import to_epoch
from passport.fraud import Token
from passport.fraud.names import MAX_AGE
from passport.identifiers import DidEthr
from passport.jose import b64u_encode
from passport.registry import Role

CHECK: Final = "check"
_SECRET_BYTES: Final = 32
_MAX_SESSIONS: Final = 64
"""So many at once for one member; the oldest ends when one more is opened."""


@dataclass(slots=True)
class Session:
    """One member's session."""

    did: DidEthr
    name: str
    expires_at: int
    member_until: int = 0
    """Until when its grant was seen to be in force; looked up anew every second."""
    ended: bool = False
    """Nobody finds it any more, and its last line is written."""
    asked: int = 0
    subjects: hashlib._Hash = field(default_factory=hashlib.sha256)


class CheckSessions:
    """Opens sessions, finds them by their secret, and keeps the log of what was asked in them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sessions: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def open(self, caller: KnownCaller, purpose: str) -> tuple[str, int]:
        """A secret and when it expires; the query log says so first.

        Raises:
            NotYours: not a member. Rejected: LIMIT_EXCEEDED. Unavailable: the log cannot be written.
        """
        caller.require(Role.MEMBER)
        hub = self._hub
        now = hub.now()
        hub.quotas.spend_question(caller.name, at=now)
        line = QueryLine(now, caller.name, CHECK, caller.name, subject_of(purpose), "opened")
        hub.database.write(writes_query(line))
        secret = b64u_encode(hub.entropy.token(_SECRET_BYTES))
        session = Session(caller.did, caller.name, to_epoch(now) + int(MAX_AGE.total_seconds()))
        with self._lock:
            mine = [key for key, one in self._sessions.items() if one.name == caller.name]
            ended = [self._sessions.pop(key) for key in mine[: max(0, len(mine) + 1 - _MAX_SESSIONS)]]
            self._sessions[_key(secret)] = session
            lines = [_last_line(one, now) for one in ended]
        self._log(lines)
        return secret, session.expires_at

    def find(self, secret: str, *, at: datetime) -> Session:
        """The session of a secret, whose member is accredited now.

        Raises:
            CallerRefused: there is none, it has expired, or the grant is no longer in force.
        """
        session = self._sessions.get(_key(secret))
        now = to_epoch(at)
        if session is None or session.expires_at <= now:
            raise CallerRefused("expected the secret of a session that is open")
        if session.member_until <= now:
            if Role.MEMBER not in roles_of(self._hub.registry, session.did.address, at):
                raise CallerRefused("expected a session of a member that is accredited now")
            session.member_until = now + 1
        return session

    def count(self, session: Session, account: Token, *, at: datetime) -> None:
        """Note a check for the log.

        Raises:
            Rejected: LIMIT_EXCEEDED, nothing is answered any more this minute.
            CallerRefused: the session ended meanwhile, and its last line is written.
        """
        self._hub.quotas.spend_check(session.name, at=at)
        with self._lock:
            if session.ended:
                raise CallerRefused("expected the secret of a session that is open")
            session.asked += 1
            session.subjects.update(account.encode())

    def tend(self) -> None:
        """Log what was asked since the last time, and drop sessions that expired.

        Raises:
            Unavailable: it could not be written.
        """
        now = self._hub.now()
        with self._lock:
            over = {key: one for key, one in self._sessions.items() if one.expires_at <= to_epoch(now)}
            lines = [_last_line(self._sessions.pop(key), now) for key in over]
            lines += [_line(one, now) for one in self._sessions.values()]
        self._log(lines)
        self._hub.database.settle()

    def _log(self, lines: list[QueryLine | None]) -> None:
        for line in lines:
            if line is not None:
                self._hub.database.write_soon(writes_query(line))


def _line(session: Session, now: datetime) -> QueryLine | None:
    """What was asked since the last line, which this one takes; the caller holds the lock."""
    if not session.asked:
        return None
    subject, asked = session.subjects.hexdigest(), session.asked
    session.asked, session.subjects = 0, hashlib.sha256()
    return QueryLine(now, session.name, CHECK, session.name, subject, f"checked:{asked}")


def _last_line(session: Session, now: datetime) -> QueryLine | None:
    session.ended = True
    return _line(session, now)


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
