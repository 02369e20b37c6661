"""``python -m fraud_check``: read settings, wire, serve."""

from __future__ import annotations

import sys

from fraud_check.extension import require_extensions
from fraud_check.settings import HubSettings
from service.logs import configure_logs
from service.server import bind, run_process, serve
from service.settings import read_settings


def main() -> None:
    """Serve until told to stop."""
    require_extensions()
    from fraud_check.wiring import wire  # noqa: PLC0415 - it loads the extensions, which may be missing or old

    settings = read_settings(HubSettings)
    configure_logs(settings.log_level)
    listener = bind(settings.host, settings.port)
    serve(wire(settings), listener, proxies=settings.proxies())


if __name__ == "__main__":
    sys.exit(run_process("hub", main))
