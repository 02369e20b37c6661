"""``passport graph picture``: the flow from or to the seeds, layer by layer, as one HTML file that opens without a network.

Where money is followed by the unit (last in first out, unless asked otherwise), a band is the seeds' money that moved at its
hop, and an account stands in every column in which money came to it: each unit is drawn once a column, so that no column has
more than the seeds paid out. Where transfers are counted whole (always backward), accounts stand in columns by their fewest
hops, and bands are the transfers from one column to the next; transfers that go back or stay within a column are left out.
The largest accounts of a column are shown by name, the others together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.analyst.drawing import Asked, Flow, drawn
from fraud_check.analyst.following import WHOLE, Counting, Following, Source
from fraud_check.analyst.loading import Desk, Progress, load
from fraud_check.analyst.money import counting_of, followed, money_of
from fraud_check.engine import Direction, Spread, Taint
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
    counting = counting_of(following, Counting.LIFO)
    desk = load(source, following, progress)
    progress("following the money")
    flow = layered(desk, most, counting)
    progress("drawing")
    with tables.draft_of(out) as draft:
        draft.write_text(drawn(flow, Asked.of(desk, following)), encoding="utf-8")
    return flow


@dataclass(frozen=True, slots=True)
class _Bands:
    """What moved, one row each: from an account in a column to an account in the next."""

    columns: tuple[NDArray[np.int64], NDArray[np.int64]]
    accounts: tuple[NDArray[np.int64], NDArray[np.int64]]
    amounts: NDArray[np.int64]

    @classmethod
    def by_unit(cls, desk: Desk, taint: Taint) -> Self:
        """The seeds' money that each transfer carried at each hop."""
        row, hop = taint.moved_seqs, taint.moved_hops.astype(np.int64)
        ends = desk.src[row].astype(np.int64), desk.dst[row].astype(np.int64)
        return cls((hop - 1, hop), ends, taint.moved)

    @classmethod
    def whole(cls, desk: Desk, spread: Spread) -> Self:
        """Transfers that may have moved tainted money from one column to the next."""
        hop = np.full(len(desk.names), -1, dtype=np.int64)
        arrival = np.zeros(len(desk.names), dtype=np.int64)
        hop[spread.accounts], arrival[spread.accounts] = spread.hops, spread.arrivals
        moved = _moved(desk, hop, arrival)
        src, dst = desk.src[moved].astype(np.int64), desk.dst[moved].astype(np.int64)
        return cls((hop[src], hop[dst]), (src, dst), desk.amounts[moved])


def layered(desk: Desk, most: int, counting: Counting) -> Flow:
    """Boxes and bands of the answer."""
    spread = desk.graph.spread(desk.question, seeds=desk.seeds)
    taint = None if counting is Counting.POISON else followed(desk, counting)
    bands = _Bands.whole(desk, spread) if taint is None else _Bands.by_unit(desk, taint)
    # A place is an account in a column.
    size = max(len(desk.names), 1)
    ends = [column * size + account for column, account in zip(bands.columns, bands.accounts, strict=True)]
    places, at = np.unique(np.concatenate(ends), return_inverse=True)
    weight = np.zeros(len(places), dtype=np.int64)
    np.add.at(weight, at, np.tile(bands.amounts, 2))
    boxes = _boxes(desk, places, weight, most)
    box = boxes.of[at]
    pairs, place, count = np.unique(
        np.stack(np.split(box, 2)), axis=1, return_inverse=True, return_counts=True
    )
    sums = np.zeros(len(count), dtype=np.int64)
    np.add.at(sums, place.ravel(), bands.amounts)
    return Flow(
        labels=boxes.labels,
        together=boxes.together,
        columns=boxes.columns,
        source=pairs[0].tolist(),
        target=pairs[1].tolist(),
        amounts=sums.tolist(),
        transfers=count.tolist(),
        money=money_of(desk, spread, counting, taint),
        unit=desk.unit,
        looked_at=desk.looked_at,
        notes=desk.notes,
    )


@dataclass(frozen=True, slots=True)
class _Boxes:
    of: NDArray[np.int64]
    labels: list[str]
    together: list[int]
    columns: list[int]


def _boxes(desk: Desk, places: NDArray[np.int64], weight: NDArray[np.int64], most: int) -> _Boxes:
    """The heaviest places of each column by name, the others of it in one box; places without weight have none."""
    size = max(len(desk.names), 1)
    boxes = _Boxes(np.full(len(places), -1, dtype=np.int64), [], [], [])
    for column in np.unique(places // size).tolist():
        inside = np.flatnonzero((places // size == column) & (weight > 0))
        named = inside[np.argsort(-weight[inside], kind="stable")][:most]
        for place in named.tolist():
            boxes.of[place] = len(boxes.labels)
            boxes.labels.append(str(desk.name(int(places[place] % size))))
            boxes.together.append(0)
            boxes.columns.append(column)
        others = np.setdiff1d(inside, named)
        if len(others):
            boxes.of[others] = len(boxes.labels)
            boxes.labels.append(f"{len(others):,} other{'s'[: len(others) - 1]}")
            boxes.together.append(len(others))
            boxes.columns.append(column)
    return boxes


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
