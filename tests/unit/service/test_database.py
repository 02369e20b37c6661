from __future__ import annotations

import queue
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Field, Session, SQLModel

from passport.errors import Misconfigured, Reason, Unavailable
from service.database import Database
from service.migrations import upgrade

FIRST = """
from alembic import op
import sqlalchemy as sa
revision = "0001"
down_revision = None
def upgrade():
    op.create_table("coin", sa.Column("id", sa.Integer, primary_key=True))
"""
BROKEN = """
from alembic import op
import sqlalchemy as sa
revision = "0002"
down_revision = "0001"
def upgrade():
    op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))
    raise RuntimeError("killed half-way")
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "m0001_first.py").write_text(FIRST)
    return folder


@pytest.fixture
def coins(database: Database, scripts: Path) -> Database:
    upgrade(database, scripts)
    return database


def put(session: Session, number: int) -> int:
    session.execute(text("INSERT INTO coin (id) VALUES (:n)"), {"n": number})
    return number


def count(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM coin")).scalar_one())


def test_written_work_returns_its_answer_and_is_durable(coins: Database) -> None:
    assert coins.write(lambda s: put(s, 7)) == 7
    with sqlite3.connect(coins.url.removeprefix("sqlite:///")) as other:
        assert other.execute("SELECT id FROM coin").fetchall() == [(7,)]


def test_failed_work_leaves_nothing_and_harms_nobody(coins: Database) -> None:
    def half(session: Session) -> None:
        put(session, 1)
        raise LookupError("changed my mind")

    with pytest.raises(LookupError):
        coins.write(half)
    assert count(coins) == 0


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (sqlite3.SQLITE_IOERR_FSYNC, Reason.OUTCOME_UNKNOWN),
        (sqlite3.SQLITE_IOERR, Reason.OUTCOME_UNKNOWN),
        (sqlite3.SQLITE_FULL, Reason.UPSTREAM_UNAVAILABLE),
        (sqlite3.SQLITE_BUSY, Reason.UPSTREAM_UNAVAILABLE),
    ],
)
def test_a_commit_that_broke_is_told_as_not_known_only_where_it_may_be_done(
    coins: Database, monkeypatch: pytest.MonkeyPatch, code: int, reason: Reason
) -> None:
    def breaks(_: object) -> None:
        error = sqlite3.OperationalError("the disk")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(coins.engine.dialect, "do_commit", breaks)
    with pytest.raises(Unavailable) as told:
        coins.write(lambda s: put(s, 1))
    assert told.value.reason is reason
    monkeypatch.undo()
    assert coins.write(lambda s: put(s, 2)) == 2


def test_what_breaks_before_the_commit_was_not_done(coins: Database) -> None:
    def breaks(session: Session) -> None:
        put(session, 1)
        error = sqlite3.OperationalError("the disk")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise OperationalError("INSERT", {}, error)

    with pytest.raises(Unavailable) as told:
        coins.write(breaks)
    assert told.value.reason is Reason.UPSTREAM_UNAVAILABLE
    assert count(coins) == 0


def test_many_writers_share_commits_and_only_the_wrong_one_fails(coins: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        entered.set()
        leave.wait(5)
        put(session, 0)

    with ThreadPoolExecutor(40) as pool:
        first = pool.submit(coins.write, hold)
        entered.wait(5)
        others = [pool.submit(coins.write, lambda s, n=n: put(s, n)) for n in (*range(1, 31), 5)]
        leave.set()
        first.result()
        failures = [one.exception() for one in others if one.exception()]
    assert len(failures) == 1
    assert isinstance(failures[0], IntegrityError)
    assert count(coins) == 31


def test_compare_and_set_has_one_winner_of_32(coins: Database) -> None:
    coins.write(lambda s: put(s, 1))

    def spend(session: Session) -> bool:
        return bool(session.execute(text("UPDATE coin SET id = 2 WHERE id = 1")).rowcount)  # type: ignore[attr-defined]

    with ThreadPoolExecutor(32) as pool:
        won = list(pool.map(lambda _: coins.write(spend), range(32)))
    assert sum(won) == 1


def test_a_foreign_writer_is_waited_for(coins: Database) -> None:
    other = sqlite3.connect(
        coins.url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()
    assert coins.write(lambda s: put(s, 3)) == 3
    timer.join()
    other.close()


def test_what_is_written_soon_is_there_with_whatever_is_written_after_it(coins: Database) -> None:
    def soon(session: Session) -> None:
        put(session, 1)

    def count() -> int:
        with coins.read() as session:
            return int(session.execute(text("SELECT count(*) FROM coin")).scalar_one())

    coins.write_soon(soon)
    assert count() == 0
    with pytest.raises(IntegrityError):
        coins.write(lambda session: put(session, 1))
    assert coins.write(lambda session: put(session, 2)) == 2
    assert count() == 2
    coins.write_soon(lambda session: session.execute(text("DELETE FROM coin WHERE id = 1")).close())
    coins.settle()
    assert count() == 1
    coins.write_soon(soon)
    coins.close()
    connection = sqlite3.connect(coins.url.removeprefix("sqlite:///"))
    assert connection.execute("SELECT count(*) FROM coin").fetchone() == (2,)
    connection.close()


class Coin(SQLModel, table=True):
    """A row as services write it: added to the session, which has not written it yet."""

    id: int = Field(primary_key=True)


@pytest.mark.parametrize("company", [0, 1])
def test_an_added_row_is_durable_when_its_writer_is_alone_and_when_not(coins: Database, company: int) -> None:
    for n in range(company):
        coins.write_soon(lambda session, n=n: session.add(Coin(id=100 + n)))  # type: ignore[misc]
    coins.write(lambda session: session.add(Coin(id=1)))
    with coins.read() as after:
        assert after.execute(text("SELECT count(*) FROM coin")).scalar_one() == 1 + company


def test_what_is_written_soon_waits_for_a_writer_that_is_busy(coins: Database) -> None:
    """The transaction that took it along failed: the next one takes it."""

    def soon(session: Session) -> None:
        put(session, 1)

    def fails(_: Session) -> None:
        raise OperationalError("", {}, Exception("disk"))

    coins.write_soon(soon)
    with pytest.raises(Unavailable):
        coins.write(fails)
    coins.write(lambda session: put(session, 2))
    with coins.read() as after:
        assert after.execute(text("SELECT count(*) FROM coin")).scalar_one() == 2


def test_write_that_meets_the_end_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = threading.Event()

    class Slow(queue.SimpleQueue[object]):
        def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002
            if item is not None:
                under_way.set()
                time.sleep(0.3)
            super().put(item, block, timeout)

    monkeypatch.setattr("service.database.queue.SimpleQueue", Slow)
    database = Database(f"sqlite:///{tmp_path / 'ending.sqlite'}")
    with ThreadPoolExecutor(1) as caller:
        asked = caller.submit(database.write, lambda session: session.execute(text("SELECT 7")).scalar_one())
        under_way.wait(10)
        database.close()
        assert asked.result(timeout=5) == 7


def test_closed_database_refuses_to_write(coins: Database) -> None:
    coins.close()
    with pytest.raises(Unavailable):
        coins.write(lambda s: put(s, 1))


def test_sqlite_file_is_private_and_wal(coins: Database) -> None:
    path = Path(coins.url.removeprefix("sqlite:///"))
    assert path.stat().st_mode & 0o077 == 0
    with coins.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 2


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///:memory:", "sqlite:////proc/nowhere/x.sqlite"])
def test_unusable_url_is_misconfigured(url: str) -> None:
    with pytest.raises(Misconfigured):
        Database(url)


def test_migration_that_fails_half_way_leaves_the_old_schema(coins: Database, scripts: Path) -> None:
    (scripts / "m0002_second.py").write_text(BROKEN)
    with pytest.raises(RuntimeError):
        upgrade(coins, scripts)
    with coins.read() as session:
        tables = set(session.execute(text("SELECT name FROM sqlite_master WHERE type='table'")).scalars())
        version = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    assert (tables, version) == ({"coin", "alembic_version"}, "0001")


def test_old_program_refuses_a_newer_schema(coins: Database, scripts: Path) -> None:
    # Under another name: a file rewritten within one second and of the same size may be run from its old bytecode.
    (scripts / "m0001_first.py").unlink()
    (scripts / "m0000_older.py").write_text(FIRST.replace("0001", "0000"))
    with pytest.raises(Misconfigured, match="newer"):
        upgrade(coins, scripts)


def test_upgrade_again_changes_nothing(coins: Database, scripts: Path) -> None:
    coins.write(lambda s: put(s, 1))
    upgrade(coins, scripts)
    assert count(coins) == 1
