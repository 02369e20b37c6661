"""A hub starts only with extensions that were built from the sources beside it, and says what to do otherwise."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fraud_check.extension import EXTENSIONS, RUST, require_extensions, sources
from passport.errors import Misconfigured

ROOM = RUST.parent
SOURCE = Path("engine/src/lib.rs")


def copied(folder: Path) -> Path:
    """The Rust sources, in a place where they may be changed."""
    return Path(shutil.copytree(RUST, folder / "rust", ignore=shutil.ignore_patterns("target")))


def test_what_is_here_fits_together() -> None:
    require_extensions()


def renamed(rust: Path) -> None:
    (rust / SOURCE).rename(rust / SOURCE.with_name("other.rs"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rust: (rust / SOURCE).write_text((rust / SOURCE).read_text() + "// newer\n"),
        lambda rust: (rust / "bindings/src/newer.rs").write_text("\n"),
        lambda rust: (rust / "oprf/Cargo.toml").write_text(""),
        lambda rust: (rust / "Cargo.lock").write_text(""),
        renamed,
    ],
    ids=["a line more", "a file more", "another manifest", "other dependencies", "a file of another name"],
)
def test_other_sources_are_refused_with_what_to_do(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    rust = copied(tmp_path)
    require_extensions(rust)
    spoil(rust)
    with pytest.raises(Misconfigured, match="make env"):
        require_extensions(rust)


def test_an_installed_wheel_has_no_sources_and_nothing_to_compare(tmp_path: Path) -> None:
    require_extensions(tmp_path / "rust")


@pytest.mark.parametrize("crate", ["bindings", "oprf"])
def test_every_crate_that_an_extension_is_built_from_is_counted(crate: str) -> None:
    """In both lists: the build script's, and the one that is read at start."""

    def needed(name: str) -> set[str]:
        paths = re.findall(r'path = "\.\./([a-z_]+)"', (RUST / name / "Cargo.toml").read_text())
        return {name}.union(*(needed(one) for one in paths))

    told = re.search(r"tell_sources\(&\[(.*?)\]\)", (RUST / crate / "build.rs").read_text())
    assert told
    (counted,) = (crates for crates in EXTENSIONS.values() if crate in crates)
    assert set(re.findall(r'"([a-z_]+)"', told[1])) == set(counted) == needed(crate)


def test_sources_count_whatever_their_order_on_disk(tmp_path: Path) -> None:
    assert sources(copied(tmp_path), ("engine", "bindings")) == sources(RUST, ("bindings", "engine"))


def start(room: Path) -> subprocess.CompletedProcess[str]:
    """Start the hub of another copy of this room."""
    command = [sys.executable, "-m", "fraud_check"]
    return subprocess.run(command, cwd=room.parent, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


def test_a_hub_with_an_old_or_a_missing_extension_does_not_start(tmp_path: Path) -> None:
    room = Path(shutil.copytree(ROOM, tmp_path / ROOM.name, ignore=shutil.ignore_patterns("target")))
    assert "make env" not in start(room).stderr
    (room / "rust" / SOURCE).write_text("// newer\n")
    refused = start(room)
    assert refused.returncode == 2
    assert refused.stderr.startswith("hub: fraud_check.engine._engine: expected")
    assert refused.stderr.rstrip().endswith("make env")
    for extension in (room / "tokens").glob("_oprf*.so"):
        extension.unlink()
    (room / "rust" / SOURCE).write_text((RUST / SOURCE).read_text())
    refused = start(room)
    assert refused.returncode == 2
    assert refused.stderr.startswith("hub: fraud_check.tokens._oprf cannot be loaded")
    assert refused.stderr.rstrip().endswith("make env")
