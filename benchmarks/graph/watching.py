"""How fast transfers come in while shapes are watched for: ``python -m benchmarks.graph.watching --scale M``.

One thread, batches of 65,536, through the Python call; processor time stands beside the clock's, which a busy machine slows.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fraud_check.engine import MoneyFlowGraph, Pattern, Shape, Watching
from fraud_check.generate.world import Scale, Tick, generate

HOUR = 3_600_000
BATCH = 65_536


class Columns(Protocol):
    """Transfers in order of time."""

    @property
    def src(self) -> NDArray[np.uint32]: ...
    @property
    def dst(self) -> NDArray[np.uint32]: ...
    @property
    def time(self) -> NDArray[np.int64]: ...
    @property
    def amount(self) -> NDArray[np.int64]: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """Million transfers a second by the clock and by processor time, findings, what was passed over, megabytes held."""

    clock: float
    work: float
    findings: int
    skipped: int
    held: float


def of_shapes(
    shapes: Sequence[Shape],
    *,
    hours: int = 24,
    size: int = 5,
    min_amount: int = 1_000_000,
    max_degree: int = 1_000,
) -> Watching:
    """What is watched for."""
    return Watching(
        tuple(
            Pattern(one, window=hours * HOUR, size=size, min_amount=min_amount, max_degree=max_degree)
            for one in shapes
        )
    )


def run(moved: Columns, watching: Watching) -> Watched:
    """Take them all in while watching."""
    graph = MoneyFlowGraph()
    if watching.patterns:
        graph.watch(watching)
    seen = skipped = 0
    clock, used = time.perf_counter(), time.process_time()
    for at in range(0, len(moved.src), BATCH):
        rows = slice(at, at + BATCH)
        _, told = graph.append_and_look(
            moved.src[rows], moved.dst[rows], moved.time[rows], moved.amount[rows]
        )
        if told:
            seen, skipped = seen + len(told.seen), skipped + told.skipped
    clock, used = time.perf_counter() - clock, time.process_time() - used
    millions = len(moved.src) / 1e6
    return Watched(millions / clock, millions / used, seen, skipped, graph.watch_bytes / 1e6)


def main(arguments: list[str] | None = None) -> int:
    """Make the transfers, watch for nothing, for each shape and for all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph.watching", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M"], default="M")
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--size", type=int, default=5)
    parser.add_argument("--min-amount", type=int, default=1_000_000)
    parser.add_argument("--max-degree", type=int, default=1_000)
    asked = vars(parser.parse_args(arguments))
    scale = Scale(asked.pop("scale"))
    moved = generate(1, accounts=scale.accounts, transfers=scale.transfers, tick=Tick.SECOND).transfers
    for shapes in ((), *((shape,) for shape in Shape), tuple(Shape)):
        found = run(moved, of_shapes(shapes, **asked))
        name = "+".join(shapes) if len(shapes) < len(Shape) else "all"
        sys.stdout.write(
            f"| {name or 'nothing'} | {found.clock:.2f} | {found.work:.2f} | {found.findings:,} | {found.skipped:,} |"
            f" {found.held:.0f} MB |\n"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
