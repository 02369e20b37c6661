"""``make bench-graph``: the engine and its peers in one run; writes ``docs/performance-graph.md``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.graph.data import make
from benchmarks.graph.peers import HOPS, compare
from benchmarks.graph.report import write
from fraud_check.generate import Scale

DOCUMENT = Path(__file__).parents[2] / "docs/performance-graph.md"
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def ours(world: Path, out: Path, environment: dict[str, str]) -> dict[str, object]:
    """The engine's measures in a process of its own, so that memory is its own too."""
    command = [sys.executable, "-m", "benchmarks.graph.ours", str(world), str(out)]
    subprocess.run(command, check=True, env={**os.environ, **environment})  # noqa: S603 - our own module
    return dict(json.loads(out.read_text()))


def where(scale: Scale, load: tuple[float, float]) -> list[str]:
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = max(load)
    quiet = "quiet" if busy < 1.5 else "**shared with other work: times are upper bounds**"
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release()}, Python"
        f" {platform.python_version()}",
        f"load average {load[0]:.1f} before and {load[1]:.1f} after: the machine was {quiet}",
        f"scale {scale}: {scale.accounts:,} accounts, {scale.transfers:,} transfers of 30 days in milliseconds,"
        " `fraud_check.generate` seed 1, 1.8 transfers per pair",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M", "L"], default="M")
    parser.add_argument("--keep", type=Path, help="where to keep the generated data for the next run")
    parser.add_argument("--out", type=Path, default=DOCUMENT)
    asked = parser.parse_args()
    scale = Scale(asked.scale)
    with tempfile.TemporaryDirectory(prefix="bench-graph-") as directory:
        world = (asked.keep or Path(directory)) / f"bench-graph-{scale}.npz"
        sys.stderr.write("making the data ...\n")
        data = make(scale, world)
        before = os.getloadavg()[0]
        sys.stderr.write("the engine ...\n")
        measured = ours(world, Path(directory) / "ours.json", HUGE_PAGES)
        small = ours(world, Path(directory) / "plain.json", {"GLIBC_TUNABLES": ""})
        sys.stderr.write("the peers ...\n")
        expected = {hops: measured[f"spread {hops}"]["digest"] for hops in HOPS}  # type: ignore[index]
        expected[-1] = measured["dwell"]["digest"]  # type: ignore[index]
        peers = compare(data, expected)
        load = before, os.getloadavg()[0]
    versions = ", ".join(f"{name} {version}" for name, version in peers["versions"].items())  # type: ignore[attr-defined]
    run = {
        "where": [
            *where(scale, load),
            f"{versions}; PostgreSQL: unlogged table, warm, covering indexes (src, time) and (dst, time), 3 GB shared buffers,"
            " 1 GB work memory, no parallel workers, JIT off; DuckDB: one thread, table sorted by (src, time); PySpark: transfers laid out by payer in memory, all cores",
        ],
        "accounts": data.accounts,
        "transfers": data.transfers,
        "ours": measured,
        "ours, small pages": small,
        "peers": peers,
    }
    asked.out.write_text(write(run), encoding="utf-8")
    sys.stdout.write(f"{asked.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
