"""Threat T49: whatever is installed is what somebody looked at once, byte for byte."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def requirements(name: str) -> list[str]:
    """One entry a package, its continuation lines joined, comments left out."""
    joined = (ROOT / name).read_text().replace("\\\n", " ")
    return [
        line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


LOCKS = [
    "requirements.lock",
    "requirements-node.lock",
    "requirements-batch.lock",
    "benchmarks/others/requirements.lock",
]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_hash(name: str) -> None:
    entries = requirements(name)
    assert entries
    pinned = re.compile(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [entry.split()[0] for entry in entries if not pinned.fullmatch(entry)] == []


def test_every_node_package_has_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    foreign = {name: entry for name, entry in packages.items() if name}
    assert foreign
    assert [
        name for name, entry in foreign.items() if not entry.get("integrity", "").startswith("sha512-")
    ] == []


def test_every_crate_has_its_hash() -> None:
    lock = tomllib.loads((ROOT / "fraud_check" / "rust" / "Cargo.lock").read_text())
    foreign = [package for package in lock["package"] if "source" in package]
    assert foreign
    assert [package["name"] for package in foreign if len(package.get("checksum", "")) != 64] == []


def test_no_lock_names_the_registry_that_it_came_from() -> None:
    for name in LOCKS:
        assert "://" not in "".join(requirements(name))
