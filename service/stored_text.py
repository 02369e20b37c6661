"""What no database of ours is given: text that one of them keeps and another refuses, and numbers that neither holds.

PostgreSQL takes no NUL in text and neither takes half a surrogate pair, which its driver finds out in the middle of a
transaction; SQLite keeps a NUL, and ends the text there for some of its functions. So what a caller sent would be a 500 on one
database and a 200 on the other. One guard stands before every statement of both, on what is looked up as on what is stored:
the caller hears 400, whichever route the text came by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Engine, event

from passport.errors import Malformed

_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


def refuse_unstorable(engine: Engine) -> None:
    """Stand before every statement of an engine; raises ``Malformed`` there, and the value stays unnamed."""

    @event.listens_for(engine, "before_cursor_execute")
    def _look(
        _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _many: Any
    ) -> None:
        _refuse(parameters)


def _refuse(value: object) -> None:
    match value:
        case str():
            if "\0" in value or not _whole(value):
                raise Malformed("expected text without a NUL character and without half a surrogate pair")
        case bool():
            return
        case int():
            if not _LEAST <= value <= _MOST:
                raise Malformed("expected an integer of at most 64 bits")
        case Mapping():
            for each in value.values():
                _refuse(each)
        case list() | tuple():
            for each in value:
                _refuse(each)


def _whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
