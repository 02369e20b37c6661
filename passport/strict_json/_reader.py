"""Reading and writing; see the package for what is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, cast

from passport.errors import Malformed
from passport.strict_json._values import MAX_INTEGER, JsonValue, Limits

_MAX_NUMBER_LENGTH = 64
# Up to and with the next bracket outside strings. An unfinished string runs to the end, and nothing is tried twice:
# starting again at each of its escaped quotes would be quadratic.
_TO_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?)*+([\[\]{}])', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_DEFAULT_LIMITS = Limits()


def loads(data: bytes | str, limits: Limits = _DEFAULT_LIMITS) -> JsonValue:
    """Read one JSON text.

    Raises:
        Malformed: it is not JSON, breaks one of the package's rules, or passes a limit.
    """
    text = _decode(data, limits)
    _check_nesting(text, limits)
    try:
        value = cast("JsonValue", _DECODER.decode(text))
    except json.JSONDecodeError as error:
        raise Malformed(f"expected JSON, got something else at character {error.pos}") from error
    if _SURROGATE_ESCAPE.search(text):
        # An escape may be half of a pair; written out, only whole pairs survive.
        dumps(value)
    return value


def dumps(value: JsonValue) -> bytes:
    """Write compact UTF-8 JSON, members in the order given.

    Raises:
        Malformed: a number is not finite, or text holds a lone surrogate.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
        return text.encode()
    except ValueError as error:
        raise Malformed("expected finite numbers and whole characters to write as JSON") from error


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"expected a JSON value, got {type(value).__name__}")


def _decode(data: bytes | str, limits: Limits) -> str:
    try:
        # Encoding first also refuses text with a lone surrogate in it.
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > limits.size:
            raise Malformed(f"expected at most {limits.size} bytes of JSON, got {len(raw)}")
        text = raw.decode()
    except UnicodeError as error:
        raise Malformed("expected JSON in UTF-8") from error
    if text.startswith("\ufeff"):
        raise Malformed("expected JSON without a byte order mark")
    return text


def _check_nesting(text: str, limits: Limits) -> None:
    """Refuse many and deep arrays and objects before the recursive parser sees them."""
    opened = text.count("[") + text.count("{")
    if opened <= limits.depth:
        return
    if opened > limits.containers:
        raise Malformed(f"expected at most {limits.containers} arrays and objects of JSON")
    depth, found = 0, _TO_BRACKET.match(text)
    while found:
        if found[1] in "[{":
            depth += 1
            if depth > limits.depth:
                raise Malformed(f"expected JSON at most {limits.depth} levels deep")
        else:
            depth -= 1
        found = _TO_BRACKET.match(text, found.end())


def _object_without_repeats(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("expected each member name once in an object, got one twice")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise Malformed("expected a JSON number, got NaN or an infinity")


def _integer(literal: str) -> int:
    if len(literal) > _MAX_NUMBER_LENGTH or abs(number := int(literal)) > MAX_INTEGER:
        raise Malformed("expected an integer of at most 53 bits")
    return number


def _finite(literal: str) -> float:
    if len(literal) > _MAX_NUMBER_LENGTH or not math.isfinite(number := float(literal)):
        raise Malformed("expected a number that a double can hold")
    return number


# Made once: making it takes longer than reading a disclosure.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_repeats,
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_finite,
)
