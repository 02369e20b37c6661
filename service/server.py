"""Serving: one process, one port, drained within ten seconds of SIGTERM.

The port is bound before anything else answers, so that a taken port is one clear sentence. Leaves out TLS: it ends
at the proxy in front of a real installation.
"""

from __future__ import annotations

import errno
import logging
import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from passport.errors import Misconfigured, PassportError
from service.interpreter import take_short_turns
from service.logs import log_event

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 10
_BACKLOG = 512
_CONCURRENT = 512


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


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way, for at most ten seconds."""
    take_short_turns()
    host, port = listener.getsockname()[:2]
    log_event(logger, "serving", level=logging.INFO, host=str(host), port=int(port))
    uvicorn.Server(server_config(app)).run(sockets=[listener])


def server_config(app: FastAPI) -> uvicorn.Config:
    """How every service is served; tests and benchmarks that serve by themselves take the same."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=5,
        limit_concurrency=_CONCURRENT,
        h11_max_incomplete_event_size=64 * 1024,
    )


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
