"""Shapes by their definition: every stretch of time is tried, on plain lists, with no cleverness at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fraud_check.engine import Pattern, Shape


def counting(case_rows: Any, pattern: Pattern) -> list[Any]:
    return sorted(
        (
            row
            for row in case_rows
            if row.src != row.dst
            and row.amount >= pattern.min_amount
            and (pattern.start is None or row.time >= pattern.start)
            and (pattern.end is None or row.time <= pattern.end)
        ),
        key=lambda row: (row.time, row.seq),
    )


def fans(rows: list[Any], pattern: Pattern, side: str, other: str) -> dict[tuple[int, int | None], int]:
    best: dict[tuple[int, int | None], int] = {}
    for first in rows:
        account = getattr(first, side)
        inside = {
            getattr(row, other)
            for row in rows
            if getattr(row, side) == account and first.time <= row.time <= first.time + pattern.window
        }
        if len(inside) >= max(pattern.size, best.get((account, None), 0)):
            best[account, None] = len(inside)
    return best


def gather_scatters(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        for turn in rows:
            account, until = first.dst, first.time + pattern.window
            payers = {row.src for row in rows if row.dst == account and first.time <= row.time <= turn.time}
            paid = {row.dst for row in rows if row.src == account and turn.time < row.time <= until}
            if turn.time <= until and min(len(payers), len(paid)) >= pattern.size:
                found[account, None] = pattern.size
    return found


def scatter_gathers(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        source, until = first.src, first.time + pattern.window
        between: dict[int, set[int]] = {}
        for out in rows:
            if out.src != source or out.time < first.time:
                continue
            for onward in rows:
                if onward.src == out.dst and out.time < onward.time <= until and onward.dst != source:
                    between.setdefault(onward.dst, set()).add(out.dst)
        for target, middle in between.items():
            if len(middle) >= max(pattern.size, found.get((source, target), 0)):
                found[source, target] = len(middle)
    return found


def cycles(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}

    def walk(path: list[Any]) -> None:
        if path[-1].dst == path[0].src:
            key = (path[0].src, None)
            found[key] = min(len(path), found.get(key, 99))
            return
        if len(path) == pattern.max_hops:
            return
        for row in rows:
            if row.src == path[-1].dst and path[-1].time < row.time <= path[0].time + pattern.window:
                walk([*path, row])

    for row in rows:
        walk([row])
    return found


def bipartites(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        account = first.src
        near = [row for row in rows if first.time <= row.time <= first.time + pattern.window]
        paid = {row.dst for row in near if row.src == account}
        payers = {
            payer
            for payer in {row.src for row in near}
            if len({row.dst for row in near if row.src == payer} & paid) >= pattern.size
        }
        if account in payers and len(payers) >= pattern.size:
            found.setdefault((account, None), len(payers))
    return found


def stacks(rows: list[Any], pattern: Pattern) -> dict[tuple[int, int | None], int]:
    found: dict[tuple[int, int | None], int] = {}
    for first in rows:
        account = first.dst
        near = [row for row in rows if first.time <= row.time <= first.time + pattern.window]
        above = {row.src for row in near if row.dst == account}
        below = {row.dst for row in near if row.src == account}
        mules = {mule for mule in {row.dst for row in near} if passes(near, pattern.size, mule, above, below)}
        if account in mules and len(mules) >= pattern.size:
            found.setdefault((account, None), len(mules))
    return found


def passes(near: list[Any], size: int, mule: int, above: set[int], below: set[int]) -> bool:
    return any(
        len({row.src for row in near if row.dst == mule and row.time <= turn.time} & above) >= size
        and len({row.dst for row in near if row.src == mule and row.time > turn.time} & below) >= size
        for turn in near
    )


BY_DEFINITION: dict[Shape, Callable[[list[Any], Pattern], dict[tuple[int, int | None], int]]] = {
    Shape.FAN_OUT: lambda rows, pattern: fans(rows, pattern, "src", "dst"),
    Shape.FAN_IN: lambda rows, pattern: fans(rows, pattern, "dst", "src"),
    Shape.GATHER_SCATTER: gather_scatters,
    Shape.SCATTER_GATHER: scatter_gathers,
    Shape.CYCLE: cycles,
    Shape.BIPARTITE: bipartites,
    Shape.STACK: stacks,
}


def expected(case_rows: Any, pattern: Pattern) -> dict[tuple[int, int | None], int]:
    return BY_DEFINITION[pattern.shape](counting(case_rows, pattern), pattern)
