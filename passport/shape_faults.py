"""What is wrong with the shape of a message, in plain English: where, what was expected, what kind came.

The one place that turns Pydantic's faults into words. They reach strangers, who know the wire and not our code: so no
class names, no names of ours, no regular expressions; and never the value, because it may be a claim or a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic_core import ErrorDetails, from_json

WHOLE: Final = "the whole message"
_PLACES_NAMED: Final = 50
_MAX_NAME: Final = 64

_URL: Final = "an http or https address"
_ORIGIN: Final = "an http or https address of scheme, host and port alone"
_BANK: Final = "an http or https address without query, fragment and slash at its end"
_WORD: Final = "text of letters, digits and . : _ -"
_PATH_WORD: Final = "text of letters, digits and . : / _ -"
FORMS: Final[Mapping[str, str]] = {
    r"^[!-~]+$": "text of visible ASCII characters without spaces",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a day like 2026-01-31",
    r"^0x[0-9a-fA-F]{40}\z": "an address of 0x and 40 hexadecimal digits",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits in small letters",
    r"^[1-9][0-9]{0,5}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$": "a token: the epoch's number, a dot, and 32 bytes in base64url",
    r"^[A-Z]{3}$": "a currency's code of three capitals",
    r"^[A-Z0-9]{1,12}\z": "1 to 12 capitals and digits",
    r"^[A-Za-z0-9._~+/=-]+\z": "a token of letters, digits and . _ ~ + / = -",
    r"^[A-Za-z0-9._~-]+\z": "text of letters, digits and . _ ~ -",
    r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$": "a JWS in its compact form",
    r"^[A-Za-z0-9_-]+\z": "text of letters, digits, _ and -",
    r"^[A-Za-z0-9_-]{22,86}$": "22 to 86 characters of base64url",
    r"^[A-Za-z0-9_-]{43}$": "32 bytes in base64url, 43 characters",
    r"^[A-Za-z0-9_-]{43}\z": "32 bytes in base64url, 43 characters",
    r"^[A-Za-z0-9_-]{86}$": "64 bytes in base64url, 86 characters",
    r"^[A-Za-z0-9_.:-]+$": _WORD,
    r"^[A-Za-z0-9_.:/-]+$": _PATH_WORD,
    r"^[\x20-\x21\x23-\x5B\x5D-\x7E]*\z": "printable ASCII without quotes and backslashes",
    r"^[\x20-\x7E]+\z": "printable ASCII",
    r"^[a-z][a-z0-9-]*\z": "small letters, digits and hyphens, a letter first",
    r"^[a-z][a-z0-9-]{0,63}\z": "small letters, digits and hyphens, a letter first, at most 64",
    r"^https?://[^/?#\s@]+$": _ORIGIN,
    r"^https?://[^\s#]+\z": f"{_URL} without a fragment",
    r"^https?://[^\s?#]+\z": f"{_URL} without query and fragment",
    r"^https?://[^/?#\s@]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$": _BANK,
    r"^https?://[^\s/?#@]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*\z": _BANK,
}
"""What our patterns mean; a test finds each that a model or a route has and that has no words here."""

_OF_A_KIND: Final[Mapping[str, str]] = {
    "bool": "true or false",
    "bytes": "text",
    "dataclass": "an object",
    "date": "a day like 2026-01-31",
    "datetime": "a time with its zone, like 2026-01-31T08:00:00Z",
    "decimal": "a number",
    "dict": "an object",
    "enum": "a value of the documented list",
    "finite": "a finite number",
    "float": "a number",
    "frozen_set": "a list",
    "int": "a whole number",
    "invalid_key": "names that are text",
    "ip_": "an IP address or network",
    "iterable": "a list",
    "json": "JSON",
    "list": "a list",
    "literal": "a value of the documented list",
    "mapping": "an object",
    "model": "an object",
    "none": "null",
    "path": "a path",
    "set": "a list",
    "string": "text",
    "timezone": "a time with its zone, like 2026-01-31T08:00:00Z",
    "tuple": "a list",
    "union_tag": "an object of a documented kind",
    "url": _URL,
}
"""By how the fault's type begins: ``int_type`` and ``int_parsing`` are both about a whole number."""

