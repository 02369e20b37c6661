"""Fault points: where a test kills, fills or slows a process (threats.md, Faults).

``hit`` does nothing unless ``InsecureFaultPoints`` was installed, which refuses production. One point is armed as
``name[:n][=kill|enospc|sleep]``: the n-th time (default the first) that the code passes it, it happens.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from enum import StrEnum
from typing import Final

from passport.errors import Misconfigured
from service.profile import Profile

_SLEEP_SECONDS: Final = 3.0


class FaultKind(StrEnum):
    """What happens at the point."""

    KILL = "kill"
    DISK_FULL = "enospc"
    SLEEP = "sleep"


class InsecureFaultPoints:
    """One armed point of this process; a development tool that refuses production."""

    def __init__(self, armed: str, *, profile: Profile) -> None:
        """Read ``name[:n][=kind]``.

        Raises:
            Misconfigured: the profile is production, or the text has another form.
        """
        if profile is Profile.PRODUCTION:
            raise Misconfigured("FAULT_POINT is set: fault points are refused in the production profile")
        place, _, kind = armed.partition("=")
        self._name, _, count = place.partition(":")
        try:
            self._kind = FaultKind(kind or "kill")
            self._left = int(count or "1")
        except ValueError as error:
            raise Misconfigured(
                f"expected FAULT_POINT as name[:n][=kill|enospc|sleep], got {armed!r}"
            ) from error
        if not self._name or self._left < 1:
            raise Misconfigured(f"expected FAULT_POINT with a name and a count from 1, got {armed!r}")
        self._lock = threading.Lock()

    def pass_by(self, name: str) -> None:
        """Count one passing of ``name`` and act when it is the armed one.

        Raises:
            OSError: ENOSPC, when armed so.
        """
        if name != self._name:
            return
        with self._lock:
            self._left -= 1
            due = self._left == 0
        if not due:
            return
        match self._kind:
            case FaultKind.KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            case FaultKind.DISK_FULL:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case FaultKind.SLEEP:
                time.sleep(_SLEEP_SECONDS)


class _Installed:
    """The process's armed point, if any."""

    points: InsecureFaultPoints | None = None


def install(points: InsecureFaultPoints | None) -> None:
    """Arm this process, or disarm it with None."""
    _Installed.points = points


def hit(name: str) -> None:
    """Mark a place where a crash is worth testing; does nothing unless armed.

    Raises:
        OSError: the armed kind says so.
    """
    if _Installed.points is not None:
        _Installed.points.pass_by(name)
