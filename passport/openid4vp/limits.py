"""How large an OpenID4VP message may be before it is refused unread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes, counts and ages. A question that needs more than this is not one a person can consent to."""

    credentials: int = 16
    claims: int = 64
    path: int = 16
    values: int = 64
    claim_sets: int = 32
    credential_sets: int = 16
    options: int = 32
    authorities: int = 16
    text: int = 512
    error_code: int = 64
    """How much of a code that is nobody's goes into a record."""
    uri: int = 2_048
    presentations: int = 16
    request_object_bytes: int = 65_536
    response_bytes: int = 262_144
    request_lifetime: timedelta = timedelta(hours=1)
    clock_skew: timedelta = timedelta(seconds=60)
    selected_elements: int = 1_024
    """How many elements one path with nulls may select, so that a small query cannot ask for a large walk."""


LIMITS: Final = Limits()
