"""The hub of a benchmark in a process of its own, its database on disk, and what the benchmarks of it share."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from service.interpreter import take_short_turns
from service.logs import configure_logs
from tests.simulators.hub_world import HubWorld

BATCHES_A_SECOND = 10
_TICKS = os.sysconf("SC_CLK_TCK")


def serve(world: HubWorld) -> int:
    """Start the hub again, in a process of its own; its id."""
    world.stop()
    child = os.fork()
    if child == 0:
        log = os.open(world.folder / "hub.log", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(log, sys.stderr.fileno())
        configure_logs("INFO")
        take_short_turns()
        gc.collect()
        gc.freeze()
        world.restart_here()
        while True:
            time.sleep(1)
    return child


def stream(send_batch: Callable[[int], None], a_second: int) -> int:
    """Send so many transfers a second, in small batches, from a process of its own; its id.

    A bank that sends is not the bank that asks: in one process the one would wait for the other's interpreter, and the
    waiting would be counted as the hub's.
    """
    child = os.fork()
    if child == 0:
        due = time.monotonic()
        while True:
            send_batch(a_second // BATCHES_A_SECOND)
            due += 1 / BATCHES_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
    return child


def cpu_seconds(process: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def end(process: int) -> None:
    """End it at once."""
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def quantile(taken: list[float], part: float) -> float:
    """The value below which this part lies."""
    return taken[min(len(taken) - 1, int(len(taken) * part))]


def report(measured: Mapping[str, float], out: Path | None) -> None:
    """Leave the numbers for whoever writes a document; milliseconds, but for shares and counts."""
    if out is not None:
        out.write_text(json.dumps(measured), encoding="utf-8")


def options(title: str, *, rate: int, count: int) -> argparse.Namespace:
    """What both benchmarks let one choose."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--rate", type=int, default=rate)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--transfers", type=int, default=1000, help="a second, streaming in meanwhile")
    parser.add_argument("--out", type=Path, help="write the numbers there as JSON, too")
    return parser.parse_args()


def waits(taken: list[float]) -> dict[str, float]:
    """How long they waited, of sorted milliseconds."""
    parts = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: quantile(taken, part) for name, part in parts.items()} | {"most": taken[-1]}
