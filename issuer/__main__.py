"""``python -m issuer``: read settings, wire, serve."""

from __future__ import annotations

import sys

from issuer.settings import IssuerSettings
from issuer.wiring import build
from service.logs import configure_logs
from service.server import bind, run_process, serve
from service.settings import read_settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings(IssuerSettings)
    configure_logs(settings.log_level)
    listener = bind(settings.host, settings.port)
    serve(build(settings), listener, proxies=settings.proxies())


if __name__ == "__main__":
    sys.exit(run_process("issuer", main))
