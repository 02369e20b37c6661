"""Ctrl-C while the world is made or played: the person's own doing, told as that, with nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.journey


def interrupted(command: str, until: str, folder: Path) -> tuple[int, str, str]:
    """Start it as a terminal does, interrupt the whole group once it says ``until``: exit code and words."""
    running = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "sandbox", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    said = []
    for line in running.stdout:
        said.append(line)
        if until in line:
            break
    os.killpg(running.pid, signal.SIGINT)
    rest, errors = running.communicate(timeout=60)
    return running.returncode, "".join(said) + rest, errors


def processes_below(folder: Path) -> list[str]:
    """Every process whose environment names this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in environment and int(entry.name) != os.getpid():
            found.append(entry.name)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("command", ["up", "demo"])
def test_ctrl_c_while_starting_is_the_persons_own(tmp_path: Path, command: str) -> None:
    code, words, errors = interrupted(command, "registrar", tmp_path)
    assert code == 130
    assert "interrupted by you" in errors
    assert "last words" not in errors
    assert "Traceback" not in errors
    assert "A world is up" not in words
    assert not [one for one in processes_below(tmp_path) if Path(f"/proc/{one}").exists()]
