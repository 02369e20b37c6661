"""``python -m sandbox demo|up``: the journey once, or a world that stays."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from passport.errors import PassportError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_VAR = Path("var")
_INTERRUPTED = 130
_LOOK_SECONDS = 0.5


@app.command()
def demo(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document only.")] = False
) -> None:
    """A person in Taiwan opens an account abroad; in a world of its own, removed at the end."""
    _interrupt_on_signals()
    root = Path(tempfile.mkdtemp(prefix="financial-passport-"))
    try:
        # Imported late, here and below: it takes seconds, and whoever interrupts them gets a sentence, too.
        from sandbox.demo import run_demo  # noqa: PLC0415

        ok = run_demo(root, as_json=as_json)
    except KeyboardInterrupt:
        sys.stderr.write("demo: interrupted by you; nothing is left running, and nothing is kept\n")
        raise typer.Exit(_INTERRUPTED) from None
    except PassportError as error:
        sys.stderr.write(f"demo: {error}\n")
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(root, ignore_errors=True)
    raise typer.Exit(0 if ok else 1)


@app.command()
def up() -> None:
    """Start the world in var/, made the first time, and keep it until interrupted."""
    _interrupt_on_signals()
    is_up = False
    try:
        from sandbox.processes import require_all_running  # noqa: PLC0415 - see above
        from sandbox.standing_world import WORLD_FILE, standing_world  # noqa: PLC0415 - see above

        with standing_world(_VAR, say=_say) as standing:
            is_up = True
            _say(f"A world is up; its facts are in {_VAR / WORLD_FILE}. In another terminal, try:")
            for line in TRY_NEXT:
                _say(f"  {line}")
            _say("Ctrl-C ends it.")
            while True:
                require_all_running(standing.children.values())
                for child in standing.children.values():
                    child.shorten_log()
                time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        if is_up:
            _say("The world has stopped; `make up` goes on with it.")
            return
        sys.stderr.write("up: interrupted by you before the world was up; nothing is left running\n")
        raise typer.Exit(_INTERRUPTED) from None
    except PassportError as error:
        sys.stderr.write(f"up: {error}\n")
        raise typer.Exit(1) from None


def _interrupt_on_signals() -> None:
    """Both ways to be stopped end whatever is under way, so that what was started is stopped and said."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


TRY_NEXT = (
    ".venv/bin/passport wallet init",
    ".venv/bin/passport offer --customer lin --credential proof-of-funds --credential identity",
    ".venv/bin/passport wallet accept OFFER --tx-code CODE",
    ".venv/bin/passport request --policy account-opening",
    ".venv/bin/passport wallet present REQUEST",
    ".venv/bin/passport result RESULT",
    ".venv/bin/passport notice warn --customer lin",
)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """The program's entry."""
    app()


if __name__ == "__main__":
    main()
