"""What comes back, and how much of it may: limits, the answer, and the error of not knowing.

The same functions read the answers of the synchronous and the asynchronous client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from passport.errors import Malformed, Reason, Rejected, Unavailable

_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How large an answer may be and how long everything together may take, name lookup included."""

    max_bytes: int = _MEBIBYTE
    seconds: float = 5.0


class AnswerLost(Unavailable):
    """The request may have arrived, and its answer never did: only an idempotent request may be sent again."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.UPSTREAM_UNAVAILABLE, message)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer. Anything from 400 up is an answer too: what it means is the caller's protocol."""

    status: int
    media_type: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110 section 15.3


def read_head(
    status: int, raw_headers: Iterable[tuple[bytes, bytes]], *, accept: Sequence[str], limits: FetchLimits
) -> tuple[str, Mapping[str, str]]:
    """Check everything that can be known before the body is read; the media type and the headers.

    Raises:
        Rejected: a redirect, or an announced length above the limit.
        Malformed: a success of an unexpected content type, or an encoded body.
    """
    headers = {
        name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in raw_headers
    }
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110 section 15.4
        raise Rejected(Reason.DESTINATION_NOT_ALLOWED, f"expected an answer, got a redirect ({status})")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Malformed("expected an answer without content encoding")
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:20]) > limits.max_bytes:
        raise too_large(limits)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    empty = status == 204 or headers.get("content-length") == "0"  # noqa: PLR2004 - no content
    if status < 300 and accept and not empty and media_type not in accept:  # noqa: PLR2004 - success only
        raise Malformed(f"expected content type {' or '.join(accept)}, got {media_type[:60] or 'none'}")
    return media_type, headers


def too_large(limits: FetchLimits) -> Rejected:
    """The error of an answer above the limit."""
    return Rejected(Reason.LIMIT_EXCEEDED, f"expected an answer of at most {limits.max_bytes} bytes")
