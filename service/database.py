"""The database session: SQLite with one writer and group commit, or PostgreSQL by URL.

On SQLite (WAL, ``synchronous=FULL``) one thread owns writing. Work that waits meanwhile shares one transaction, each
piece in a savepoint of its own, and everybody is told only after the common commit: one sync for many. On PostgreSQL
each piece is a transaction of its own, SERIALIZABLE, so that work written for one writer means the same among many; it
is tried again on serialisation failure and deadlock (40001, 40P01), with growing pauses, for as long as SQLite waits.

What a service empties is gone from every byte of its files, within a stated bound (``service/forgetting.py``); what
PostgreSQL promises of that is less, and docs/decisions/0036 says what.

Leaves out tables: a service's ``storage/`` has those and their migrations.
"""

from __future__ import annotations

import hashlib
import os
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session

from passport.errors import Misconfigured
from service.database_errors import busy, closed, does_not_answer, may_be_done, outcome_unknown, passes
from service.forgetting import FORGETTING_PRAGMAS, Overwriting
from service.stored_text import refuse_unstorable

T = TypeVar("T")
Work = Callable[[Session], T]

WRITES: Final = "passport_writes"
"""Execution option of a connection that will write: SQLite then takes the write lock at BEGIN."""

_GROUP: Final = 64
_BUSY_MS: Final = 5_000
_SHORTEST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.1


@dataclass(slots=True)
class _Piece:
    """One piece of work waiting for the writer."""

    work: Callable[[Session], object]
    done: Future[object]


