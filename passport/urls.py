"""URLs compared as values: two spellings of one address are one address (RFC 3986 sections 6.2.2 and 6.2.3).

Leaves out international names, whose one spelling on the wire is ASCII, and everything about reaching an address:
that is ``outbound``'s, which also refuses what is only unusual.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from passport.errors import Malformed

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65_535
# What a URL is made of (RFC 3986 appendix A). The parser below drops tabs and line ends, so they are refused before.
_CHARACTERS: Final = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, in lower case and with the scheme's own port written out.

    Raises:
        Malformed: it is not an absolute http or https address, or it has user information.
    """
    parts, host, port = _split(url)
    return f"{parts.scheme}://{host}:{port}"


def path_of(url: str) -> str:
    """The path of an address as it is written, without a slash at its end; empty where there is none.

    Raises:
        Malformed: as ``origin_of``.
    """
    return _split(url)[0].path.removesuffix("/")


def target_of(url: str) -> str:
    """The address without query and fragment, in its one normal spelling: what ``htu`` is compared by (RFC 9449 4.3).

    Case of scheme and host, escapes (in capitals, and none of a character that needs none), dot segments, the scheme's
    own port and an empty path make no difference.

    Raises:
        Malformed: as ``origin_of``.
    """
    parts, host, port = _split(url)
    return f"{parts.scheme}://{host}:{port}{_without_dots(_plain(parts.path)) or '/'}"


def _split(url: str) -> tuple[SplitResult, str, int]:
    if not _CHARACTERS.fullmatch(url):
        raise Malformed("expected an absolute address of the characters that URLs are made of")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _plain(parts.hostname or "").lower()
    except ValueError as error:
        raise Malformed("expected an absolute address") from error
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise Malformed("expected an absolute http or https address without user information")
    number = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if not 1 <= number <= _MAX_PORT:
        raise Malformed("expected a port from 1 to 65535")
    return parts, host, number


def _plain(text: str) -> str:
    """Escapes in capitals, and those of unreserved characters undone (section 6.2.2.2)."""

    def spelled(escape: re.Match[str]) -> str:
        letter = chr(int(escape[1], 16))
        return letter if _UNRESERVED.fullmatch(letter) else escape[0].upper()

    return _ESCAPE.sub(spelled, text)


def _without_dots(path: str) -> str:
    """The path with its dot segments resolved (section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)
