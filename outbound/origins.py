"""URLs and origins (RFC 3986, RFC 6454), read strictly: what two parsers might read differently is refused.

Leaves out internationalised host names in their Unicode form; their ``xn--`` form is plain ASCII and passes.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Protocol, Self
from urllib.parse import urlsplit

from passport.errors import Malformed, Misconfigured

_MAX_URL = 4096
_DEFAULT_PORTS = {"https": 443, "http": 80}
# Printable ASCII without space, quotes, backslash and the characters that RFC 3986 excludes.
_URL_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~%$&@A-Z]*")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
# A last label that is a number makes a name that some parsers read as an IPv4 address (0x7f.1, 2130706433).
_NUMERIC_TAIL = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")
_MAX_HOST = 253
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Scheme, host and port, normalised: lower case, default port written out."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The origin of a URL without path, such as ``https://bank.example`` or ``http://127.0.0.1:8080``.

        Raises:
            Malformed: it is not such a URL, or carries a path or a query.
        """
        target = parse_url(text)
        if target.path_and_query not in {"/", ""}:
            raise Malformed("expected an origin: scheme, host and port without a path")
        return cls(target.origin.scheme, target.origin.host, target.origin.port)

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The IP address, where the host is one."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def host_in_url(self) -> str:
        """The host as a URL or a Host header writes it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host_in_url}{port}"


@dataclass(frozen=True, slots=True)
class Target:
    """One URL, taken apart."""

    origin: Origin
    path_and_query: str

    def __str__(self) -> str:
        return f"{self.origin}{self.path_and_query}"


class OriginRule(Protocol):
    """Says of an origin whether it may be reached in spite of being http or not public."""

    def __contains__(self, origin: object, /) -> bool:
        """Whether the origin is on the list."""
        ...


class InsecureLoopback:
    """Allows every origin on this machine's loopback address; exists for the sandbox alone."""

    def __init__(self, profile: str) -> None:
        """Refuse any profile but the sandbox's.

        Raises:
            Misconfigured: the profile is not ``sandbox``.
        """
        if profile != "sandbox":
            raise Misconfigured("loopback origins are for the sandbox profile only: list the origins by name")

    def __contains__(self, origin: object, /) -> bool:
        """Whether the host is written as a loopback address (a name, even ``localhost``, is not)."""
        if not isinstance(origin, Origin):
            return False
        address = origin.address
        return address is not None and address.is_loopback


def parse_url(text: str) -> Target:
    """Take a URL apart.

    Raises:
        Malformed: not an absolute http(s) URL, or written in a way that parsers disagree about.
    """
    if len(text) > _MAX_URL:
        raise Malformed(f"expected a URL of at most {_MAX_URL} characters, got {len(text)}")
    if not _URL_CHARACTERS.fullmatch(text):
        raise Malformed("expected a URL of plain ASCII characters, without spaces, quotes or backslashes")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise Malformed("expected a URL with a readable host and port") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise Malformed("expected an absolute http or https URL")
    if "@" in parts.netloc:
        raise Malformed("expected a URL without user information")
    if "#" in text:
        raise Malformed("expected a URL without a fragment")
    if parts.netloc.endswith(":"):
        raise Malformed("expected a port after the colon")
    _check_host(host, bracketed=parts.netloc.startswith("["))
    number = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if not 1 <= number <= _MAX_PORT:
        raise Malformed("expected a port from 1 to 65535")
    query = f"?{parts.query}" if parts.query else ""
    if not parts.path.startswith("/") and parts.path:
        raise Malformed("expected the path to begin with a slash")
    normal = str(ipaddress.ip_address(host)) if ":" in host else host
    return Target(Origin(parts.scheme, normal, number), f"{parts.path or '/'}{query}")


def _check_host(host: str, *, bracketed: bool) -> None:
    if bracketed:
        try:
            ipaddress.IPv6Address(host)
        except ValueError as error:
            raise Malformed("expected an IPv6 address between the brackets") from error
        if "%" in host:
            raise Malformed("expected an IPv6 address without a zone")
        return
    if _NUMERIC_TAIL.fullmatch(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError as error:
            raise Malformed("expected an IPv4 address of four decimal numbers") from error
        return
    if len(host) > _MAX_HOST or not _HOST_NAME.fullmatch(host):
        raise Malformed("expected a host name in ASCII")
