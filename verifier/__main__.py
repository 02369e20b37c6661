"""``python -m verifier``: read settings, wire, serve."""

from __future__ import annotations

import sys

from service.server import run_process


def main() -> None:
    """Serve until told to stop."""
    from verifier.wiring import run  # noqa: PLC0415 - bad settings are one sentence even if wiring is heavy

    run()


if __name__ == "__main__":
    sys.exit(run_process("verifier", main))
