"""The search for personal data finds it in a database's text and bytes, and nothing in random bytes."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.simulators.canaries import Canary, in_database

SHORT, LONG, CHINESE = Canary("key", "yi"), Canary("number", "000012345678"), Canary("name", "林怡")


def database(path: Path, *values: str | bytes) -> Path:
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE kept (value)")
        made.executemany("INSERT INTO kept VALUES (?)", [(value,) for value in values])
        made.commit()
    return path


def test_a_surname_of_two_letters_is_found_in_text_alone(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(4_000_000)  # noqa: S311 - the same noise each time
    assert in_database(database(tmp_path / "noise", noise), [SHORT, LONG, CHINESE]) == set()
    kept = database(tmp_path / "kept", noise, "cause-gone:yi", "x-000012345678", "林怡")
    assert in_database(kept, [SHORT, LONG, CHINESE]) == {SHORT, LONG, CHINESE}
