"""Connecting: resolve once, check every address, connect to a checked one, under the request's deadline.

The pool above sees only the host's name, so the Host header, the TLS server name and the certificate check keep
the name while the socket goes to the pinned address.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

import httpcore

from outbound.origins import Origin
from outbound.policy import OutboundPolicy

_RESOLVE_SECONDS = 3.0
_MAX_ADDRESSES = 3

deadline: ContextVar[float] = ContextVar("deadline")
"""When the running request must be over, on the monotonic clock."""

current_origin: ContextVar[Origin] = ContextVar("current_origin")
"""The origin that the running request connects to."""


class Resolver(Protocol):
    """Finds the addresses of a host name."""

    def __call__(self, host: str, port: int, /) -> Sequence[str]:
        """The addresses, possibly none.

        Raises:
            OSError: the name cannot be resolved.
        """
        ...


def system_resolver(host: str, port: int, /) -> Sequence[str]:
    """The system's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def remaining(timeout: float | None = None) -> float:
    """Seconds left until the deadline, or the given timeout if that is shorter.

    Raises:
        httpcore.ReadTimeout: nothing is left.
    """
    left = deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline of the request has passed")
    return left if timeout is None else min(left, timeout)


class PinnedBackend(httpcore.SyncBackend):
    """A network backend that only reaches checked addresses."""

    def __init__(self, policy: OutboundPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the host's addresses, after all of them passed the policy.

        Raises:
            Rejected: one of the addresses is not public.
        """
        origin = current_origin.get()
        addresses = [host] if origin.address is not None else self._resolve(host, port)
        self._policy.check_addresses(origin, addresses)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:_MAX_ADDRESSES]:
            try:
                stream = super().connect_tcp(address, port, remaining(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream)
        raise failure

    def _resolve(self, host: str, port: int) -> Sequence[str]:
        # The system's resolver cannot be interrupted, so it runs where nobody has to wait for it.
        answer: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answer.put(self._resolver(host, port))
            except OSError as error:
                answer.put(error)

        threading.Thread(target=look_up, name="outbound-resolver", daemon=True).start()
        try:
            found = answer.get(timeout=remaining(_RESOLVE_SECONDS))
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
        if isinstance(found, OSError):
            raise httpcore.ConnectError(f"{host} cannot be resolved") from found
        return found


class DeadlineStream(httpcore.NetworkStream):
    """A stream on which the whole request has one deadline, so that a slow drip cannot stretch it."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, at most until the deadline."""
        return self._inner.read(max_bytes, remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, at most until the deadline."""
        self._inner.write(buffer, remaining(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same stream under TLS, with the host's name for SNI and the certificate check."""
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """What the connection below knows about itself."""
        return self._inner.get_extra_info(info)
