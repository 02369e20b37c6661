"""What goes out: method, headers and body, the same for both clients."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from outbound.origins import Target, parse_url
from outbound.policy import OutboundPolicy
from passport.errors import Malformed

# RFC 9110 section 5.1 and 5.5; a line break in a value would start a header of the attacker's choice.
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
_OURS = {"host", "content-length", "content-type", "accept", "accept-encoding", "connection", "user-agent"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request that has passed the policy's first check."""

    method: str
    target: Target
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes | None = field(repr=False)


def build_request(
    policy: OutboundPolicy,
    method: str,
    url: str,
    *,
    accept: Sequence[str],
    headers: Mapping[str, str],
    body: bytes | None = None,
    content_type: str | None = None,
) -> HttpRequest:
    """Check the URL against the policy and write the headers.

    Raises:
        Malformed: the URL or a header cannot be read.
        Rejected: the policy does not allow the URL.
    """
    target = parse_url(url)
    policy.check_target(target)
    origin = target.origin
    authority = str(origin).partition("://")[2]
    written = [
        ("Host", authority),
        ("User-Agent", "financial-passport"),
        ("Accept", ", ".join(accept) or "*/*"),
        ("Accept-Encoding", "identity"),
    ]
    if body is not None:
        written.append(("Content-Length", str(len(body))))
        written.append(("Content-Type", content_type or "application/octet-stream"))
    written.extend(headers.items())
    for name, value in headers.items():
        if name.lower() in _OURS or not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Malformed("expected header names and values of plain ASCII that are not the client's own")
    encoded = [(name.encode("ascii"), value.encode("ascii")) for name, value in written]
    return HttpRequest(method, target, encoded, body)
