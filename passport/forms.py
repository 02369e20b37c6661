"""Form bodies and custom-scheme links: names once, UTF-8, limited.

Follows the application/x-www-form-urlencoded serialisation of the URL standard as RFC 6749 appendix B uses it.
A name that comes twice is refused (RFC 6749 section 3.1), because two readers could take different ones. Leaves
out what names mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from passport.errors import Malformed

MAX_FIELDS: Final = 32
MAX_LINK_CHARACTERS: Final = 16_384


def read_form(body: bytes, *, max_bytes: int) -> dict[str, str]:
    """The fields of a form body.

    Raises:
        Malformed: too large, not UTF-8, badly escaped, too many fields, or a name that comes twice.
    """
    if len(body) > max_bytes:
        raise Malformed(f"form: expected at most {max_bytes} bytes, got {len(body)}")
    try:
        return _read(body.decode("ascii"))
    except UnicodeError as error:
        raise Malformed("form: expected percent-encoded UTF-8") from error


def write_form(fields: Mapping[str, str]) -> bytes:
    """The body that ``read_form`` reads back."""
    return urlencode(fields).encode("ascii")


def read_link(link: str, *, scheme: str) -> dict[str, str]:
    """The parameters of a link such as ``openid4vp://?client_id=…``.

    Raises:
        Malformed: another scheme, too long, badly escaped, or a name that comes twice.
    """
    if len(link) > MAX_LINK_CHARACTERS:
        raise Malformed(f"link: expected at most {MAX_LINK_CHARACTERS} characters, got {len(link)}")
    try:
        parts = urlsplit(link.strip())
    except ValueError as error:
        raise Malformed(f"link: expected {scheme}://?…") from error
    if parts.scheme != scheme or parts.fragment:
        raise Malformed(f"link: expected {scheme}://?… without a fragment")
    return _read(parts.query)


def write_link(scheme: str, fields: Mapping[str, str]) -> str:
    """The link that ``read_link`` reads back."""
    return f"{scheme}://?{urlencode(fields)}"


def _read(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise Malformed(f"form: expected at most {MAX_FIELDS} well-formed name=value fields") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("form: expected each name once")
    return fields
