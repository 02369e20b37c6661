"""The one byte string for a value: RFC 8785, JSON Canonicalization Scheme."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from passport.errors import Malformed
from passport.strict_json._values import MAX_INTEGER, JsonValue

# ECMAScript writes 1e21 and 1e-7, but 100000000000000000000 and 0.000001 (ECMA-262, Number::toString).
_LARGEST_PLAIN_EXPONENT = 21
_SMALLEST_PLAIN_EXPONENT = -6


def canonical(value: JsonValue) -> bytes:
    """Write the canonical form.

    Raises:
        Malformed: a number is not finite or an integer passes 53 bits, or text holds a lone surrogate.
    """
    parts: list[str] = []
    try:
        _write(value, parts)
        return "".join(parts).encode()
    except UnicodeError as error:
        raise Malformed("expected whole characters, got a lone surrogate") from error


def _write(value: JsonValue, parts: list[str]) -> None:
    match value:
        case None:
            parts.append("null")
        case bool():
            parts.append("true" if value else "false")
        case int():
            if abs(value) > MAX_INTEGER:
                raise Malformed("expected an integer of at most 53 bits")
            parts.append(str(value))
        case float():
            parts.append(_number(value))
        case str():
            parts.append(json.dumps(value, ensure_ascii=False))
        case Mapping():
            # Sorted by UTF-16 code units, which differs from code points beyond the basic plane (3.2.3).
            separator = "{"
            for name in sorted(value, key=_utf16):
                parts.extend((separator, json.dumps(name, ensure_ascii=False), ":"))
                _write(value[name], parts)
                separator = ","
            parts.append("}" if value else "{}")
        case _:
            separator = "["
            for item in value:
                parts.append(separator)
                _write(item, parts)
                separator = ","
            parts.append("]" if value else "[]")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")


def _number(value: float) -> str:
    """As ECMAScript writes a double (3.2.2.3); Python's repr already has the shortest digits."""
    if not math.isfinite(value):
        raise Malformed("expected a finite number")
    if value == 0:
        return "0"  # Also for -0.
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    point = int(exponent_text or 0) + len(whole) - leading
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= _LARGEST_PLAIN_EXPONENT:
        return sign + digits + "0" * (point - count)
    if 0 < point <= _LARGEST_PLAIN_EXPONENT:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if _SMALLEST_PLAIN_EXPONENT < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = "." + digits[1:] if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"
