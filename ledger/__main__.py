"""``python -m ledger``: serve the embedded chain. Settings come from the environment (prefix ``LEDGER_``)."""

from __future__ import annotations

import asyncio
import sys

from pydantic import ValidationError

from ledger.embedded.serve import serve
from ledger.embedded.settings import GatewaySettings
from passport.errors import PassportError
from passport.shape_faults import expectation


def main() -> int:
    """Serve; returns the exit code."""
    try:
        settings = GatewaySettings()  # type: ignore[call-arg]  # filled from the environment
    except ValidationError as invalid:
        for problem in invalid.errors(include_url=False):
            name = "LEDGER_" + "_".join(str(part) for part in problem["loc"]).upper()
            print(f"ledger: {name}: {expectation([problem])}", file=sys.stderr)  # noqa: T201 - said to whoever starts it
        return 2
    try:
        return asyncio.run(serve(settings))
    except PassportError as error:
        print(f"ledger: {error}", file=sys.stderr)  # noqa: T201 - said to whoever starts it
        return 1


if __name__ == "__main__":
    sys.exit(main())
