"""What the services of ``benchmarks.overload`` share: each in a process of its own on a database on disk.

What lies outside each service is simulated in its process (ledger, bank's books, followed files), so that the cores are
the service's and its callers'.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from fastapi import FastAPI

from benchmarks.hub_in_a_process import end
from benchmarks.overload_load import Journey
from service.logs import configure_logs
from service.server import serve

JSON: Final = {"Content-Type": "application/json"}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Service(Protocol):
    """One that is overloaded."""

    name: str
    first: str
    """What the yes to a first step hands out."""
    whole: str
    """What a whole journey comes to."""
    keeps_lines: bool
    """Whether its callers keep their connections."""
    most_expected: int
    """Journeys a second that the material for finding the capacity is made for."""
    listener: socket.socket

    def build(self) -> FastAPI:
        """The application; called in the process that serves it."""
        ...

    def prepare(self, number: int) -> None:
        """Make material for so many journeys."""
        ...

    def next_journey(self) -> Journey:
        """The next caller's."""
        ...


@contextmanager
def served(service: Service, folder: Path) -> Iterator[int]:
    """Serve it in a process of its own; the process's id."""
    child = os.fork()
    if child == 0:
        log = os.open(folder / "service.log", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(log, sys.stderr.fileno())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        configure_logs("INFO")
        serve(service.build(), service.listener)
        os._exit(0)
    try:
        _wait_until_open(port_of(service))
        yield child
    finally:
        end(child)


def port_of(service: Service) -> int:
    """Where it listens."""
    return int(service.listener.getsockname()[1])


def _wait_until_open(port: int) -> None:
    for _ in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
                line.sendall(b"GET /health/live HTTP/1.1\r\nHost: bench\r\n\r\n")
                if b" 200 " in line.recv(64):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError("expected the service to start")
