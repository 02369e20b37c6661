"""Starts, watches and stops the processes of a world, each by its own process id.

Children die with their parent, even a killed one (Linux parent-death signal), so an interrupted demo leaves nothing
behind. What a child writes goes to a file of its own; when it ends early, the last lines say why.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from passport.errors import Misconfigured, Unavailable

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02
_LAST_LINES = 6
_SERVER_ERROR = 500
_ACCESS_EVENTS = frozenset({"request", "requests", "request_refused", "requests_refused"})
_LONGEST_LOG = 8 * 1024 * 1024


def free_ports(count: int) -> tuple[int, ...]:
    """Ports on loopback that nobody listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(int(one.getsockname()[1]) for one in sockets)
    finally:
        for one in sockets:
            one.close()


def taken(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with socket.socket() as one:
        # As the services bind: connections of an earlier run that are still closing do not count.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _is_access_line(line: str) -> bool:
    """Whether a line of a service's log says only how requests were answered, and not that one failed.

    That a service was not ready yet is no news either: who waits for it asks fifty times a second.
    """
    try:
        said = json.loads(line)
    except ValueError:
        return False
    if not isinstance(said, dict) or said.get("event") not in _ACCESS_EVENTS:
        return False
    status = said.get("status")
    probed = str(said.get("route", "")).startswith("/health/")
    return isinstance(status, int) and (status < _SERVER_ERROR or probed)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """A process of ours: how it is started, and the run of it."""

    name: str
    module: str
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    arguments: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _log_begins: int = field(default=0, init=False)

    def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Start it; returns at once. ``extra`` adds to its environment for this run only."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
        }
        self.shorten_log()
        with self.log.open("ab") as log:
            self._log_begins = log.tell()
            self.process = subprocess.Popen(  # noqa: S603 - our own modules, no shell
                [sys.executable, "-m", self.module, *self.arguments],
                env={**inherited, "PYTHONUNBUFFERED": "1", **self.environment, **(extra or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[1],
                # Ctrl-C in a terminal is for us alone: a child that ended by it would be blamed for not starting.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into libc, made before any thread starts
            )

    def shorten_log(self, longest: int = _LONGEST_LOG) -> None:
        """Put a log that has grown long aside, in the place of the one that was put aside before.

        The process goes on writing into the same file, which it opened to append: cut to nothing, it is used from its
        beginning. What is written between the copy and the cut is lost.
        """
        if not self.log.exists() or self.log.stat().st_size <= longest:
            return
        shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
        os.truncate(self.log, 0)
        self._log_begins = 0

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def wait_until_ready(self, seconds: float = 90.0) -> None:
        """Wait for its health answer.

        Raises:
            Misconfigured: it ended, or did not become ready in time; the message ends with its last words.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.running:
                raise Misconfigured(
                    f"{self.name} {self.how_it_ended()} before it was ready. Its last words:\n{self.last_words()}"
                )
            if self.ready():
                return
            time.sleep(_POLL_SECONDS)
        raise Misconfigured(
            f"{self.name} was not ready after {seconds:.0f} s. Its last words:\n{self.last_words()}"
        )

    def last_words(self) -> str:
        """The end of what this run wrote into its log, without the requests that it answered as it should."""
        if not self.log.exists():
            return "  (none)"
        said = self.log.read_bytes()[self._log_begins :].decode(errors="replace").splitlines()
        telling = [line for line in said if not _is_access_line(line)]
        if telling:
            return "\n".join(f"  {line}" for line in telling[-_LAST_LINES:])
        return f"  (none, beside {len(said):,} answered requests)" if said else "  (none)"

    def how_it_ended(self) -> str:
        """By which signal, or with what exit code."""
        code = None if self.process is None else self.process.poll()
        if code is None:
            return "is running"
        if code >= 0:
            return f"ended with exit code {code}"
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"

    def stop(self, seconds: float = 12.0) -> None:
        """Ask it to end (SIGTERM), and end it if it has not after ``seconds``."""
        if self.process is None or not self.running:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def stop_all(children: Sequence[Child]) -> None:
    """Stop them in reverse order of starting: first ask all, then wait for each."""
    for child in children:
        if child.process is not None and child.running:
            child.process.terminate()
    for child in reversed(children):
        child.stop()


def require_all_running(children: Iterable[Child]) -> None:
    """See that none of them has ended.

    Raises:
        Misconfigured: one has; the message says how, and ends with its last words.
    """
    for child in children:
        if not child.running:
            raise Misconfigured(
                f"{child.name} {child.how_it_ended()}, unasked. Its last words:\n{child.last_words()}"
            )


@contextmanager
def naming_who_ended(children: Iterable[Child]) -> Iterator[None]:
    """Where somebody did not answer because a process ended, say that: an address alone tells a person nothing.

    Raises:
        Misconfigured: one has ended. Unavailable: all of them run, as it was.
    """
    try:
        yield
    except Unavailable:
        require_all_running(children)
        raise
