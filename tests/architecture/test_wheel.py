"""What an installation from a wheel holds: every file that the code reads beside itself, and nothing of the desk's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "passport", "issuer", "verifier", "holder", "wallet_tui", "ledger", "fraud_check", "service", "outbound", "cli",
)  # fmt: skip
DATA = {".json", ".tcss", ".pyi", ".typed"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python half of a wheel, as the build makes it; the Rust half needs no file beside it."""
    place = tmp_path_factory.mktemp("wheel")
    program = "import setuptools; setuptools.setup()"
    folders = ["--build-lib", str(place / "lib")]
    subprocess.run(  # noqa: S603 - the project's own build
        [sys.executable, "-c", program, "-q", "build_py", *folders], cwd=ROOT, check=True, capture_output=True
    )
    return place / "lib"


def test_wheel_holds_every_policy_style_sheet_interface_and_stub(built: Path) -> None:
    kept = {
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA and "rust" not in path.parts
    }
    assert Path("verifier/policies/account-opening.json") in kept
    assert Path("wallet_tui/app.tcss") in kept
    missing = sorted(str(path) for path in kept if not (built / path).is_file())
    assert not missing


def test_wheel_holds_every_module(built: Path) -> None:
    modules = {path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    missing = sorted(str(path) for path in modules if not (built / path).is_file())
    assert not missing
