"""Times in claims: RFC 3339, UTC, whole seconds, one spelling."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

from passport.errors import Malformed

_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def rfc3339(moment: datetime) -> str:
    """``2026-06-01T12:00:00Z``.

    Raises:
        Malformed: ``moment`` has no timezone.
    """
    if moment.tzinfo is None:
        raise Malformed("expected a time with a timezone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def read_rfc3339(text: str) -> datetime:
    """The time that ``rfc3339`` wrote.

    Raises:
        Malformed: another form, or no such time.
    """
    if not _FORM.fullmatch(text):
        raise Malformed("expected a time: YYYY-MM-DDThh:mm:ssZ")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("expected a time that the calendar has") from error


def read_date(text: str) -> date:
    """A day.

    Raises:
        Malformed: another form, or no such day.
    """
    if not _DATE.fullmatch(text):
        raise Malformed("expected a date: YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("expected a date that the calendar has") from error
