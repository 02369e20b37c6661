"""How every command ends: printed lines or one JSON document, an exit code, and errors for people.

Exit codes: 0 done, 1 refused or not done, 2 wrong usage or a world that is not up, 3 could not find out (try again),
70 a fault of this program.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from fraud_check.extension import cannot_load
from passport.errors import Malformed, Misconfigured, PassportError, Rejected, Unavailable

P = ParamSpec("P")

#: Controls of the second set, directions, invisible characters, and halves of pairs; JSON escapes the first set itself.
_ACTED_ON = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")

UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


def show(document: Mapping[str, object], *, as_json: bool, lines: list[str]) -> None:
    """Print the document for a program, or the lines for a person."""
    if as_json:
        print(_document(document))
    else:
        print("\n".join(lines))


def safe(text: str) -> str:
    """A stranger's text as one harmless line."""
    from holder import safe_text  # noqa: PLC0415 - `passport --help` waits for nothing

    return safe_text(text)


def _document(document: Mapping[str, object]) -> str:
    """JSON as readable as it can be, and without a character that a terminal would act on."""
    written = json.dumps(document, ensure_ascii=False)
    return _ACTED_ON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun, as English has it."""
    return f"{number} {one if number == 1 else many}"


def exit_code(error: PassportError) -> int:
    """What a script sees."""
    match error:
        case Misconfigured() | Malformed():
            return 2
        case Unavailable():
            return 3
        case _:
            return 1


def code_of(error: PassportError) -> str:
    """The stable code of an error, for programs."""
    match error:
        case Rejected() | Unavailable():
            return str(error.reason)
        case Malformed():
            return "malformed"
        case Misconfigured():
            return "misconfigured"
        case _:
            return "failed"


def for_people(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into one sentence on standard error (or JSON) and an exit code; never a stack trace."""

    @wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
        as_json = bool(options.get("as_json"))
        try:
            command(*arguments, **options)
        except PassportError as error:
            raise _ended(error, as_json=as_json) from None
        except BrokenPipeError:
            # The reader of our output has gone, as `head` does; Python would complain once more when it closes it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except Exception as error:  # noqa: BLE001 - the last wall: a person never meets a stack trace
            unloadable = cannot_load(error) if isinstance(error, ImportError) else None
            if unloadable is not None:
                raise _ended(unloadable, as_json=as_json) from None
            tell(
                "unexpected",
                f"something went wrong here that should not have ({type(error).__name__}); nothing else was done. "
                "Please report the command that you gave.",
                as_json=as_json,
            )
            raise typer.Exit(UNEXPECTED) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return wrapped


def _ended(error: PassportError, *, as_json: bool) -> typer.Exit:
    tell(code_of(error), str(error), as_json=as_json)
    return typer.Exit(exit_code(error))


def tell(code: str, description: str, *, as_json: bool) -> None:
    """An error, as one JSON document for a program or one sentence on standard error for a person."""
    if as_json:
        print(_document({"error": code, "error_description": description}))
    else:
        # An error may quote a file that somebody else wrote.
        sys.stderr.write(f"passport: {safe(description)}\n")
