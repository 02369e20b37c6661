"""Waiting for work that does not look up: the engine hears no Ctrl-C, so somebody else must.

Python tells of an interrupt only between its own instructions, and one search for shapes is one instruction that may
last minutes. Leaves out stopping the work itself: it ends with the program.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")


def interruptible(work: Callable[[], A]) -> A:
    """What ``work`` returns or raises; an interrupt is heard at once, and leaves it to a thread that holds up no exit.

    For work that writes nothing: it is not told that nobody waits any more.
    """
    answers: list[A] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the waiting thread's
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]
