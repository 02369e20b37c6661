"""The types of JSON values, and the limits within which they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

# Read-only on purpose (and so covariant): a parsed value is not changed, a new one is built.
JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 7493 section 2.2)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read before giving up."""

    size: int = 128 * 1024
    """Bytes of UTF-8, inclusive."""
    depth: int = 24
    """Arrays and objects inside one another, inclusive; a bare number has depth 0."""
    containers: int = 100_000
    """Arrays and objects in all, inclusive: each costs the reader far more than its two bytes."""
