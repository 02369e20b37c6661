"""How a flow is drawn: boxes and bands by Plotly, with words in both languages of those who read it, as one HTML page.

Names are a stranger's words: they are shown as text, never as the markup that Plotly would make of them.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.following import WHOLE, Following
from fraud_check.analyst.loading import Desk
from fraud_check.analyst.looked_at import LookedAt
from fraud_check.analyst.money import Money
from fraud_check.engine import Direction

#: Colours that people who see red and green alike can tell apart, one a column.
_COLOURS = ("#b2182b", "#ef8a62", "#fddbc7", "#d1e5f0", "#67a9cf", "#2166ac", "#4d4d4d", "#999999", "#000000")
_LONGEST_NAME = 34
_LINE_WIDTH = 150
_LINE_HEIGHT = 18
_NOTHING_MOVED = ("無符合條件的資金流動", "No money moved as asked")


@dataclass(frozen=True, slots=True)
class Flow:
    """What is drawn: boxes with a column each, for one named account (0) or so many together, and bands between them."""

    labels: list[str]
    together: list[int]
    columns: list[int]
    source: list[int]
    target: list[int]
    amounts: list[int]
    transfers: list[int]
    money: Money
    unit: AmountUnit
    looked_at: LookedAt
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader must know about the question, or the picture says nothing."""

    seeds: int
    stopped: int
    following: Following
    unit: AmountUnit
    looked_at: LookedAt

    @classmethod
    def of(cls, desk: Desk, following: Following) -> Self:
        """The question about a loaded graph."""
        stopped = 0 if desk.stopped is None else len(desk.stopped)
        return cls(len(desk.seeds.accounts), stopped, following, desk.unit, desk.looked_at)

    @property
    def backward(self) -> bool:
        """Whether the flow is towards the seeds."""
        return self.following.direction is Direction.BACKWARD

    def met(self) -> tuple[str, str]:
        """What was looked at, in Chinese and in English: an empty picture of nothing is not one of innocence."""
        return self.looked_at.said()

    def lines(self) -> tuple[str, str]:
        """In Chinese and in English."""
        asked = self.following
        said = [
            (f"警示帳戶 {self.seeds:,} 個", f"warning accounts: {self.seeds:,}"),
            (
                f"至多 {asked.max_hops} 層",
                f"at most {asked.max_hops} hop{'s' if asked.max_hops != 1 else ''}",
            ),
        ]
        if asked.min_amount:
            least = self.unit.text(asked.min_amount, grouped=True)
            said.append((f"每筆至少 {least}", f"transfers of at least {least}"))
        if asked.min_share:
            share = f"{asked.min_share * 100 / WHOLE:g}%"
            said.append((f"每筆至少占其總額 {share}", f"transfers of at least {share} of all"))
        if asked.start is not None:
            said.append((f"自 {_text(asked.start)}", f"from {_text(asked.start)}"))
        if asked.end is not None:
            said.append((f"至 {_text(asked.end)}", f"until {_text(asked.end)}"))
        if self.stopped:
            said.append(
                (
                    f"不穿越 {self.stopped:,} 個帳戶",
                    f"not through {self.stopped:,} account{'s' if self.stopped != 1 else ''}",
                )
            )
        if self.unit.is_minor:
            said.append(("金額以最小貨幣單位計", "amounts in minor units"))
        else:
            said.append((f"金額以 {self.unit.name} 計", f"amounts in {self.unit.name}"))
        return "；".join(zh for zh, _ in said), "; ".join(en for _, en in said)


