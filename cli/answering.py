"""How every command ends: printed lines or one JSON document, an exit code, and errors for people.

Exit codes: 0 done, 1 refused or not done, 2 wrong usage or a world that is not up, 3 could not find out (try again),
70 a fault of this program, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from cli.printing import AnswerLost, document_text, in_both, write_error, write_out
from fraud_check.extension import cannot_load
from passport.errors import Malformed, Misconfigured, PassportError, Rejected, Unavailable

P = ParamSpec("P")

UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # as a shell has it for Ctrl-C
_INTERRUPTED = ("interrupted; what was done before it stays done", "已中斷；先前完成的動作仍然有效")

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


def show(
    document: Mapping[str, object], *, as_json: bool, lines: Sequence[str], once: Sequence[str] = ()
) -> None:
    """Print the document for a program, or the lines for a person.

    ``once`` are lines that nobody can print again; where standard output takes nothing they go to standard error.

    Raises:
        AnswerLost: standard output took nothing.
    """
    try:
        write_out(document_text(document) if as_json else "\n".join(lines))
    except AnswerLost:
        if once:
            write_error("\n".join(once))
        raise


def safe(text: str, *, whole: bool = False) -> str:
    """A stranger's text as one harmless line; ``whole`` where a cut would hide what is agreed to."""
    from holder import safe_text  # noqa: PLC0415 - `passport --help` waits for nothing

    return safe_text(text, limit=max(1000, 4 * len(text))) if whole else safe_text(text)


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
    return ending_with(_tell_plainly)(command)


def ending_with(
    tell_error: Callable[[PassportError, bool], None],
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """As ``for_people``, with other words for our errors; the second argument says whether a program reads them."""

    def wall(command: Callable[P, None]) -> Callable[P, None]:
        @wraps(command)
        def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
            as_json = bool(options.get("as_json"))

            def ended(error: PassportError) -> typer.Exit:
                tell_error(error, as_json)
                return typer.Exit(exit_code(error))

            try:
                command(*arguments, **options)
            except PassportError as error:
                raise ended(error) from None
            except AnswerLost as lost:
                raise _unread(lost) from None
            except typer.Abort:
                # A question was left unanswered; whoever runs the program says so in the words of its readers.
                raise
            except KeyboardInterrupt:
                tell("interrupted", in_both(*_INTERRUPTED), as_json=as_json)
                raise typer.Exit(INTERRUPTED) from None
            except Exception as error:  # noqa: BLE001 - the last wall: a person never meets a stack trace
                unloadable = cannot_load(error) if isinstance(error, ImportError) else None
                if unloadable is not None:
                    raise ended(unloadable) from None
                tell(
                    "unexpected",
                    f"something went wrong here that should not have ({type(error).__name__}). What was done before "
                    "it stays done. Please report the command that you gave.",
                    as_json=as_json,
                )
                raise typer.Exit(UNEXPECTED) from None

        return wrapped

    return wall


def _unread(lost: AnswerLost) -> typer.Exit:
    """The answer went nowhere. A reader that has left, as ``head`` does, wanted no more; anything else is told."""
    if not lost.quietly:
        write_error(
            "passport: "
            + in_both(
                f"the answer could not be written ({safe(str(lost))}). What the command did stays done.",
                "無法輸出結果；指令已完成的動作仍然有效。",
            )
        )
    return typer.Exit(1)


def _tell_plainly(error: PassportError, as_json: bool) -> None:
    tell(code_of(error), str(error), as_json=as_json)


def tell(code: str, description: str, *, as_json: bool, words: Mapping[str, str] | None = None) -> None:
    """An error, as one JSON document for a program or one sentence on standard error for a person.

    ``words`` are the same in both languages, for a program that shows them to somebody.
    """
    if as_json:
        document: dict[str, object] = {"error": code, "error_description": description}
        if words is not None:
            document["words"] = dict(words)
        try:
            write_out(document_text(document))
        except AnswerLost:
            write_error(document_text(document))
    else:
        # An error may quote a file that somebody else wrote.
        write_error(f"passport: {safe(description)}")
