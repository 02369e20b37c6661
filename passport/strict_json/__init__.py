"""JSON without surprises: what two parsers could read differently is refused.

Follows RFC 8259 with the restrictions of I-JSON (RFC 7493), and RFC 8785 for the canonical form. Refused: a name
that comes twice, NaN and infinities, integers that a double cannot hold, lone surrogates, a byte order mark,
nesting or size beyond the :class:`Limits`. Leaves out schemas: messages are pydantic models elsewhere.
"""

from passport.strict_json._canonical import canonical
from passport.strict_json._members import (
    as_array,
    as_integer,
    as_number,
    as_object,
    as_text,
    find_array,
    find_integer,
    find_number,
    find_object,
    find_text,
    get_array,
    get_boolean,
    get_integer,
    get_number,
    get_object,
    get_text,
)
from passport.strict_json._reader import dumps, loads
from passport.strict_json._values import MAX_INTEGER, JsonObject, JsonValue, Limits

__all__ = [
    "MAX_INTEGER",
    "JsonObject",
    "JsonValue",
    "Limits",
    "as_array",
    "as_integer",
    "as_number",
    "as_object",
    "as_text",
    "canonical",
    "dumps",
    "find_array",
    "find_integer",
    "find_number",
    "find_object",
    "find_text",
    "get_array",
    "get_boolean",
    "get_integer",
    "get_number",
    "get_object",
    "get_text",
    "loads",
]
