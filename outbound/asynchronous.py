"""The guarded client for code on an event loop: the same rules as the synchronous one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

import httpcore

from outbound.answers import AnswerLost, FetchLimits, HttpAnswer, read_head, too_large
from outbound.origins import Origin
from outbound.pinning import Resolver, current_origin, system_resolver
from outbound.policy import OutboundPolicy
from outbound.requests import HttpRequest, build_request
from outbound.synchronous import JSON, answer_lost, not_reached, pool_url
from passport.errors import Malformed

_KEEPALIVE_SECONDS = 4.0
_RESOLVE_SECONDS = 3.0
_MAX_ADDRESSES = 3


class AsyncPinnedBackend(httpcore.AnyIOBackend):
    """A network backend that only reaches checked addresses."""

    def __init__(self, policy: OutboundPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is the pool's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the host's addresses, after all of them passed the policy.

        Raises:
            Rejected: one of the addresses is not public.
        """
        origin = current_origin.get()
        addresses = [host] if origin.address is not None else await self._resolve(host, port)
        self._policy.check_addresses(origin, addresses)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:_MAX_ADDRESSES]:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                return await asyncio.to_thread(self._resolver, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from error
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error


class AsyncHttpClient:
    """Asynchronous, for one event loop, with connections kept for reuse. Close it, or use it as a context."""

    def __init__(
        self,
        policy: OutboundPolicy | None = None,
        *,
        limits: FetchLimits | None = None,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = system_resolver,
        max_connections: int = 100,
    ) -> None:
        self._policy = policy or OutboundPolicy()
        self._limits = limits or FetchLimits()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=AsyncPinnedBackend(self._policy, resolver),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def get(
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
        chosen = limits or self._limits
        until = asyncio.get_running_loop().time() + chosen.seconds
        try:
            return await self._send(request, accept, chosen, until)
        except AnswerLost:
            if asyncio.get_running_loop().time() >= until:
                raise
            return await self._send(request, accept, chosen, until)

    async def send(
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
        until = asyncio.get_running_loop().time() + chosen.seconds
        return await self._send(request, accept, chosen, until)

    async def post(
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
        return await self.send(
            "POST",
            url,
            body=body,
            content_type=content_type,
            accept=accept,
            headers=headers,
            limits=limits,
        )

    async def _send(
        self, request: HttpRequest, accept: Sequence[str], limits: FetchLimits, until: float
    ) -> HttpAnswer:
        origin: Origin = request.target.origin
        where = current_origin.set(origin)
        try:
            async with asyncio.timeout_at(until):
                return await self._exchange(request, accept, limits)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise not_reached(origin) from error
        except httpcore.LocalProtocolError as error:
            raise Malformed("expected a request that HTTP/1.1 can carry") from error
        except (
            TimeoutError,
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.RemoteProtocolError,
        ) as error:
            raise answer_lost(origin) from error
        finally:
            current_origin.reset(where)

    async def _exchange(self, request: HttpRequest, accept: Sequence[str], limits: FetchLimits) -> HttpAnswer:
        async with self._pool.stream(
            request.method,
            pool_url(request),
            headers=list(request.headers),
            content=request.body,
            extensions={"timeout": {"pool": limits.seconds, "connect": limits.seconds}},
        ) as response:
            media_type, headers = read_head(response.status, response.headers, accept=accept, limits=limits)
            body = bytearray()
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > limits.max_bytes:
                    raise too_large(limits)
        return HttpAnswer(response.status, media_type, headers, bytes(body))
