"""What the database promises on a real PostgreSQL: collisions are tried again (F12), turns are taken, restarts survived."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from passport.errors import Reason, Unavailable
from service.database import Database
from tests.simulators.postgresql import PostgreSQL, running_postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with running_postgresql("service") as running:
        yield running


@pytest.fixture
def database(server: PostgreSQL) -> Iterator[Database]:
    opened = Database(server.url)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS coin")
        connection.exec_driver_sql("CREATE TABLE coin (id int PRIMARY KEY, held int NOT NULL)")
    yield opened
    opened.close()


def run(statement: str) -> Callable[[Session], None]:
    """A piece of work that is one statement."""

    def work(session: Session) -> None:
        session.execute(text(statement))

    return work


def count(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM coin")).scalar_one())


def test_serialisation_failure_is_tried_again(database: Database) -> None:
    """Two pieces each look and then write what the other's look depends on: one of them must look again."""
    both_looked, runs = threading.Barrier(2), list[int]()

    def only_the_first(number: int) -> bool:
        first_try = threading.Event()

        def work(session: Session) -> bool:
            runs.append(number)
            empty = count(session) == 0
            if not first_try.is_set():
                first_try.set()
                both_looked.wait(10)
            if empty:
                session.execute(text("INSERT INTO coin VALUES (:n, 0)"), {"n": number})
            return empty

        return database.write(work)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(only_the_first, [1, 2])) == [False, True]
    assert len(runs) >= 3
    with database.read() as session:
        assert count(session) == 1


def test_deadlock_is_tried_again(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO coin VALUES (1, 0), (2, 0)")
    both_hold, runs = threading.Barrier(2), list[int]()

    def take(first: int, second: int) -> None:
        first_try = threading.Event()

        def work(session: Session) -> None:
            runs.append(first)
            raise_held(session, first)
            if not first_try.is_set():
                first_try.set()
                both_hold.wait(10)
            raise_held(session, second)

        database.write(work)

    def raise_held(session: Session, number: int) -> None:
        session.execute(text("UPDATE coin SET held = held + 1 WHERE id = :n"), {"n": number})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take, [1, 2], [2, 1]))
    assert len(runs) > 2
    with database.read() as session:
        assert list(session.execute(text("SELECT held FROM coin")).scalars()) == [2, 2]


def test_many_writers_of_one_row_all_come_to_an_end(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO coin VALUES (1, 0)")

    def work(session: Session) -> None:
        held = session.execute(text("SELECT held FROM coin")).scalar_one()
        session.execute(text("UPDATE coin SET held = :n"), {"n": held + 1})

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: database.write(work), range(48)))
    with database.read() as session:
        assert session.execute(text("SELECT held FROM coin")).scalar_one() == 48


def test_turns_are_taken_among_processes(server: PostgreSQL, database: Database) -> None:
    """Two databases stand for two processes: they share nothing but the server."""
    other = Database(server.url)
    inside, most = list[int](), list[int]()

    def take(at: Database) -> None:
        for _ in range(5):
            with at.turn("anything"):
                inside.append(1)
                most.append(len(inside))
                with at.turn("something else"):
                    at.check()
                inside.pop()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take, [database, other]))
    other.close()
    assert most == [1] * 10


def test_restart_ends_pooled_connections_and_no_call_notices(server: PostgreSQL, database: Database) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: database.check(), range(20)))
    server.restart()
    for _ in range(5):
        database.check()
        database.write(run("DELETE FROM coin"))


def test_server_that_is_gone_is_unavailable_and_comes_back(server: PostgreSQL, database: Database) -> None:
    database.write(run("INSERT INTO coin VALUES (7, 0)"))

    def turn() -> None:
        with database.turn("anything"):
            raise AssertionError("expected no turn without a server")

    server.kill()
    for ask in (
        database.check,
        lambda: database.write(run("DELETE FROM coin")),
        turn,
    ):
        with pytest.raises(Unavailable):
            ask()
    server.start()
    with database.read() as session:
        assert count(session) == 1


def lost(_: object) -> None:
    raise psycopg.OperationalError("the connection is lost")


def test_a_commit_whose_answer_was_lost_is_told_as_not_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it was done and once it was not: the caller hears the same, and never that nothing was done."""
    really = database.engine.dialect.do_commit

    def commits_and_is_lost(connection: Any) -> None:
        really(connection)
        lost(connection)

    for do_commit in (commits_and_is_lost, lost):
        monkeypatch.setattr(database.engine.dialect, "do_commit", do_commit)
        with pytest.raises(Unavailable) as told:
            database.write(run("INSERT INTO coin SELECT count(*) + 1, 0 FROM coin"))
        monkeypatch.undo()
        assert told.value.reason is Reason.OUTCOME_UNKNOWN
    with database.read() as session:
        assert count(session) == 1


def test_a_server_that_is_ended_at_the_commit_is_told_as_not_known(database: Database) -> None:
    other = Database(database.url)

    def end(connection: Any) -> None:
        other.write(
            run(f"SELECT pg_terminate_backend({connection.connection.driver_connection.info.backend_pid})")
        )

    event.listen(database.engine, "commit", end)
    with pytest.raises(Unavailable) as told:
        database.write(run("INSERT INTO coin VALUES (9, 0)"))
    event.remove(database.engine, "commit", end)
    other.close()
    assert told.value.reason is Reason.OUTCOME_UNKNOWN


def test_what_was_lost_before_the_commit_was_not_done(database: Database) -> None:
    def work(session: Session) -> None:
        session.execute(text("INSERT INTO coin VALUES (5, 0)"))
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable) as told:
        database.write(work)
    assert told.value.reason is Reason.UPSTREAM_UNAVAILABLE
    with database.read() as session:
        assert count(session) == 0


def test_a_commit_that_the_server_refuses_was_not_done(database: Database) -> None:
    def work(session: Session) -> None:
        session.execute(text("ALTER TABLE coin ADD UNIQUE (held) DEFERRABLE INITIALLY DEFERRED"))
        session.execute(text("INSERT INTO coin VALUES (1, 0), (2, 0)"))

    with pytest.raises(IntegrityError):
        database.write(work)
    with database.read() as session:
        assert count(session) == 0
