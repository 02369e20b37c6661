"""When signed claims hold: ``iat``, ``nbf`` and ``exp`` (RFC 7519 section 4.1; RFC 9901 section 7.1, step 6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from passport.clock import from_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.strict_json import JsonObject, find_number

DEFAULT_LEEWAY = timedelta(seconds=60)


def check_validity(
    claims: JsonObject,
    now: datetime,
    leeway: timedelta = DEFAULT_LEEWAY,
    *,
    required: Collection[str] = ("iat", "exp"),
) -> None:
    """Judge the times among ``claims``. Clocks may differ by ``leeway`` at the start; there is none at the end.

    1. Required claims are there.
    2. ``iat`` and ``nbf`` are not after now and the leeway.
    3. ``exp`` is after now.

    Raises:
        Malformed: step 1, or a time is not a NumericDate. Rejected: NOT_YET_VALID, EXPIRED.
    """
    missing = sorted(name for name in required if name not in claims)
    if missing:
        raise Malformed(f"expected claims with {', '.join(missing)}")
    # Compared as numbers: a beginning beyond every calendar has not come. An end beyond it is no time.
    seconds = now.timestamp()
    for name in ("iat", "nbf"):
        starts = find_number(claims, name)
        if starts is not None and starts > seconds + leeway.total_seconds():
            raise Rejected(Reason.NOT_YET_VALID, f"expected {name} in the past, got one in the future")
    ends = find_number(claims, "exp")
    if ends is not None and from_epoch(ends) <= now:
        raise Rejected(Reason.EXPIRED, "expected exp in the future, got one in the past")
