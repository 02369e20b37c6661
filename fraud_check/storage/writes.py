"""A piece of writing, to be done in somebody's transaction: use cases put pieces together and never see a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlmodel import Session

Write: TypeAlias = Callable[[Session], None]


def together(*writes: Write) -> Write:
    """One piece that does all of them, in order: durable together or not at all."""

    def write(session: Session) -> None:
        for one in writes:
            one(session)

    return write