_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("gt", "a value above"),
    "greater_than_equal": ("ge", "a value of at least"),
    "less_than": ("lt", "a value below"),
    "less_than_equal": ("le", "a value of at most"),
    "multiple_of": ("multiple_of", "a multiple of"),
}


def told(faults: Sequence[ErrorDetails], sent: object) -> str:
    """The first place that is wrong in words, and the other places: so a batch is mended once and not row by row."""
    by_place: dict[str, list[ErrorDetails]] = {}
    for fault in faults:
        by_place.setdefault(place_of(fault, sent), []).append(fault)
    first, *others = by_place
    said = f"{first}: {expectation(by_place[first])}"
    if not others:
        return said
    rest = f" and {len(others) - _PLACES_NAMED} more" if len(others) > _PLACES_NAMED else ""
    return f"{said}; and at {', '.join(others[:_PLACES_NAMED])}{rest}"


def told_of_json(faults: Sequence[ErrorDetails], content: bytes) -> str:
    """The same of a file: of one that is no JSON there are no places."""
    try:
        sent: object = from_json(content)
    except ValueError:
        sent = None
    return told(faults, sent)


def place_of(fault: ErrorDetails, sent: object) -> str:
    """The place by the names on the wire, such as ``links.1.account``.

    Pydantic puts labels of ours between them where a member may be of several kinds; what was sent has no such step.
    """
    steps: list[str] = []
    at = sent
    loc = fault["loc"]
    for index, part in enumerate(loc):
        if _has(at, part):
            at = at[part]  # type: ignore[index]  # it has such a part
        elif fault["type"] != "missing" or index != len(loc) - 1:
            continue
        steps.append(_name(part))
    return ".".join(steps) or WHOLE


def _has(at: object, part: int | str) -> bool:
    if isinstance(at, list | tuple):
        return isinstance(part, int) and 0 <= part < len(at)
    return isinstance(at, dict) and part in at


def expectation(faults: Sequence[ErrorDetails]) -> str:
    """What was expected at one place, in each of the forms that it may have, and what kind came."""
    first = faults[0]
    if first["type"] == "missing":
        return "expected a value, got none"
    if first["type"] == "json_invalid":
        return "expected JSON"
    if first["type"] == "extra_forbidden":
        return "expected no member of this name"
    if first["type"] in {"value_error", "assertion_error"}:
        # Our own rule, which speaks for itself.
        return str(first.get("ctx", {}).get("error", "expected another value"))
    wanted = dict.fromkeys(_wanted(fault) for fault in faults if fault["type"] != "missing")
    return f"expected {' or '.join(wanted)}, got {_kind(first)}"


def _wanted(fault: ErrorDetails) -> str:
    kind, ctx = fault["type"], fault.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return FORMS.get(str(ctx.get("pattern")), "text of the documented form")
    if kind in {"string_too_short", "string_too_long", "bytes_too_short", "bytes_too_long"}:
        return f"text of {_limit(ctx, 'character')}"
    if kind in {"too_short", "too_long"}:
        of_members = ctx.get("field_type") == "Dictionary"
        return f"an object of {_limit(ctx, 'member')}" if of_members else f"a list of {_limit(ctx, 'item')}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words} {ctx.get(name)}"
    if kind in {"literal_error", "enum"} and "expected" in ctx:
        return str(ctx["expected"])
    starts = sorted((start for start in _OF_A_KIND if kind.startswith(start)), key=len)
    return _OF_A_KIND[starts[-1]] if starts else "another value"


def _limit(ctx: Mapping[str, object], part: str) -> str:
    least = "min_length" in ctx
    bound = ctx["min_length"] if least else ctx.get("max_length")
    return f"at {'least' if least else 'most'} {bound} {part}{'' if bound == 1 else 's'}"


def _kind(fault: ErrorDetails) -> str:
    """The kind of what came. Where the kind was right, that it was another one of it."""
    value, other = fault["input"], "" if fault["type"].endswith("_type") else "other "
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "another number" if other else "a number"
        case str() | bytes():
            return f"{other}text" if value else "empty text"
        case list() | tuple():
            return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else "something else"


def _name(part: int | str) -> str:
    """A name as it was sent, as long as it is one: anything may stand where a sender chooses the names."""
    text = str(part)
    return text if len(text) <= _MAX_NAME and text.isascii() and text.isprintable() else "(a member)"
