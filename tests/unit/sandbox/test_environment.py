"""Making the environment: what an interruption left behind is made anew, and what is missing is told first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def checkout(folder: Path) -> Path:
    """As much of a checkout as the script needs, with a lock that asks for nothing."""
    (folder / "sandbox").mkdir()
    for name in ("environment.sh", "elapsed.sh"):
        shutil.copy(ROOT / "sandbox" / name, folder / "sandbox" / name)
    (folder / "requirements.lock").write_text("")
    return folder


def made(folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./sandbox/environment.sh", "venv"],
        cwd=folder, env={"PATH": path, "PYTHON": sys.executable}, check=False, capture_output=True, text=True,
    )  # fmt: skip


def test_virtual_environment_that_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)  # noqa: S603
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "cargo").symlink_to("/bin/true")
    done = made(folder, f"{tools}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert (folder / ".venv" / "bin" / "pip").exists()


def test_missing_rust_is_told_before_anything_is_made(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "env", "dirname", "printf"):
        found = shutil.which(name)
        if found is not None:
            (tools / name).symlink_to(found)
    done = made(folder, str(tools))
    assert done.returncode == 1
    assert "cargo" in done.stderr
    assert not (folder / ".venv").exists()
