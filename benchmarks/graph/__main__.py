"""``make bench-graph``: the engine and its peers in one run; writes ``docs/performance-graph.md``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.graph import over_http
from benchmarks.graph.data import Data, make
from benchmarks.graph.peers import HOPS, compare, compare_postgres
from benchmarks.graph.report import write
from fraud_check.generate import Scale

DOCUMENT = Path(__file__).parents[2] / "docs/performance-graph.md"
#: The two modes of the generator: payments that mostly meet once, and the same two again and again.
PER_PAIR = ("1.8", "7.8")
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def ours(world: Path, out: Path, what: str, environment: dict[str, str]) -> dict[str, Any]:
    """The engine's measures in a process of its own, so that memory is its own too."""
    command = [sys.executable, "-m", "benchmarks.graph.ours", str(world), str(out), what]
    subprocess.run(command, check=True, env={**os.environ, **environment})  # noqa: S603 - our own module
    return dict(json.loads(out.read_text()))


def expected(measured: dict[str, Any]) -> dict[int, str]:
    """The engine's answers, with the dwell limit as -1."""
    return {**{hops: measured[f"spread {hops}"]["digest"] for hops in HOPS}, -1: measured["dwell"]["digest"]}


def where(scale: Scale, load: tuple[float, float], per_pairs: Sequence[str]) -> list[str]:
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    # What came before fades out of the average for minutes, and afterwards most of it is the run's own.
    quiet = "quiet" if load[0] < 2 else "**shared with other work: times are upper bounds**"
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release()}, Python"
        f" {platform.python_version()}",
        f"load average {load[0]:.1f} before and {load[1]:.1f} after, with the run's own work: the machine was {quiet}",
        f"scale {scale}: {scale.accounts:,} accounts, {scale.transfers:,} transfers of 30 days in milliseconds,"
        f" `fraud_check.generate` seed 1, {' and '.join(per_pairs)} transfers per pair",
    ]


def worlds(scale: Scale, keep: Path, per_pair: str) -> tuple[Data, Path]:
    """Data with so many transfers per pair, and the file that holds them."""
    sys.stderr.write(f"making the data, {per_pair} transfers per pair ...\n")
    world = keep / f"bench-graph-{scale}-{per_pair}.npz"
    return make(scale, world, float(per_pair)), world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M", "L"], default="M")
    parser.add_argument(
        "--keep", type=Path, help="where to keep the generated data for the next run, and the measures"
    )
    parser.add_argument(
        "--per-pair",
        choices=PER_PAIR,
        help="transfers per ordered pair in the data that all measures are taken on; without it 1.8, and then 7.8 for the"
        " engine's spreads beside PostgreSQL's",
    )
    parser.add_argument("--out", type=Path, default=DOCUMENT)
    asked = parser.parse_args()
    scale = Scale(asked.scale)
    per_pairs = [asked.per_pair] if asked.per_pair else list(PER_PAIR)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-graph-") as directory:
        keep = asked.keep or Path(directory)
        sys.stderr.write("the hub, over HTTP ...\n")
        hub = over_http.measure(Path(directory))
        data, world = worlds(scale, keep, per_pairs[0])
        sys.stderr.write("the engine ...\n")
        measured = ours(world, Path(directory) / "ours.json", "all", HUGE_PAGES)
        small = ours(world, Path(directory) / "plain.json", "spreads", {"GLIBC_TUNABLES": ""})
        sys.stderr.write("the peers ...\n")
        peers = compare(data, expected(measured))
        again = {}
        for per_pair in per_pairs[1:]:
            other, world = worlds(scale, keep, per_pair)
            sys.stderr.write("the engine, and PostgreSQL ...\n")
            engine = ours(world, Path(directory) / "again.json", "spreads", HUGE_PAGES)
            again[per_pair] = {"ours": engine, "peers": compare_postgres(other, expected(engine))}
        load = before, os.getloadavg()[0]
    versions = ", ".join(f"{name} {version}" for name, version in peers["versions"].items())  # type: ignore[attr-defined]
    run = {
        "where": [
            *where(scale, load, per_pairs),
            f"{versions}; PostgreSQL: unlogged table, warm, covering indexes (src, time) and (dst, time), 3 GB shared buffers,"
            " 1 GB work memory, no parallel workers, JIT off; DuckDB: one thread, table sorted by (src, time); PySpark: transfers laid out by payer in memory, all cores",
        ],
        "accounts": data.accounts,
        "transfers": data.transfers,
        "ours": measured,
        "ours, small pages": small,
        "peers": peers,
        "over http": hub,
        "per pair": per_pairs[0],
        "again": again,
    }
    if asked.keep:
        (asked.keep / "run.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
    asked.out.write_text(write(run), encoding="utf-8")
    sys.stdout.write(f"{asked.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
