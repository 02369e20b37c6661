"""Serving: one process, one port, drained within ten seconds of SIGTERM.

The port is bound before anything else answers, so that a taken port is one clear sentence. Every connection is under the
limits of ``service.connections``. Leaves out TLS: it ends at the proxy in front of a real installation.
"""

from __future__ import annotations

import errno
import logging
import socket
import sys
from collections.abc import Callable, Sequence

import uvicorn
from fastapi import FastAPI

from passport.errors import Misconfigured, PassportError
from service.connections import ConnectionLimits, within_descriptors
from service.http_protocol import bounded_protocol
from service.interpreter import take_short_turns
from service.logs import log_event

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 10
_BACKLOG = 1024


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        Misconfigured: the port is taken or may not be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"port {port} on {host} is taken: stop the program that uses it, or choose another port"
            ) from error
        raise Misconfigured(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def serve(app: FastAPI, listener: socket.socket, *, proxies: Sequence[str] = ()) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way, for at most ten seconds.

    ``proxies`` are the addresses and networks of those whose word about a caller's address counts.
    """
    take_short_turns()
    host, port = listener.getsockname()[:2]
    log_event(logger, "serving", level=logging.INFO, host=str(host), port=int(port))
    limits = within_descriptors(ConnectionLimits())
    uvicorn.Server(server_config(app, limits, proxies=proxies)).run(sockets=[listener])


def server_config(
    app: FastAPI, limits: ConnectionLimits | None = None, *, proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """How every service is served; tests and benchmarks that serve by themselves take the same."""
    return uvicorn.Config(
        app,
        http=bounded_protocol(limits or ConnectionLimits(), _tell_ended, proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        backlog=_BACKLOG,
    )


def _tell_ended(reason: str, count: int) -> None:
    log_event(logger, "connections_ended", level=logging.INFO, reason=reason, count=count)


def run_process(name: str, main: Callable[[], None]) -> int:
    """Run a service's ``main``; our own errors become one sentence and exit code 2, never a trace."""
    try:
        main()
    except PassportError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
