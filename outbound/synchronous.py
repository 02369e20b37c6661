"""The guarded client for code that waits: the wallet, the command line, service threads."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpcore

from outbound.answers import AnswerLost, FetchLimits, HttpAnswer, read_head, too_large
from outbound.origins import Origin
from outbound.pinning import PinnedBackend, Resolver, current_origin, deadline, system_resolver
from outbound.policy import OutboundPolicy
from outbound.requests import HttpRequest, build_request
from passport.errors import Malformed, Reason, Unavailable

# Shorter than the five seconds after which servers close an idle connection, so that none is found half closed.
_KEEPALIVE_SECONDS = 4.0
JSON = ("application/json",)
FORM = "application/x-www-form-urlencoded"


class HttpClient:
    """Synchronous, thread-safe, with connections kept for reuse. Close it, or use it as a context."""

    def __init__(
        self,
        policy: OutboundPolicy | None = None,
        *,
        limits: FetchLimits | None = None,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = system_resolver,
        max_connections: int = 20,
    ) -> None:
        self._policy = policy or OutboundPolicy()
        self._limits = limits or FetchLimits()
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=PinnedBackend(self._policy, resolver),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def get(
        self,
        url: str,
        *,
        accept: Sequence[str] = JSON,
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        """GET; asked a second time if the first connection broke, since a GET may be.

        Raises:
            Malformed: the URL cannot be read, or the answer has an unexpected content type.
            Rejected: the destination is not allowed (a redirect counts as one), or the answer is too large.
            Unavailable: no connection, no answer in time.
        """
        request = build_request(self._policy, "GET", url, accept=accept, headers=headers or {})
        until = time.monotonic() + (limits or self._limits).seconds
        try:
            return self._send(request, accept, limits or self._limits, until)
        except AnswerLost:
            if time.monotonic() >= until:
                raise
            return self._send(request, accept, limits or self._limits, until)

    def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = "application/json",
        accept: Sequence[str] = JSON,
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        """Send a body with POST or PUT, once.

        Raises:
            Malformed, Rejected: as ``get``.
            AnswerLost: the request may have arrived but no whole answer came.
            Unavailable: the request was not sent.
        """
        request = build_request(
            self._policy,
            method,
            url,
            accept=accept,
            headers=headers or {},
            body=body,
            content_type=content_type,
        )
        chosen = limits or self._limits
        return self._send(request, accept, chosen, time.monotonic() + chosen.seconds)

    def post(
        self,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = "application/json",
        accept: Sequence[str] = JSON,
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        """POST a body, once; raises as ``send``."""
        return self.send(
            "POST",
            url,
            body=body,
            content_type=content_type,
            accept=accept,
            headers=headers,
            limits=limits,
        )

    def _send(
        self, request: HttpRequest, accept: Sequence[str], limits: FetchLimits, until: float
    ) -> HttpAnswer:
        origin = request.target.origin
        when, where = deadline.set(until), current_origin.set(origin)
        try:
            return self._exchange(request, accept, limits)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise not_reached(origin) from error
        except httpcore.LocalProtocolError as error:
            raise Malformed("expected a request that HTTP/1.1 can carry") from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise answer_lost(origin) from error
        finally:
            deadline.reset(when)
            current_origin.reset(where)

    def _exchange(self, request: HttpRequest, accept: Sequence[str], limits: FetchLimits) -> HttpAnswer:
        with self._pool.stream(
            request.method,
            pool_url(request),
            headers=list(request.headers),
            content=request.body,
            extensions={"timeout": {"pool": limits.seconds, "connect": limits.seconds}},
        ) as response:
            media_type, headers = read_head(response.status, response.headers, accept=accept, limits=limits)
            body = bytearray()
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > limits.max_bytes:
                    raise too_large(limits)
        return HttpAnswer(response.status, media_type, headers, bytes(body))


def pool_url(request: HttpRequest) -> httpcore.URL:
    """The URL in the pool's own form; the path goes out exactly as it was given."""
    origin = request.target.origin
    return httpcore.URL(
        scheme=origin.scheme.encode("ascii"),
        host=origin.host.encode("ascii"),
        port=origin.port,
        target=request.target.path_and_query.encode("ascii"),
    )


def not_reached(origin: Origin) -> Unavailable:
    """The error of a request that never left."""
    return Unavailable(Reason.UPSTREAM_UNAVAILABLE, f"could not connect to {origin}")


def answer_lost(origin: Origin) -> AnswerLost:
    """The error of a request that left, and whose answer did not come whole and in time."""
    return AnswerLost(f"{origin} gave no whole answer in time; it may have received the request")
