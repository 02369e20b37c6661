"""``python -m sandbox demo|up``: the journey once, or a world that stays."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from passport.errors import PassportError
from sandbox.demo import run_demo
from sandbox.processes import require_all_running
from sandbox.standing_world import WORLD_FILE, standing_world

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_VAR = Path("var")
_INTERRUPTED = 130


@app.command()
def demo(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document only.")] = False
) -> None:
    """A person in Taiwan opens an account abroad; in a world of its own, removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="financial-passport-"))
    try:
        ok = run_demo(root, as_json=as_json)
    except PassportError as error:
        sys.stderr.write(f"demo: {error}\n")
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(root, ignore_errors=True)
    raise typer.Exit(0 if ok else 1)


@app.command()
def up() -> None:
    """Start the world in var/, made the first time, and keep it until interrupted."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    try:
        with standing_world(_VAR, say=_say) as standing:
            _say(f"A world is up; its facts are in {_VAR / WORLD_FILE}. In another terminal, try:")
            for line in TRY_NEXT:
                _say(f"  {line}")
            _say("Ctrl-C ends it.")
            while not ended.wait(0.5):
                require_all_running(standing.children.values())
    except PassportError as error:
        # Ctrl-C in a terminal reaches the processes too: that they ended is then no news.
        if ended.is_set():
            sys.stderr.write("up: interrupted before the world was up; nothing is left running\n")
            raise typer.Exit(_INTERRUPTED) from None
        sys.stderr.write(f"up: {error}\n")
        raise typer.Exit(1) from None


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
