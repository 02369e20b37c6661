"""``passport graph picture``: the flow from the seeds, layer by layer, as one HTML file that opens without a network.

What is drawn: accounts in columns by their fewest hops, and every transfer that moved tainted money from one column to
the next. The largest accounts of a column are shown by name, the others together. Leaves out: tainted transfers that go
back or stay within a column, which `spread` counts too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.analyst.loading import Desk, Following, Progress, Source, load
from fraud_check.engine import Direction
from passport.errors import Malformed, Misconfigured

#: Colours that people who see red and green alike can tell apart, one a column.
_COLOURS = ("#b2182b", "#ef8a62", "#fddbc7", "#d1e5f0", "#67a9cf", "#2166ac", "#4d4d4d", "#999999", "#000000")


@dataclass(frozen=True, slots=True)
class Flow:
    """What is drawn: boxes with a column each, and bands between them."""

    labels: list[str]
    columns: list[int]
    source: list[int]
    target: list[int]
    amounts: list[int]
    transfers: list[int]


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
    forward = following.direction is Direction.FORWARD
    if not forward or following.dwell_seconds is not None or following.max_fanout is not None:
        raise Malformed("picture: expected a forward question without a limit of dwell or fan-out")
    if most < 1:
        raise Malformed(f"most: expected 1 or more accounts in a column, got {most}")
    desk = load(source, following, progress)
    progress("following the money")
    flow = layered(desk, most)
    progress("drawing")
    draft = out.with_name(f".{out.name}.part")
    try:
        draft.write_text(_html(flow), encoding="utf-8")
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Misconfigured(f"{out}: cannot be written: {error.strerror or error}") from error
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
    columns: list[int] = []
    box = np.full(len(hop), -1, dtype=np.int64)
    for column in range(int(hop.max(initial=0)) + 1):
        inside = np.flatnonzero((hop == column) & (weight > 0))
        named = inside[np.argsort(-weight[inside], kind="stable")][:most]
        for account in named.tolist():
            box[account] = len(labels)
            labels.append(str(desk.name(account)))
            columns.append(column)
        others = np.setdiff1d(inside, named)
        if len(others):
            box[others] = len(labels)
            labels.append(f"{len(others):,} others")
            columns.append(column)
    pairs, place, count = np.unique(
        np.stack([box[src], box[dst]]), axis=1, return_inverse=True, return_counts=True
    )
    sums = np.zeros(len(count), dtype=np.int64)
    np.add.at(sums, place.ravel(), amount)
    return Flow(labels, columns, pairs[0].tolist(), pairs[1].tolist(), sums.tolist(), count.tolist())


def _moved(desk: Desk, hop: NDArray[np.int64], arrival: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows that moved tainted money one column on."""
    asked = desk.question
    outward = (hop[desk.src] >= 0) & (hop[desk.dst] == hop[desk.src] + 1) & (desk.ticks > arrival[desk.src])
    outward &= desk.amounts >= asked.min_amount
    if desk.stopped is not None:
        # Entered but not passed through; a seed among them still starts.
        outward &= (hop[desk.src] == 0) | ~np.isin(desk.src, desk.stopped)
    if asked.start is not None:
        outward &= desk.ticks >= asked.start
    if asked.end is not None:
        outward &= desk.ticks <= asked.end
    return np.flatnonzero(outward)


def _html(flow: Flow) -> str:
    # Plotly takes a moment to import, and only a picture needs it.
    import plotly.graph_objects as go  # noqa: PLC0415

    columns = max(flow.columns, default=0) or 1
    bands = go.Sankey(
        arrangement="snap",
        # Every band goes one hop on, so a box's depth is its hop.
        node={
            "label": flow.labels,
            "align": "left",
            "color": [_COLOURS[min(column, len(_COLOURS) - 1)] for column in flow.columns],
            "pad": 14,
            "hovertemplate": "%{label}: %{value:,}<extra></extra>",
        },
        link={
            "source": flow.source,
            "target": flow.target,
            "value": flow.amounts,
            "customdata": flow.transfers,
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value:,} in %{customdata:,} transfers<extra></extra>",
        },
    )
    figure = go.Figure(bands)
    named = ["warning accounts", *(f"hop {hop}" for hop in range(1, columns + 1))]
    for column, title in enumerate(named):
        figure.add_annotation(x=column / columns, y=1.06, text=f"<b>{title}</b>", showarrow=False)
    figure.update_layout(
        title="Where the money went, hop by hop (amounts in minor units)", font_size=13, height=760
    )
    return str(figure.to_html(include_plotlyjs=True, full_html=True))
