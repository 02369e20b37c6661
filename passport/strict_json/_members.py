"""Typed access to parsed JSON: ``as_`` judges a value, ``get_`` a required member, ``find_`` an optional one.

Each raises :class:`~passport.errors.Malformed` with the member's name and never its value. A boolean is not an
integer here, whatever Python thinks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passport.errors import Malformed
from passport.strict_json._values import JsonObject, JsonValue


def as_object(value: JsonValue, what: str = "value") -> JsonObject:
    """The value as an object."""
    if isinstance(value, Mapping):
        return value
    raise Malformed(f"expected {what} to be a JSON object")


def as_array(value: JsonValue, what: str = "value") -> Sequence[JsonValue]:
    """The value as an array."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise Malformed(f"expected {what} to be a JSON array")


def as_text(value: JsonValue, what: str = "value") -> str:
    """The value as text."""
    if isinstance(value, str):
        return value
    raise Malformed(f"expected {what} to be a JSON string")


def as_integer(value: JsonValue, what: str = "value") -> int:
    """The value as an integer."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Malformed(f"expected {what} to be an integer")


def as_number(value: JsonValue, what: str = "value") -> int | float:
    """The value as a number, with or without a fraction."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise Malformed(f"expected {what} to be a number")


def get_object(members: JsonObject, name: str) -> JsonObject:
    """A required object."""
    return as_object(members.get(name), name)


def get_array(members: JsonObject, name: str) -> Sequence[JsonValue]:
    """A required array."""
    return as_array(members.get(name), name)


def get_text(members: JsonObject, name: str) -> str:
    """Required text."""
    return as_text(members.get(name), name)


def get_integer(members: JsonObject, name: str) -> int:
    """A required integer."""
    return as_integer(members.get(name), name)


def get_number(members: JsonObject, name: str) -> int | float:
    """A required number."""
    return as_number(members.get(name), name)


def get_boolean(members: JsonObject, name: str) -> bool:
    """A required boolean."""
    value = members.get(name)
    if isinstance(value, bool):
        return value
    raise Malformed(f"expected {name} to be true or false")


def find_object(members: JsonObject, name: str) -> JsonObject | None:
    """An object, or nothing if the member is absent (null is refused)."""
    return get_object(members, name) if name in members else None


def find_array(members: JsonObject, name: str) -> Sequence[JsonValue] | None:
    """An array, or nothing if the member is absent (null is refused)."""
    return get_array(members, name) if name in members else None


def find_text(members: JsonObject, name: str) -> str | None:
    """Text, or nothing if the member is absent (null is refused)."""
    return get_text(members, name) if name in members else None


def find_integer(members: JsonObject, name: str) -> int | None:
    """An integer, or nothing if the member is absent (null is refused)."""
    return get_integer(members, name) if name in members else None


def find_number(members: JsonObject, name: str) -> int | float | None:
    """A number, or nothing if the member is absent (null is refused)."""
    return get_number(members, name) if name in members else None
