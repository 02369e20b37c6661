"""JSON logs, one object a line, with allow-listed fields only.

A field that is not on the list is dropped, and a message of a foreign library is replaced by its logger's name: what
may hold a name, a number, a token or a key cannot reach a log by accident. Leaves out log shipping.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

ALLOWED_FIELDS: Final = frozenset(
    {
        "answer", "attempt", "block", "chain_id", "code", "count", "error", "grant", "host", "kind", "level",
        "list_id", "method", "ms", "point", "port", "profile", "reason", "route", "service", "size", "state",
        "status", "step", "version", "window",
    }
)  # fmt: skip
_OURS: Final = ("issuer", "verifier", "holder", "fraud_check", "service", "ledger", "outbound", "sandbox")
_FIELDS: Final = "passport_fields"

FieldValue = str | int | float | bool | None
_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def log_event(
    logger: logging.Logger, event: str, *, level: int = logging.DEBUG, failure: BaseException | None = None,
    **fields: FieldValue,
) -> None:  # fmt: skip
    """Log one event name and its fields; ``failure`` adds where it broke, never what it said."""
    logger.log(level, event, extra={_FIELDS: fields}, exc_info=failure)


def _where(failure: _Failure) -> dict[str, FieldValue]:
    """The class of an exception and the places it passed; its text may quote a secret and is left out."""
    kind, error, trace = failure
    if kind is None or error is None:
        return {}
    frames = traceback.extract_tb(trace)[-6:]
    return {
        "error": kind.__name__,
        "trace": " < ".join(
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames)
        ),
    }


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, event, allow-listed fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        ours = record.name.split(".", 1)[0] in _OURS
        fields: dict[str, FieldValue] = getattr(record, _FIELDS, {})
        line: dict[str, FieldValue] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg) if ours else "library",
            **{name: value for name, value in fields.items() if name in ALLOWED_FIELDS},
        }
        if record.exc_info:
            line |= _where(record.exc_info)
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def configure_logs(level: str) -> None:
    """Send every log of this process to standard error as JSON; libraries from warning up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
