"""Migrations, from the first table on: alembic, run by the process itself when it starts.

A service keeps numbered scripts in a package folder of its ``storage/`` and calls ``upgrade`` from its wiring. The
whole way up is one transaction, so a kill half-way leaves the old schema. A database that is ahead of the program (an
old binary on a new schema) is refused.
"""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from passport.errors import Misconfigured, Reason, Unavailable
from service.database import WRITES, Database

_ENVIRONMENT = Path(__file__).with_name("migration_environment")


def upgrade(database: Database, scripts: Path) -> None:
    """Bring the schema to the newest version in ``scripts``, all or nothing.

    Raises:
        Misconfigured: the database is at a version that this program does not know.
        Unavailable: the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT).replace("%", "%%"))
    config.set_main_option("version_locations", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        with (
            database.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise Misconfigured(
            "the database is at a version that this program does not know: use the program that wrote it, or newer"
        ) from error
    except OperationalError as error:
        raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the database does not answer") from error
