"""Long work of ``make`` says how long it has been running, and leaves its outcome as it was."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ELAPSED = ROOT / "sandbox" / "elapsed.sh"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [str(ELAPSED), "some work", *command],
        env=os.environ | {"ELAPSED_EVERY": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_long_work_says_how_long_it_has_been_running() -> None:
    done = run("sh", "-c", "sleep 3; echo its own words")
    assert done.returncode == 0
    assert done.stdout == "its own words\n"
    assert " s so far" in done.stderr
    assert "some work: done in " in done.stderr


@pytest.mark.parametrize("code", [1, 2, 70])
def test_work_that_fails_keeps_its_exit_code(code: int) -> None:
    failed = run("sh", "-c", f"exit {code}")
    assert failed.returncode == code
    assert f"(exit code {code})" in failed.stderr


def test_long_targets_of_make_are_told_as_they_run() -> None:
    told = [line for line in (ROOT / "Makefile").read_text().splitlines() if "elapsed.sh" in line]
    assert any("mypy" in line for line in told)
    assert any("clippy" in line for line in told)
    for script in ("sandbox/environment.sh", "tests/run"):
        assert "elapsed.sh" in (ROOT / script).read_text(), script