def drawn(flow: Flow, asked: Asked) -> str:
    """The page."""
    # Plotly takes a moment to import, and only a picture needs it.
    import plotly.graph_objects as go  # noqa: PLC0415

    bands = go.Sankey(
        arrangement="snap",
        # Every band goes one hop on, so a box's distance from the seeds' side is its hop.
        node={
            "label": _labels(flow, backward=asked.backward),
            "align": "right" if asked.backward else "left",
            "color": [_COLOURS[min(column, len(_COLOURS) - 1)] for column in flow.columns],
            "pad": 14,
            "hovertemplate": "%{label}<extra></extra>",
        },
        link={
            "source": flow.source,
            "target": flow.target,
            "value": flow.amounts,
            "customdata": [
                [flow.unit.text(amount, grouped=True), f"{count:,}"]
                for amount, count in zip(flow.amounts, flow.transfers, strict=True)
            ],
            "hovertemplate": (
                "%{source.label} → %{target.label}<br>%{customdata[0]}，%{customdata[1]} 筆 / in %{customdata[1]} "
                "transfers<extra></extra>"
            ),
        },
    )
    figure = go.Figure(bands)
    last = max(flow.columns, default=0)
    for column in range(last + 1):
        place = column / (last or 1)
        figure.add_annotation(
            x=1 - place if asked.backward else place, y=1.08, text=_heading(column), showarrow=False
        )
    if not flow.amounts:
        figure.add_annotation(x=0.5, y=0.5, text=_nothing(flow.looked_at), showarrow=False)
    notes = _note_lines(flow.notes)
    if notes:
        figure.add_annotation(
            x=0,
            y=-0.02,
            xref="paper",
            yref="paper",
            yanchor="top",
            align="left",
            text="<br>".join(notes),
            showarrow=False,
        )
    words = (asked.lines(), flow.money.said(flow.unit), asked.met())
    said = "<br>".join(line for language in zip(*words, strict=True) for line in language)
    figure.update_layout(
        title={"text": f"{_title(asked, '<br>')}<br><sub>{said}</sub>", "y": 0.98, "yanchor": "top"},
        margin={"t": 260, "b": 60 + _LINE_HEIGHT * len(notes)},
        font_size=13,
        height=900,
    )
    page = str(figure.to_html(include_plotlyjs=True, full_html=True))
    named = f'<html lang="zh-Hant-TW"><head><title>{_title(asked, " / ")}</title>'
    return page.replace("<html>", "", 1).replace("<head>", named, 1)


def _nothing(looked_at: LookedAt) -> str:
    """What stands where nothing is drawn: that no money moved is said only where somebody's was looked for."""
    reason = looked_at.nothing()
    if reason is None:
        return "<br>".join(_NOTHING_MOVED)
    is_looked_for = looked_at.rows_in_window and looked_at.seeds_seen
    return "<br>".join((*_NOTHING_MOVED, *reason) if is_looked_for else reason)


def _note_lines(notes: Sequence[str]) -> list[str]:
    """What must be known of the answer, under the drawing: who is shown the file does not see standard error."""
    lines = [line for note in notes for line in textwrap.wrap(_harmless(f"注意 / Note: {note}"), _LINE_WIDTH)]
    return [html.escape(line, quote=False) for line in lines]


def _title(asked: Asked, between: str) -> str:
    if asked.backward:
        return f"誰把錢匯進警示帳戶{between}Who paid in, hop by hop"
    return f"警示帳戶的錢流向何處{between}Where the money went, hop by hop"


def _heading(column: int) -> str:
    zh, en = ("警示帳戶", "warning accounts") if column == 0 else (f"第 {column} 層", f"hop {column}")
    return f"<b>{zh}</b><br>{en}"


def _labels(flow: Flow, *, backward: bool) -> list[str]:
    """Names, each with what came to it; backward with what went on; and the other way round at the ends."""
    came, went = [0] * len(flow.labels), [0] * len(flow.labels)
    for src, dst, amount in zip(flow.source, flow.target, flow.amounts, strict=True):
        went[src] += amount
        came[dst] += amount
    first, second = (went, came) if backward else (came, went)
    amounts = [
        flow.unit.text(first[place] or second[place], grouped=True) for place in range(len(flow.labels))
    ]
    return [
        f"{f'其他 {count:,} 戶 / {label}' if count else _text(label)}  {amounts[place]}"
        for place, (label, count) in enumerate(zip(flow.labels, flow.together, strict=True))
    ]


def _text(name: str) -> str:
    """A stranger's words as harmless text of one line."""
    shown = _harmless(name)
    return html.escape(
        shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…", quote=False
    )


def _harmless(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
