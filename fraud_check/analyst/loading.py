"""From files to a graph: accounts become dense numbers, times ticks; and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fraud_check.analyst import dates_as_numbers, likeness, tables
from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.following import Following, Source
from fraud_check.analyst.looked_at import Columns, Coverage, LookedAt, coarse_times
from fraud_check.analyst.names import number, require_meant, require_names
from fraud_check.analyst.times import Times, check_zone, common_ticks, require_seconds
from fraud_check.engine import AccountSet, Budget, Direction, MoneyFlowGraph, Question, Seeds
from passport.errors import Malformed

Progress = Callable[[str], None]
TRANSFERS = {"src": pa.string(), "dst": pa.string(), "time": pa.string(), "amount": pa.string()}
SEEDS = {"account": pa.string(), "time": pa.string()}
STOP = {"account": pa.string()}


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
    unit: AmountUnit
    looked_at: LookedAt
    #: What a reader must know before "nothing found" is read as "nothing there"; sentences in English.
    notes: tuple[str, ...]

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
    """Read all files, build the graph, and count what the question meets.

    Raises:
        Malformed: a file or a parameter is not what is expected, or the list of seeds is empty.
        Misconfigured: a file is not there.
    """
    if following.max_fanout is not None and following.max_fanout < 0:
        raise Malformed(f"max_fanout: expected 0 or more, got {following.max_fanout}")
    if source.timezone is not None:
        check_zone(source.timezone, "timezone")
    progress("reading transfers")
    transfers = tables.read(source.transfers, TRANSFERS)
    progress("reading seeds")
    stopped = None if source.stop is None else tables.read(source.stop, STOP)
    listed = _nobody(transfers) if source.seeds is None else tables.read(source.seeds, SEEDS)
    with tables.about(source.transfers):
        require_names(transfers, "src", "dst")
        times = Times.read(transfers["time"], "time", source.timezone)
        require_seconds(times, "time")
        amounts = source.unit.read(transfers["amount"])
    seed_times = _read_seeds(source, listed)
    if source.stop is not None and stopped is not None:
        with tables.about(source.stop):
            require_names(stopped, "account")
    bounds = {name: _bound(text, name, source.timezone) for name, text in _bounds(following).items()}
    (ticks, seed_ticks, *limits), per_second = common_ticks(
        {"time": times, "seed time": seed_times, **bounds}
    )
    window = dict(zip(bounds, (int(limit[0]) for limit in limits), strict=True))
    if "start" in window and "end" in window and window["start"] > window["end"]:
        raise Malformed(f"start: expected no later than the end, {following.end}, got {following.start}")
    progress("numbering accounts")
    named = [transfers["src"], transfers["dst"], listed["account"]]
    names, (src, dst, seed_accounts, *stops) = number(
        *named, *([] if stopped is None else [stopped["account"]])
    )
    for path, table, columns in (
        (source.transfers, transfers, ("src", "dst")),
        (source.seeds, listed, ("account",)),
        (source.stop, stopped, ("account",)),
    ):
        if path is not None and table is not None:
            with tables.about(path):
                require_meant(names, table, *columns)
    progress("building the graph")
    graph = MoneyFlowGraph()
    with tables.about(source.transfers):
        graph.append(src, dst, ticks, amounts)
    stop = np.unique(stops[0]) if stops else None
    question = _question(following, window, per_second, stop)
    given = Columns(names, src, dst, ticks, amounts, seed_accounts, seed_ticks, stop)
    coverage = Coverage(given, question)
    least = source.unit.text(following.min_amount, grouped=True)
    notes = (
        *_of_values(names, times, seed_times, bounds),
        *coarse_times(given, per_second),
        *coverage.met.notes(following.start, following.end, least),
    )
    return Desk(
        graph=graph,
        question=question,
        budget=Budget(max_fanout=following.max_fanout),
        stopped=stop,
        seeds=_seeds(seed_accounts, seed_ticks, backward=following.direction is Direction.BACKWARD),
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
        unit=source.unit,
        looked_at=coverage.counts,
        notes=notes,
    )


def _nobody(transfers: pa.Table) -> pa.Table:
    return pa.table({"account": transfers["src"].slice(0, 0), "time": transfers["time"].slice(0, 0)})


def _seeds(accounts: NDArray[np.uint32], ticks: NDArray[np.int64], *, backward: bool) -> Seeds:
    if not backward:
        return Seeds.of(zip(accounts.tolist(), ticks.tolist(), strict=True))
    # Backward, the later of two times of one account reaches more: everything before it counts.
    mirrored = Seeds.of(zip(accounts.tolist(), (-ticks).tolist(), strict=True))
    return Seeds.from_columns(mirrored.accounts, -mirrored.times)


def _read_seeds(source: Source, listed: pa.Table) -> Times:
    if source.seeds is None:
        return Times.read(listed["time"], "seed time", source.timezone)
    with tables.about(source.seeds):
        if not len(listed):
            raise Malformed("expected at least one account, got a header and no row")
        require_names(listed, "account")
        times = Times.read(listed["time"], "seed time", source.timezone)
        require_seconds(times, "seed time")
    return times


def _of_values(
    names: pa.Array, times: Times, seed_times: Times, bounds: Mapping[str, Times]
) -> Iterator[str]:
    """What the values themselves look like."""
    yield from likeness.suspicions(names)
    others = {"seed time": seed_times, **bounds}
    yield from dates_as_numbers.suspicions(times.seconds, {name: one.seconds for name, one in others.items()})


def _question(
    following: Following, window: Mapping[str, int], per_second: int, stop: NDArray[np.uint32] | None
) -> Question:
    dwell = following.dwell_seconds
    return Question(
        max_hops=following.max_hops,
        direction=following.direction,
        start=window.get("start"),
        end=window.get("end"),
        min_amount=following.min_amount,
        min_share=following.min_share,
        dwell=None if dwell is None else dwell * per_second,
        stop=None if stop is None else AccountSet(stop),
    )


def _bound(text: str, name: str, zone: str | None) -> Times:
    bound = Times.one(text, name, zone)
    require_seconds(bound, name)
    return bound


def _bounds(following: Following) -> dict[str, str]:
    given = {"start": following.start, "end": following.end}
    return {name: text for name, text in given.items() if text is not None}
