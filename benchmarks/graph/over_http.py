"""The two rows that are asked over HTTP while transfers stream in, each in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.graph.words import verdict

CHECKS_MS, VERDICTS_MS = 5.0, 50.0
_MODULES = {"checks": "benchmarks.hub_checks", "verdicts": "benchmarks.hub_verdicts"}
Waits = Mapping[str, float]


def measure(folder: Path) -> dict[str, Waits]:
    """Run both; a limit that is missed is the document's to say."""
    found = {}
    for name, module in _MODULES.items():
        out = folder / f"{name}.json"
        subprocess.run([sys.executable, "-m", module, "--out", str(out)], check=False, stdout=sys.stderr)  # noqa: S603 - our own module
        if not out.exists():
            raise SystemExit(
                f"expected {module} to come to its end; on a machine that is too busy the hub cannot keep up"
            )
        found[name] = json.loads(out.read_text())
    return found


def rows(found: Mapping[str, Waits]) -> list[str]:
    """Two rows of the document's table."""
    checks, verdicts = found["checks"], found["verdicts"]
    return [
        "| one account over HTTP at 1,000 a second, 1,000 transfers a second streaming in, p99 | 5 ms |"
        f" {checks['p99']:.1f} ms (p50 {checks['p50']:.1f}, p95 {checks['p95']:.1f}, most {checks['most']:.0f};"
        f" {checks['each']:.2f} ms of processor each) | {verdict(checks['p99'], CHECKS_MS)} |",
        "| a signed, durably recorded verdict over HTTP at 100 a second, 1,000 transfers a second streaming in, p99 | 50 ms |"
        f" {verdicts['p99']:.1f} ms (p50 {verdicts['p50']:.1f}, p95 {verdicts['p95']:.1f}, most {verdicts['most']:.0f};"
        f" {verdicts['each']:.1f} ms of processor each) | {verdict(verdicts['p99'], VERDICTS_MS)} |",
    ]
