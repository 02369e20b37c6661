"""A graph that a directory keeps, beside the same in memory: ``python -m benchmarks.graph.kept [--scale M] [--keep DIR]``.

Prints a table of its own; each row is measured in a process of its own, so that memory is its own too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.graph.data import Data, load, make
from fraud_check.engine import MoneyFlowGraph, Question, Seeds
from fraud_check.generate import Scale

RUNS = 21
#: Rows of a batch, and how many batches at most: small ones would take all day.
BATCHES = ((1_000, 500), (10_000, 500), (100_000, 1_000))
LARGEST = 100_000


def memory() -> dict[str, int]:
    """Resident bytes: of our own, and of files."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(("RssAnon:", "RssFile:")):
            found[line.split(":")[0]] = int(line.split()[1]) * 1024
    return found


def fill(graph: MoneyFlowGraph, data: Data, rows: int, most: int) -> float:
    """Transfers a second, in batches of so many rows."""
    begins = range(0, data.transfers, rows)[:most]
    started = time.perf_counter()
    for begin in begins:
        part = slice(begin, begin + rows)
        graph.append(data.src[part], data.dst[part], data.time[part], data.amount[part])
    return graph.transfers / (time.perf_counter() - started)


def measure(world: Path, directory: Path, what: str) -> dict[str, float]:
    if what.startswith("ingest"):
        _, kind, rows, most = what.split()
        data = load(world)
        graph = MoneyFlowGraph() if kind == "memory" else MoneyFlowGraph.open(directory / f"batches-{rows}")
        rate = fill(graph, data, int(rows), int(most))
        graph.close()
        return {"transfers/s": rate}
    before = memory()
    started = time.perf_counter()
    if what == "memory":
        graph = MoneyFlowGraph()
        fill(graph, load(world), LARGEST, 10**9)
        graph.compact()
    else:
        graph = MoneyFlowGraph.open(directory / f"batches-{LARGEST}")
    seconds, after = time.perf_counter() - started, memory()
    data = load(world)
    seeds = Seeds.from_columns(data.seed_accounts, data.seed_times)
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        graph.spread(Question(max_hops=6), seeds=seeds)
        times.append(time.perf_counter() - began)
    return {
        "seconds": seconds,
        "heap bytes/transfer": graph.memory / graph.transfers,
        "own bytes/transfer": (after["RssAnon"] - before["RssAnon"]) / graph.transfers,
        "file bytes/transfer": (after["RssFile"] - before["RssFile"]) / graph.transfers,
        "first spread ms": times[0] * 1e3,
        "p50 spread ms": float(np.percentile(times[1:], 50)) * 1e3,
    }


def seal(directory: Path) -> dict[str, float]:
    """Merge what was appended piecemeal, so that both sides are asked about the same segments."""
    graph = MoneyFlowGraph.open(directory / f"batches-{LARGEST}")
    graph.compact()
    started = time.perf_counter()
    graph.seal()
    seconds = time.perf_counter() - started
    graph.close()
    size = sum(file.stat().st_size for file in (directory / f"batches-{LARGEST}").iterdir())
    return {"seconds": seconds, "disk bytes/transfer": size / graph.transfers}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph.kept", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M", "L"], default="M")
    parser.add_argument("--keep", type=Path, help="where to keep the generated data for the next run")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        world, directory, what = asked.one
        found = seal(Path(directory)) if what == "seal" else measure(Path(world), Path(directory), what)
        print(json.dumps(found))
        return 0
    scale = Scale(asked.scale)
    with tempfile.TemporaryDirectory(prefix="bench-kept-", dir=asked.keep) as scratch:
        world = (asked.keep or Path(scratch)) / f"bench-graph-{scale}.npz"
        make(scale, world)
        kinds = [f"ingest {kind} {rows} {most}" for rows, most in BATCHES for kind in ("memory", "kept")]
        print(f"scale {scale}, load average {os.getloadavg()[0]:.1f} before", flush=True)
        for what in (*kinds, "seal", "memory", "mapped"):
            command = [sys.executable, "-m", "benchmarks.graph.kept", "--one", str(world), scratch, what]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own module
            found = json.loads(out)
            print(
                f"| {what} | {', '.join(f'{name} {value:,.2f}' for name, value in found.items())} |",
                flush=True,
            )
        print(f"load average {os.getloadavg()[0]:.1f} after")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
