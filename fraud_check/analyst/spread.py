"""``passport graph spread``: where the seeds' money went, or who paid in, as a file with one row per account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.analyst.loading import Desk, Following, Progress, Source, load
from fraud_check.analyst.names import in_order
from fraud_check.analyst.times import Times
from fraud_check.engine import Direction


@dataclass(frozen=True, slots=True)
class SpreadSummary:
    """What a spread found, in one line per hop: accounts, transfers, their amounts."""

    accounts: int
    layers: tuple[tuple[int, int, int], ...]
    reads: int
    truncated: str | None
    #: Rows of a CSV in which a spreadsheet program would take a name for a formula.
    formulas: int


def spread_files(
    source: Source, following: Following, out: Path, progress: Progress = lambda _: None
) -> SpreadSummary:
    """Follow money from the seeds of a file through the transfers of another, and write who was reached.

    Rows are ordered by hop, then account. Nothing is written unless all of it is.

    Raises:
        Malformed: a file or a parameter is not what is expected.
        Misconfigured: a file is not there, or the answer cannot be written.
    """
    tables.check_writable(out, source.transfers, source.seeds, source.stop)
    desk = load(source, following, progress)
    progress("following the money")
    spread = desk.graph.spread(desk.question, seeds=desk.seeds, budget=desk.budget)
    answer = pa.table(
        {
            "account": desk.names.take(pa.array(spread.accounts)),
            "hop": pa.array(spread.hops.astype(np.int64)),
            "arrival": as_given(desk, spread.accounts, spread.arrivals),
            "earliest": as_given(desk, spread.accounts, spread.earliest),
            "amount": pa.array(spread.amounts),
        }
    )
    progress("writing the answer")
    formulas = tables.write(out, in_order(answer))
    return SpreadSummary(len(answer), tuple(spread.layers), spread.reads, spread.truncated, formulas)


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
