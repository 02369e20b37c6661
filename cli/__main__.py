"""The program's entry: whoever stops it while its commands are still being loaded reads a line, not a stack trace."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_STOPPED = ("passport: stopped before anything was done", " / 已中斷，未做任何事", "\n")


def main() -> None:
    """The program's entry."""
    # A program that was told to ignore the signal, as one in the background is, goes on ignoring it.
    mine = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if mine:
        signal.signal(signal.SIGINT, _stop)
    from cli.program import run  # noqa: PLC0415 - the loading is what may be stopped

    if mine:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """End here and now: an exception would be raised in the middle of somebody's import, and printed as a fault."""
    del signal_number, frame
    line = b""
    for part in _STOPPED:
        try:
            line += part.encode(getattr(sys.stderr, "encoding", None) or "ascii")
        except (UnicodeEncodeError, LookupError):
            continue
    try:
        os.write(2, line)
    finally:
        os._exit(130)


if __name__ == "__main__":
    main()