class Database:
    """Reads in their own snapshot, writes one after another; both return only durable facts."""

    def __init__(self, url: str) -> None:
        """Open the database.

        Raises:
            Misconfigured: the URL is of another kind, or the folder cannot be made.
        """
        self.url = url
        self._sqlite = url.startswith("sqlite:")
        if not self._sqlite and not url.startswith("postgresql"):
            raise Misconfigured("expected a database URL that begins with sqlite: or postgresql")
        if self._sqlite:
            self._reader = self.engine = _sqlite_engine(url)
        else:
            # Asked before it is used, a pooled connection that a restart has ended is replaced and not an error.
            self.engine = create_engine(url, pool_pre_ping=True, isolation_level="SERIALIZABLE")
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")
        refuse_unstorable(self.engine)
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._soon: deque[Work[None]] = deque()
        self._closed = False
        self._door = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._writer: threading.Thread | None = None
        if self._sqlite:
            self._overwriting = Overwriting(Path(url.removeprefix("sqlite:///")))
            self._writer = threading.Thread(target=self._write_groups, name="database-writer", daemon=True)
            self._writer.start()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; what it changes is thrown away.

        Raises:
            Unavailable: the database does not answer.
        """
        try:
            # Closing it takes everything back, and may find the connection broken as well.
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
        except SQLAlchemyError as error:
            if does_not_answer(error):
                raise busy() from error
            raise

    def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction and return its answer once that is durable.

        ``work`` may run again after a rollback, so it touches nothing but its session. Must not be called from within
        another ``write``.

        Raises:
            Unavailable: the database is busy or failing and nothing was written; or OUTCOME_UNKNOWN, it was lost at the
                moment of commit, and callers ask again as after any lost answer.
            Exception: whatever ``work`` raised; nothing of it was written.
        """
        if not self._sqlite:
            return self._write_alone(work)
        piece = _Piece(work, Future())
        with self._door:  # Nothing queues behind the end that ``close`` puts there: nobody would answer it.
            if self._closed:
                raise closed()
            self._pieces.put(piece)
        answer: Any = piece.done.result()
        return answer  # type: ignore[no-any-return]  # the future holds what ``work`` returned

    def write_soon(self, work: Work[None]) -> None:
        """Run ``work`` in the transaction of whatever is written next, before it; wait for nothing, sync nothing.

        So where an effect is durable, what was asked for before it is durable too, and costs no sync of its own. ``work``
        must not refuse: it takes the whole transaction with it. On PostgreSQL, whose writers have no common turn, it waits as
        ``write`` does.

        Raises:
            Unavailable: the database is closed, or on PostgreSQL busy.
        """
        if not self._sqlite:
            self._write_alone(work)
            return
        with self._door:
            if self._closed:
                raise closed()
            self._soon.append(work)

    def settle(self) -> None:
        """Write what was asked for by ``write_soon`` and still waits, if anything; raises as ``write``."""
        if self._soon:
            self.write(_nothing)

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Take turns over something that is more than one transaction, such as telling a ledger and then serving.

        On PostgreSQL among all processes that share the database, by an advisory lock that ends with its connection; on
        SQLite, whose file one process owns, among this process's threads. Should the lock be lost meanwhile, the tables'
        own constraints still hold.

        Raises:
            Unavailable: nobody else came to an end in time, or the database does not answer.
        """
        if self._sqlite:
            with self._turns.setdefault(name, threading.Lock()):
                yield
            return
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        try:
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            with connection:
                connection.execute(
                    text("SELECT set_config('lock_timeout', :ms, false)"), {"ms": str(_BUSY_MS)}
                )
                connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
                try:
                    yield
                finally:
                    # Nothing of it goes back into the pool: neither the lock nor the timeout.
                    connection.invalidate()
        except SQLAlchemyError as error:
            if does_not_answer(error):
                raise busy() from error
            raise

    def check(self) -> None:
        """Raise ``Unavailable`` unless the database answers; for ``/health/ready``."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Finish the writes that wait, then let go of every connection."""
        with self._door:
            already, self._closed = self._closed, True
            if not already and self._soon:
                self._pieces.put(_Piece(_nothing, Future()))
            self._pieces.put(None)
        if self._writer is not None:
            self._writer.join()
        self.engine.dispose()

    def _write_alone(self, work: Work[T]) -> T:
        give_up_at, pause = time.monotonic() + _BUSY_MS / 1000, _SHORTEST_PAUSE
        while True:
            committing = False
            try:
                with Session(self.engine, expire_on_commit=False) as session:
                    answer = work(session)
                    session.flush()
                    committing = True
                    _commit(session)
                    return answer
            except SQLAlchemyError as error:
                if passes(error) and time.monotonic() < give_up_at:
                    # Those that collided must not come again in step.
                    time.sleep(random.uniform(0, pause))  # noqa: S311 - nothing secret hangs on it
                    pause = min(2 * pause, _LONGEST_PAUSE)
                    continue
                if committing and may_be_done(error):
                    raise outcome_unknown() from error
                if passes(error) or does_not_answer(error):
                    raise busy() from error
                raise

    def _write_groups(self) -> None:
        while True:
            try:
                first = self._pieces.get(timeout=self._overwriting.due_in)
            except queue.Empty:
                self._overwriting.tend()
                continue
            if first is None:
                return
            group, last = [first], False
            while len(group) < _GROUP and not self._pieces.empty():
                piece = self._pieces.get()
                if piece is None:
                    last = True
                    break
                group.append(piece)
            self._write_group(group)
            self._overwriting.written()
            if last:
                return

    def _write_group(self, group: list[_Piece]) -> None:
        answers: list[tuple[_Piece, object]] = []
        taken_along: list[Work[None]] = []
        committing = False
        try:
            with Session(self.engine, expire_on_commit=False) as session:
                # Begins at once, and waits for another process's write lock.
                session.connection(execution_options={WRITES: True})
                for _ in range(len(self._soon)):
                    taken_along.append(self._soon.popleft())
                    taken_along[-1](session)
                session.flush()
                # A piece that is refused takes back only itself; one that is alone needs no savepoint for that.
                apart = nullcontext if len(group) == 1 and not taken_along else session.begin_nested
                answers.extend(_done(session, group, apart))
                committing = True
                _commit(session)
        except Exception as error:  # noqa: BLE001 - every waiting caller hears whether anything was written
            self._soon.extendleft(reversed(taken_along))
            lost = committing and may_be_done(error)
            for piece in group:
                if not piece.done.done():
                    failure = outcome_unknown() if lost else busy()
                    failure.__cause__ = error
                    piece.done.set_exception(failure)
        else:
            for piece, answer in answers:
                piece.done.set_result(answer)


def _done(
    session: Session, group: list[_Piece], apart: Callable[[], AbstractContextManager[object]]
) -> list[tuple[_Piece, object]]:
    """The answers of the pieces that were not refused; the others hear why at once."""
    answers: list[tuple[_Piece, object]] = []
    for piece in group:
        try:
            with apart():
                answer = piece.work(session)
                session.flush()
            session.expunge_all()
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever asked for this piece
            session.expunge_all()
            piece.done.set_exception(error)
            if apart is nullcontext:
                session.rollback()
        else:
            answers.append((piece, answer))
    return answers


def _commit(session: Session) -> None:
    """Commit; where that fails, the connection goes with it: its transaction may still be open, and the next would be within it."""
    try:
        session.commit()
    except SQLAlchemyError as error:
        if not passes(error):
            session.invalidate()
        raise


def _nothing(_: Session) -> None:
    """Only what waits is written."""


def _sqlite_engine(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if not path or path == ":memory:":
        raise Misconfigured("expected a SQLite file: a database in memory would lose what was acknowledged")
    file = Path(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Misconfigured(f"cannot open the database {file}: {error.strerror}") from error
    engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            *FORGETTING_PRAGMAS,
            f"busy_timeout={_BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
