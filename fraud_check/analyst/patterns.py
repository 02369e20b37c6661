"""``passport graph patterns``: shapes of money flow, each with the transfers that make it, as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from fraud_check.analyst import tables
from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.following import Following, Source
from fraud_check.analyst.loading import Desk, Progress, load
from fraud_check.analyst.looked_at import LookedAt
from fraud_check.analyst.patience import interruptible
from fraud_check.engine import Budget, Pattern, Shape


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked for: shapes between at least ``size`` counterparties, all of it within ``window_seconds``."""

    window_seconds: int
    shapes: Sequence[Shape] = tuple(Shape)
    size: int = 5
    max_hops: int = 6
    min_amount: int = 0
    start: str | None = None
    end: str | None = None
    max_seconds: float | None = None
    """For each shape."""


@dataclass(frozen=True, slots=True)
class PatternSummary:
    """How many of each shape were found, and how often an account was passed over for having too many transfers."""

    found: Mapping[str, int]
    skipped: int
    #: Shapes whose search ended before it had been around every account, and by which budget.
    truncated: Mapping[str, str]
    #: Rows of a CSV in which a spreadsheet program would take a name for a formula, or its digits for a number.
    formulas: int
    shortened: int
    unit: AmountUnit
    looked_at: LookedAt
    notes: tuple[str, ...]


def pattern_files(
    transfers: Path | Source,
    looking: Looking,
    out: Path,
    progress: Progress = lambda _: None,
    *,
    marked: bool = False,
) -> PatternSummary:
    """Look for shapes in a file of transfers; one row for each transfer of the evidence.

    A source says how the file gives amounts and times; it has no seeds here.

    Raises:
        Malformed: the file or a parameter is not what is expected.
        Misconfigured: the file is not there, or the answer cannot be written.
    """
    source = transfers if isinstance(transfers, Source) else Source(transfers)
    tables.check_writable(out, source.transfers)
    following = Following(start=looking.start, end=looking.end, min_amount=looking.min_amount)
    desk = load(source, following, progress)
    rows: list[dict[str, object]] = []
    found: dict[str, int] = {}
    skipped = number = 0
    truncated: dict[str, str] = {}
    budget = Budget(max_seconds=looking.max_seconds)
    for place, shape in enumerate(looking.shapes, start=1):
        progress(f"looking for {shape}, {place} of {len(looking.shapes)}")
        pattern = Pattern(
            shape,
            window=looking.window_seconds * desk.per_second,
            size=looking.size,
            min_amount=looking.min_amount,
            start=desk.question.start,
            end=desk.question.end,
            max_hops=looking.max_hops,
        )
        findings = interruptible(partial(desk.graph.patterns, pattern, budget=budget))
        found[str(shape)] = len(findings.found)
        skipped += findings.skipped
        if findings.truncated is not None:
            truncated[str(shape)] = findings.truncated
        for finding in findings.found:
            number += 1
            rows.extend(
                {
                    "finding": number,
                    "shape": str(shape),
                    "account": desk.name(finding.account),
                    "size": finding.size,
                    "row": step.seq,
                    "src": desk.name(step.src),
                    "dst": desk.name(step.dst),
                    "time": desk.time(step.seq),
                    "amount": step.amount,
                }
                for step in finding.evidence
            )
    progress("writing the answer")
    written = tables.write(out, _evidence(desk, rows), marked=marked)
    notes = (*desk.notes, *_too_few(desk, looking))
    return PatternSummary(
        found, skipped, truncated, written.formulas, written.shortened, desk.unit, desk.looked_at, notes
    )


def _evidence(desk: Desk, rows: list[dict[str, object]]) -> pa.Table:
    names, times = desk.names.type, pa.int64() if desk.times.given is None else pa.string()
    kinds = [pa.int64(), pa.string(), names, pa.int64(), pa.int64(), names, names, times, pa.int64()]
    columns = ["finding", "shape", "account", "size", "row", "src", "dst", "time", "amount"]
    evidence = pa.Table.from_pylist(rows, schema=pa.schema(list(zip(columns, kinds, strict=True))))
    amounts = evidence["amount"].combine_chunks().to_numpy(zero_copy_only=False)
    return evidence.set_column(len(columns) - 1, "amount", desk.unit.given(amounts))


def _too_few(desk: Desk, looking: Looking) -> Iterator[str]:
    """Shapes of more accounts than the file has cannot be in it."""
    if desk.looked_at.rows_read and len(desk.names) <= looking.size and set(looking.shapes) != {Shape.CYCLE}:
        yield f"a shape of {looking.size} counterparties needs more accounts than the {len(desk.names)} of the file"
