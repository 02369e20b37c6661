"""Errors to HTTP answers: one table, and nothing else, gives status and code.

The domain knows no HTTP. A service adds rows of its own for protocol errors; ``missing_from`` lists error classes
without a row of their own, and a test of each service fails when it lists any. Answers hold ``error`` (stable) and
``error_description`` (for people), never a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected, Unavailable

STATUS_OF_REASON: Final[Mapping[Reason, int]] = {
    Reason.NOT_FOUND: 404,
    Reason.TRANSACTION_UNKNOWN: 404,
    Reason.NOT_AUTHORISED: 401,
    Reason.CONFLICT: 409,
    Reason.ALREADY_RECEIVED: 409,
    Reason.TRANSACTION_CLOSED: 409,
    Reason.LIMIT_EXCEEDED: 429,
}
_REJECTED: Final = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller gets for an error."""

    status: int
    code: str
    description: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, str]:
        """The JSON object."""
        return {"error": self.code, "error_description": self.description}


Row = Callable[[PassportError], Answer]
ErrorTable = Mapping[type[PassportError], Row]


def _malformed(error: PassportError) -> Answer:
    return Answer(400, "malformed", str(error))


def _rejected(error: PassportError) -> Answer:
    reason = error.reason if isinstance(error, Rejected) else Reason.REQUEST_INVALID
    status = STATUS_OF_REASON.get(reason, _REJECTED)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - RFC 9110, 11.6.1
    return Answer(status, reason.value, str(error), headers)


def _unavailable(error: PassportError) -> Answer:
    reason = error.reason if isinstance(error, Unavailable) else Reason.UPSTREAM_UNAVAILABLE
    return Answer(503, reason.value, str(error), {"Retry-After": "2"})


def _misconfigured(_: PassportError) -> Answer:
    return Answer(500, "misconfigured", "this service is not set up correctly; its operator can see why")


INTERNAL_ERROR: Final = Answer(
    500, "internal_error", "something went wrong here; nothing of it is your fault"
)

BASE_TABLE: Final[ErrorTable] = {
    PassportError: lambda _: INTERNAL_ERROR,
    Malformed: _malformed,
    Rejected: _rejected,
    Unavailable: _unavailable,
    Misconfigured: _misconfigured,
}


def answer_for(error: PassportError, table: ErrorTable) -> Answer:
    """The row of the error's class, or of the nearest class above it."""
    for kind in type(error).__mro__:
        if issubclass(kind, PassportError) and kind in table:
            return table[kind](error)
    return INTERNAL_ERROR


def missing_from(
    table: ErrorTable, rooms: Collection[str] = (), root: type[PassportError] = PassportError
) -> frozenset[str]:
    """Names of error classes of these packages or modules, at and below ``root``, without a row of their own.

    No ``rooms`` means every class that is loaded.
    """
    name = f"{root.__module__}.{root.__qualname__}"
    ours = not rooms or any(name.startswith(f"{room}.") for room in rooms)
    missing = {name} if ours and root not in table else set()
    for kind in root.__subclasses__():
        missing |= missing_from(table, rooms, kind)
    return frozenset(missing)
