"""``passport graph spread``: where the seeds' money went, or who paid in, as a file with one row per account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.following import Counting, Following, Source
from fraud_check.analyst.loading import Desk, Progress, load
from fraud_check.analyst.looked_at import LookedAt
from fraud_check.analyst.money import Money, Traced, counting_of, followed, layers_of, money_of, traced
from fraud_check.analyst.names import in_order
from fraud_check.analyst.times import Times
from fraud_check.engine import Direction, Spread


@dataclass(frozen=True, slots=True)
class SpreadSummary:
    """What a spread found, in one line per hop: accounts, transfers, their amounts in minor units; and what it rests on."""

    accounts: int
    layers: tuple[tuple[int, int, int], ...]
    reads: int
    truncated: str | None
    #: Rows of a CSV in which a spreadsheet program would take a name for a formula, or its digits for a number.
    formulas: int
    shortened: int
    #: What the amounts are, and what they add up to.
    money: Money
    unit: AmountUnit
    looked_at: LookedAt
    notes: tuple[str, ...]


def spread_files(
    source: Source,
    following: Following,
    out: Path,
    progress: Progress = lambda _: None,
    *,
    marked: bool = False,
) -> SpreadSummary:
    """Follow money from the seeds of a file through the transfers of another, and write who was reached.

    Rows are ordered by hop, then account. Where money is followed by the unit, an account has a row for each hop at which
    it got units that it had not had before: ``amount`` is how much, ``held`` what of it was there at the end, with what came
    by the other ways of counting beside them. Nothing is written unless
    all of it is; a CSV begins with the mark of UTF-8 if ``marked``.

    Raises:
        Malformed: a file or a parameter is not what is expected.
        Misconfigured: a file is not there, or the answer cannot be written.
    """
    tables.check_writable(out, source.transfers, source.seeds, source.stop)
    counting = counting_of(following, Counting.POISON)
    desk = load(source, following, progress)
    progress("following the money")
    spread = desk.graph.spread(desk.question, seeds=desk.seeds, budget=desk.budget)
    taint = None if counting is Counting.POISON else followed(desk, counting)
    answer = _whole(desk, spread) if taint is None else _by_unit(desk, traced(desk, spread, counting, taint))
    progress("writing the answer")
    written = tables.write(out, in_order(answer), marked=marked)
    return SpreadSummary(
        accounts=len(spread.accounts),
        layers=tuple(spread.layers) if taint is None else layers_of(spread, taint),
        reads=spread.reads,
        truncated=spread.truncated,
        formulas=written.formulas,
        shortened=written.shortened,
        money=money_of(desk, spread, counting, taint),
        unit=desk.unit,
        looked_at=desk.looked_at,
        notes=desk.notes,
    )


def _whole(desk: Desk, spread: Spread) -> pa.Table:
    return pa.table(
        {
            "account": desk.names.take(pa.array(spread.accounts)),
            "hop": pa.array(spread.hops.astype(np.int64)),
            "arrival": as_given(desk, spread.accounts, spread.arrivals),
            "earliest": as_given(desk, spread.accounts, spread.earliest),
            "amount": desk.unit.given(spread.amounts),
        }
    )


def _by_unit(desk: Desk, rows: Traced) -> pa.Table:
    return pa.table(
        {
            "account": desk.names.take(pa.array(rows.accounts)),
            "hop": pa.array(rows.hops),
            "arrival": as_given(desk, rows.accounts, rows.arrivals),
            "earliest": as_given(desk, rows.accounts, rows.earliest),
            **{name: desk.unit.given(amounts) for name, amounts in rows.amounts.items()},
        }
    )


def as_given(desk: Desk, accounts: NDArray[np.uint32], ticks: NDArray[np.int64]) -> pa.Array:
    """Times of accounts in the words in which a seed or a transfer gave them."""
    if desk.times.given is None and desk.seed_times.given is None:
        return pa.array(ticks)
    ends = desk.src if desk.question.direction is Direction.BACKWARD else desk.dst
    seeds = _find(desk.seed_accounts, desk.seed_ticks, accounts, ticks)
    rows = _find(ends, desk.ticks, accounts, ticks)
    chosen = pa.array(np.where(seeds >= 0, seeds, np.where(rows >= 0, rows + len(desk.seed_ticks), -1)))
    given = [_words(desk.seed_times), _words(desk.times)]
    if given[0].type != given[1].type:
        given = [_as_text(part) for part in given]
    return (
        pa.chunked_array([chunk for part in given for chunk in part.chunks], type=given[0].type)
        .combine_chunks()
        .take(chosen)
    )


def _words(times: Times) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(times.values)]) if times.given is None else times.given


def _as_text(words: pa.ChunkedArray) -> pa.ChunkedArray:
    return tables.rfc3339(words) if pa.types.is_timestamp(words.type) else words.cast(pa.string())


def _find(
    accounts: NDArray[np.uint32],
    ticks: NDArray[np.int64],
    wanted_accounts: NDArray[np.uint32],
    wanted_ticks: NDArray[np.int64],
) -> NDArray[np.int64]:
    """For each wanted pair the first row that has it, or -1."""
    distinct = np.unique(ticks)
    if not len(distinct):
        return np.full(len(wanted_ticks), -1, dtype=np.int64)
    keys = accounts.astype(np.int64) * len(distinct) + np.searchsorted(distinct, ticks)
    order = np.argsort(keys, kind="stable")
    ranks = np.minimum(np.searchsorted(distinct, wanted_ticks), len(distinct) - 1)
    wanted = wanted_accounts.astype(np.int64) * len(distinct) + ranks
    places = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    rows = order[places]
    found = (keys[rows] == wanted) & (distinct[ranks] == wanted_ticks)
    return np.where(found, rows, -1)
