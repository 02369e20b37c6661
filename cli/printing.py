"""How text leaves the program: on a terminal that cannot print every character, and on one that takes nothing at all.

A character that a stream cannot print is written as an escape, never an error: what a command has done must not look
undone because of an old terminal. An answer that could not be written is told on standard error, with what can be had
only once.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import select
import stat
import sys
import termios
import time
from collections.abc import Mapping
from typing import TextIO

#: Controls of the second set, directions, invisible characters, and halves of pairs; JSON escapes the first set itself.
_ACTED_ON = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


class AnswerLost(Exception):
    """Standard output took no more; ``quietly`` when its reader has left, as ``head`` does."""

    def __init__(self, cause: str, *, quietly: bool) -> None:
        super().__init__(cause)
        self.quietly = quietly


def prepare_streams() -> None:
    """Let no character that comes or goes end a command."""
    for stream, errors in (
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
        (sys.stdin, "replace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def document_text(document: Mapping[str, object]) -> str:
    """JSON as readable as it can be, without a character that a terminal would act on or cannot print."""
    written = json.dumps(document, ensure_ascii=False)
    if not can_print(written, sys.stdout):
        # The streams' own escapes are not JSON's beyond the first plane.
        written = json.dumps(document)
    return _ACTED_ON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def can_print(text: str, stream: TextIO | None) -> bool:
    """Whether every character of a text can be written as itself."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def in_both(en: str, zh_tw: str) -> str:
    """Both languages beside each other; English alone where the terminal cannot write Chinese, which nobody reads in codes."""
    return f"{en} / {zh_tw}" if speaks_chinese() else en


def speaks_chinese() -> bool:
    """Whether what is written in Chinese can be read here."""
    return all(can_print("漢", stream) for stream in (sys.stdout, sys.stderr) if stream is not None)


def write_out(text: str) -> None:
    """Write to standard output, now: what follows may rest on its having been read.

    Raises:
        AnswerLost: it was not written.
    """
    if sys.stdout is None:
        raise AnswerLost("standard output is closed", quietly=False)
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _let_go_of_output()
        cause = (error.strerror if isinstance(error, OSError) else None) or "standard output is closed"
        raise AnswerLost(cause, quietly=isinstance(error, BrokenPipeError)) from error


def wait_until_read(seconds: float = 2.0) -> None:
    """Let whoever reads standard output through a pipe take it, so that no question stands before what it is about."""
    pipe = _pipe_of_output()
    if pipe is None:
        return
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            if not int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder):
                break
            time.sleep(0.01)
    except OSError:
        return
    # Taken is not yet written on: that is the other program's next step.
    time.sleep(0.1)


def reader_left() -> bool:
    """Whether standard output goes to a pipe that nobody reads any more."""
    pipe = _pipe_of_output()
    if pipe is None:
        return False
    asked = select.poll()
    asked.register(pipe, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in asked.poll(0))


def _pipe_of_output() -> int | None:
    try:
        number = sys.stdout.fileno()
        return number if stat.S_ISFIFO(os.fstat(number).st_mode) else None
    except (AttributeError, OSError, ValueError):
        return None


def write_error(text: str, *, end: str = "\n") -> None:
    """Write to standard error, if anything can be written there; after that there is nobody left to tell."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{text}{end}")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def _let_go_of_output() -> None:
    """Python would try once more to write what is left when it ends, and complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = io.StringIO()
