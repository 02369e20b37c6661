"""What is forgotten is in no byte of a SQLite database's files (threats.md T59)."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from service.database import Database
from service.forgetting import FORGETTING_PRAGMAS, GAP_BOUND, LOG_BOUND, Overwriting

CANARY = "CANARY-OF-A-PERSON"


def files_of(database: Database) -> dict[str, bytes]:
    main = Path(database.url.removeprefix("sqlite:///"))
    return {file.name: file.read_bytes() for file in main.parent.glob(f"{main.name}*")}


def holding(database: Database, canary: str = CANARY) -> list[str]:
    return [name for name, content in files_of(database).items() if canary.encode() in content]


def until(condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def execute(database: Database, *statements: str) -> None:
    for one in statements:

        def work(session: Session, statement: str = one) -> None:
            session.execute(text(statement), {"canary": CANARY, "much": CANARY * 2000})

        database.write(work)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Database:
    monkeypatch.setattr("service.forgetting.LOG_BOUND", 0.05)
    return Database(f"sqlite:///{tmp_path / 'unit.sqlite'}")


def test_forgotten_claims_are_in_no_byte_of_any_file(soon: Database) -> None:
    execute(
        soon,
        "CREATE TABLE shown (id INTEGER PRIMARY KEY, body TEXT)",
        "INSERT INTO shown VALUES (1, :much), (2, :canary), (3, :canary)",
    )
    assert holding(soon)
    execute(soon, "DELETE FROM shown WHERE id < 3", "UPDATE shown SET body = '{}' WHERE id = 3")
    assert until(lambda: not holding(soon)), holding(soon)
    soon.close()


def test_a_reader_in_the_way_keeps_the_log_only_until_it_ends(soon: Database) -> None:
    execute(
        soon,
        "CREATE TABLE shown (id INTEGER PRIMARY KEY, body TEXT)",
        "INSERT INTO shown VALUES (1, :canary)",
    )
    with soon.read() as session:
        session.execute(text("SELECT * FROM shown")).all()
        execute(soon, "DELETE FROM shown", "INSERT INTO shown VALUES (2, 'x')")
        time.sleep(0.5)
        assert holding(soon)
    # The writer was not held up meanwhile, and tries again by itself.
    assert until(lambda: not holding(soon)), holding(soon)
    soon.close()


def test_what_a_killed_process_left_in_its_log_goes_after_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "unit.sqlite"
    killed = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "wal_autocheckpoint=0", *FORGETTING_PRAGMAS):
        killed.execute(f"PRAGMA {pragma}")
    killed.execute("CREATE TABLE shown (id INTEGER PRIMARY KEY, body TEXT)")
    killed.execute("INSERT INTO shown VALUES (1, ?)", (CANARY,))
    killed.execute("DELETE FROM shown")
    opened = Database(f"sqlite:///{file}")
    assert holding(opened)
    assert until(lambda: not holding(opened)), holding(opened)
    opened.close()
    killed.close()


def test_gaps_that_secure_delete_does_not_reach_are_written_over_in_time(tmp_path: Path) -> None:
    file, clock = tmp_path / "unit.sqlite", [0.0]
    upkeep = Overwriting(file, lambda: clock[0])
    left = _moved_and_forgotten(file)
    # SQLite 3.40 leaves some; should a later one leave none, this test has nothing to show and says so here.
    assert _still_there(file, left) or sqlite3.sqlite_version_info > (3, 40, 1)
    upkeep.written()
    clock[0] = GAP_BOUND
    upkeep.tend()
    assert _still_there(file, left) == []
    assert upkeep.due_in == pytest.approx(GAP_BOUND)


def _moved_and_forgotten(file: Path) -> list[str]:
    """Rows of many sizes, put in and forgotten by turns, so that pages split and merge; the forgotten ones' marks."""
    chance = random.Random(14)  # noqa: S311 - a case that can be repeated
    live: list[tuple[str, str]] = []
    gone: list[str] = []
    with sqlite3.connect(file, isolation_level=None) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=OFF", *FORGETTING_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE shown (id TEXT PRIMARY KEY, body TEXT, more TEXT)")
        connection.execute("BEGIN")
        for number in range(6000):
            if not live or chance.random() < 0.5:
                mark = f"{CANARY}-{number:06d}-"
                size = chance.choice([50, 200, 800, 2500, 9000])
                key = chance.randbytes(16).hex()
                connection.execute("INSERT INTO shown VALUES (?, ?, ?)", (key, mark + "x" * size, "y" * 40))
                live.append((key, mark))
            else:
                key, mark = live.pop(chance.randrange(len(live)))
                connection.execute("DELETE FROM shown WHERE id = ?", (key,))
                gone.append(mark)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return gone


def _still_there(file: Path, marks: list[str]) -> list[str]:
    content = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    return [mark for mark in marks if mark.encode() in content]


def test_a_file_that_is_never_at_rest_is_tended_too(tmp_path: Path) -> None:
    file, clock = tmp_path / "unit.sqlite", [0.0]
    upkeep = Overwriting(file, lambda: clock[0])
    with sqlite3.connect(file, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE shown (body TEXT)")
        log = file.with_name(f"{file.name}-wal")
        assert log.stat().st_size > 0
        for second in range(int(LOG_BOUND) + 2):
            clock[0] = float(second)
            upkeep.written()
        connection.execute("SELECT 1")
        assert log.stat().st_size == 0
    connection.close()


def test_bounds_are_those_that_are_promised() -> None:
    assert LOG_BOUND <= 10
    assert GAP_BOUND <= 6 * 3600
