from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.database import Database
from tests.simulators.verifier_desk import Desk, new_database, open_database


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: migrating takes longer than most tests."""
    return new_database(tmp_path_factory.mktemp("verifier"))


@pytest.fixture
def database_folder(tmp_path: Path, empty_database: Path) -> Path:
    shutil.copy(empty_database, tmp_path / empty_database.name)
    return tmp_path


@pytest.fixture
def database(database_folder: Path) -> Iterator[Database]:
    opened = open_database(database_folder)
    yield opened
    opened.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
