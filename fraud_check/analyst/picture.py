"""``passport graph picture``: the flow from or to the seeds, layer by layer, as one HTML file that opens without a network.

What is drawn: accounts in columns by their fewest hops, and every transfer that moved tainted money from one column to
the next. The largest accounts of a column are shown by name, the others together. Leaves out: tainted transfers that go
back or stay within a column, which `spread` counts too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.analyst.drawing import Asked, Flow, drawn
from fraud_check.analyst.loading import WHOLE, Desk, Following, Progress, Source, load
from fraud_check.engine import Direction
from passport.errors import Malformed, Misconfigured


def picture_file(
    source: Source, following: Following, out: Path, most: int = 12, progress: Progress = lambda _: None
) -> Flow:
    """Draw where the seeds' money went, with at most ``most`` named accounts in a column.

    Raises:
        Malformed: a file or a parameter is not what is expected.
        Misconfigured: a file is not there, or the picture cannot be written.
    """
    if out.suffix.lower() != ".html":
        raise Misconfigured(f"{out}: expected a name ending in .html")
    tables.check_place(out, source.transfers, source.seeds, source.stop)
    if following.dwell_seconds is not None or following.max_fanout is not None:
        raise Malformed("picture: expected a question without a limit of dwell or fan-out")
    if most < 1:
        raise Malformed(f"most: expected 1 or more accounts in a column, got {most}")
    desk = load(source, following, progress)
    progress("following the money")
    flow = layered(desk, most)
    progress("drawing")
    with tables.draft_of(out) as draft:
        draft.write_text(drawn(flow, Asked.of(desk, following)), encoding="utf-8")
    return flow


def layered(desk: Desk, most: int) -> Flow:
    """Boxes and bands of the answer."""
    spread = desk.graph.spread(desk.question, seeds=desk.seeds)
    hop = np.full(len(desk.names), -1, dtype=np.int64)
    arrival = np.zeros(len(desk.names), dtype=np.int64)
    hop[spread.accounts], arrival[spread.accounts] = spread.hops, spread.arrivals
    moved = _moved(desk, hop, arrival)
    src, dst, amount = desk.src[moved], desk.dst[moved], desk.amounts[moved]
    weight = np.bincount(src, amount, len(hop)) + np.bincount(dst, amount, len(hop))
    labels: list[str] = []
    together: list[int] = []
    columns: list[int] = []
    box = np.full(len(hop), -1, dtype=np.int64)
    for column in range(int(hop.max(initial=0)) + 1):
        inside = np.flatnonzero((hop == column) & (weight > 0))
        named = inside[np.argsort(-weight[inside], kind="stable")][:most]
        for account in named.tolist():
            box[account] = len(labels)
            labels.append(str(desk.name(account)))
            together.append(0)
            columns.append(column)
        others = np.setdiff1d(inside, named)
        if len(others):
            box[others] = len(labels)
            labels.append(f"{len(others):,} other{'s'[: len(others) - 1]}")
            together.append(len(others))
            columns.append(column)
    pairs, place, count = np.unique(
        np.stack([box[src], box[dst]]), axis=1, return_inverse=True, return_counts=True
    )
    sums = np.zeros(len(count), dtype=np.int64)
    np.add.at(sums, place.ravel(), amount)
    return Flow(
        labels, together, columns, pairs[0].tolist(), pairs[1].tolist(), sums.tolist(), count.tolist()
    )


def _moved(desk: Desk, hop: NDArray[np.int64], arrival: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows that moved tainted money from one column to the next, or backward to the one before."""
    asked = desk.question
    backward = asked.direction is Direction.BACKWARD
    near, far = (desk.dst, desk.src) if backward else (desk.src, desk.dst)
    after = desk.ticks < arrival[near] if backward else desk.ticks > arrival[near]
    inside = near != far
    if asked.start is not None:
        inside &= desk.ticks >= asked.start
    if asked.end is not None:
        inside &= desk.ticks <= asked.end
    moved = (
        inside & (hop[near] >= 0) & (hop[far] == hop[near] + 1) & after & (desk.amounts >= asked.min_amount)
    )
    if asked.min_share:
        whole = np.zeros(len(hop), dtype=np.int64)
        np.add.at(whole, near[inside], desk.amounts[inside])
        # The least whole amount that is this share, without a product beyond 64 bits.
        least = whole // WHOLE * asked.min_share + -(-(whole % WHOLE * asked.min_share) // WHOLE)
        moved &= desk.amounts >= least[near]
    if desk.stopped is not None:
        # Entered but not passed through; a seed among them still starts.
        moved &= (hop[near] == 0) | ~np.isin(near, desk.stopped)
    return np.flatnonzero(moved)
