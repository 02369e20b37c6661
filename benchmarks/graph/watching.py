"""How fast transfers come in while shapes are watched for: ``python -m benchmarks.graph.watching --scale M``.

One thread, batches of 65,536, through the Python call; processor time stands beside the clock's, which a busy machine slows.
"""

from __future__ import annotations

import argparse
import sys
import time

from fraud_check.engine import MoneyFlowGraph, Pattern, Shape, Watching
from fraud_check.generate.world import Scale, Tick, Transfers, generate

HOUR = 3_600_000
BATCH = 65_536


def main(arguments: list[str] | None = None) -> int:
    """Make the transfers, watch for nothing, for each shape and for all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph.watching", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M"], default="M")
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--size", type=int, default=5)
    parser.add_argument("--min-amount", type=int, default=1_000_000)
    parser.add_argument("--max-degree", type=int, default=1_000)
    asked = parser.parse_args(arguments)
    scale = Scale(asked.scale)
    moved = generate(1, accounts=scale.accounts, transfers=scale.transfers, tick=Tick.SECOND).transfers
    for shapes in ((), *((shape,) for shape in Shape), tuple(Shape)):
        patterns = (
            Pattern(
                one,
                window=asked.hours * HOUR,
                size=asked.size,
                min_amount=asked.min_amount,
                max_degree=asked.max_degree,
            )
            for one in shapes
        )
        _run(moved, "+".join(shapes) if len(shapes) < len(Shape) else "all", Watching(tuple(patterns)))
    return 0


def _run(moved: Transfers, name: str, watching: Watching) -> None:
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
    speeds = [len(moved.src) / seconds / 1e6 for seconds in (clock, used)]
    sys.stdout.write(
        f"| {name or 'nothing'} | {speeds[0]:.2f} | {speeds[1]:.2f} | {seen:,} | {skipped:,} |"
        f" {graph.watch_bytes / 1e6:.0f} MB |\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
