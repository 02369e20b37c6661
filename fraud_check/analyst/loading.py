"""From files to a graph: accounts become dense numbers, times ticks; and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.analyst.names import number, require_names
from fraud_check.analyst.times import Times, common_ticks, require_seconds
from fraud_check.engine import AccountSet, Budget, Direction, MoneyFlowGraph, Question, Seeds
from passport.errors import Malformed

Progress = Callable[[str], None]
TRANSFERS = {"src": pa.string(), "dst": pa.string(), "time": pa.string(), "amount": pa.int64()}
SEEDS = {"account": pa.string(), "time": pa.string()}
STOP = {"account": pa.string()}
#: All of it, in ten-thousandths.
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """Where transfers and seeds come from, and the accounts that are entered but not passed through."""

    transfers: Path
    seeds: Path | None = None
    stop: Path | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """How money is followed, in an analyst's words. Every limit is inclusive."""

    max_hops: int = 3
    direction: Direction = Direction.FORWARD
    min_amount: int = 0
    #: In ten-thousandths of all that a transfer's payer paid out between start and end (backward: its receiver received).
    min_share: int = 0
    dwell_seconds: int | None = None
    start: str | None = None
    end: str | None = None
    #: An account with more payments, or more receipts, is entered but not passed through, and the answer says so.
    max_fanout: int | None = None


def ten_thousandths(percent: str) -> int:
    """A share as the engine counts it, of a percentage such as ``5`` or ``0.25``.

    Raises:
        Malformed: it is no percentage from 0 to 100, or has more than two decimals.
    """
    whole, _, part = percent.partition(".")
    if (
        re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", percent) is None
        or (share := int(whole + f"{part:0<2}")) > WHOLE
    ):
        raise Malformed(
            f"min_share: expected a percentage from 0 to 100 with at most 2 decimals, got {percent!r}"
        )
    return share


@dataclass(frozen=True, slots=True)
class Desk:
    """A loaded graph with the names of its accounts and the times as they were given."""

    graph: MoneyFlowGraph
    question: Question
    budget: Budget
    stopped: NDArray[np.uint32] | None
    seeds: Seeds
    names: pa.Array
    src: NDArray[np.uint32]
    dst: NDArray[np.uint32]
    ticks: NDArray[np.int64]
    times: Times
    amounts: NDArray[np.int64]
    seed_accounts: NDArray[np.uint32]
    seed_ticks: NDArray[np.int64]
    seed_times: Times
    per_second: int

    def name(self, account: int) -> str | int:
        """The account as the files name it."""
        named: str | int = self.names[account].as_py()
        return named

    def time(self, row: int) -> str | int:
        """The time of a transfer as its file gives it."""
        given = self.times.given
        if given is None:
            return int(self.times.values[row])
        one = given.slice(row, 1)
        return str((tables.rfc3339(one) if pa.types.is_timestamp(one.type) else one)[0].as_py())


def load(source: Source, following: Following, progress: Progress) -> Desk:
    """Read both files and build the graph.

    Raises:
        Malformed: a file or a parameter is not what is expected.
        Misconfigured: a file is not there.
    """
    if following.max_fanout is not None and following.max_fanout < 0:
        raise Malformed(f"max_fanout: expected 0 or more, got {following.max_fanout}")
    progress("reading transfers")
    transfers = tables.read(source.transfers, TRANSFERS)
    progress("reading seeds")
    stopped = None if source.stop is None else _names_in(source.stop)
    nobody = pa.table({"account": transfers["src"].slice(0, 0), "time": transfers["time"].slice(0, 0)})
    listed = nobody if source.seeds is None else tables.read(source.seeds, SEEDS)
    with tables.about(source.transfers):
        require_names(transfers, "src", "dst")
        times, amounts = Times.read(transfers["time"], "time"), tables.amounts(transfers["amount"])
        require_seconds(times, "time")
    with tables.about(source.seeds or source.transfers):
        require_names(listed, "account")
        seed_times = Times.read(listed["time"], "seed time")
        require_seconds(seed_times, "seed time")
    bounds = [_bound(text, name) for name, text in _bounds(following) if text is not None]
    (ticks, seed_ticks, *limits), per_second = common_ticks([times, seed_times, *bounds])
    progress("numbering accounts")
    named = [transfers["src"], transfers["dst"], listed["account"]]
    names, (src, dst, seed_accounts, *stops) = number(*named, *([] if stopped is None else [stopped]))
    stop = np.unique(stops[0]) if stops else None
    progress("building the graph")
    graph = MoneyFlowGraph()
    graph.append(src, dst, ticks, amounts)
    remaining = iter(limits)
    start, end = (None if text is None else int(next(remaining)[0]) for _, text in _bounds(following))
    if start is not None and end is not None and start > end:
        raise Malformed(f"start: expected no later than the end, {following.end}, got {following.start}")
    dwell = following.dwell_seconds
    question = Question(
        max_hops=following.max_hops,
        direction=following.direction,
        start=start,
        end=end,
        min_amount=following.min_amount,
        min_share=following.min_share,
        dwell=None if dwell is None else dwell * per_second,
        stop=None if stop is None else AccountSet(stop),
    )
    seeds = Seeds.of(zip(seed_accounts.tolist(), seed_ticks.tolist(), strict=True))
    if following.direction is Direction.BACKWARD:
        # Backward, the later of two times of one account reaches more: everything before it counts.
        mirrored = Seeds.of(
            (account, -tick)
            for account, tick in zip(seed_accounts.tolist(), seed_ticks.tolist(), strict=True)
        )
        seeds = Seeds.from_columns(mirrored.accounts, -mirrored.times)
    return Desk(
        graph=graph,
        question=question,
        budget=Budget(max_fanout=following.max_fanout),
        stopped=stop,
        seeds=seeds,
        names=names,
        src=src,
        dst=dst,
        ticks=ticks,
        times=times,
        amounts=amounts,
        seed_accounts=seed_accounts,
        seed_ticks=seed_ticks,
        seed_times=seed_times,
        per_second=per_second,
    )


def _names_in(stop: Path) -> pa.ChunkedArray:
    table = tables.read(stop, STOP)
    with tables.about(stop):
        require_names(table, "account")
    return table["account"]


def _bound(text: str, name: str) -> Times:
    bound = Times.one(text, name)
    require_seconds(bound, name)
    return bound


def _bounds(following: Following) -> list[tuple[str, str | None]]:
    return [("start", following.start), ("end", following.end)]
