"""What the commands of ``passport graph`` print: lines, JSON documents, and what is said beside them on standard error."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cli.answering import counted, safe

if TYPE_CHECKING:
    from fraud_check.analyst import AccountReport, AmountUnit, LookedAt, Money, SpreadSummary


def spread_document(summary: SpreadSummary, out: Path) -> dict[str, object]:
    """What a spread found, for a program."""
    unit = summary.unit
    return {
        "accounts": summary.accounts,
        "layers": [
            [accounts, transfers, unit.exact(amount)] for accounts, transfers, amount in summary.layers
        ],
        "reads": summary.reads,
        "truncated": summary.truncated,
        "formulas": summary.formulas,
        "out": str(out),
        **told_of(summary.money, unit),
        **rests_on(unit, summary.looked_at, summary.notes),
    }


def spread_lines(summary: SpreadSummary, out: Path) -> list[str]:
    """What a spread found, for people."""
    lines = [
        f"hop {hop}: {accounts:>10,} {_noun('account', accounts)}  {count:>10,} {_noun('transfer', count)}  "
        f"{summary.unit.text(amount, grouped=True):>18}"
        for hop, (accounts, count, amount) in enumerate(summary.layers)
    ]
    lines.append(summary.money.said(summary.unit)[1])
    reached = f"{summary.accounts:,} {_noun('account', summary.accounts).strip()}"
    read = f"{summary.reads:,} {_noun('transfer', summary.reads).strip()} read"
    return with_looked(summary.looked_at, lines, f"{reached}, {read}: {out}")


def _noun(one: str, count: int) -> str:
    """As wide for one as for many."""
    return f"{one} " if count == 1 else f"{one}s"


def with_looked(looked_at: LookedAt, lines: list[str], last: str) -> list[str]:
    """An answer's lines with what was looked at; before them, if that was nothing, so that it does not read as an all-clear."""
    nothing = looked_at.nothing()
    first = [] if nothing is None else [f"NO ANSWER: {nothing[1]}"]
    return [*first, *lines, f"looked at: {looked_at.said()[1]}", last]


def account_lines(report: AccountReport, max_hops: int) -> list[str]:
    """The answer about one account, for people."""
    unit = report.unit
    if report.hop is None:
        nothing = report.looked_at.nothing()
        if nothing is not None:
            return [
                safe(f"{report.account}: nothing can be said, {nothing[1]}"),
                f"  looked at: {report.looked_at.said()[1]}",
            ]
        known = "out of reach" if report.truncated is None else "not found"
        return [
            safe(f"{report.account}: {known} within {counted(max_hops, 'hop', 'hops')}"),
            f"  looked at: {report.looked_at.said()[1]}",
        ]
    received = unit.text(report.amount, grouped=True)
    words = {
        "lifo": "last in first out (Fraud Act, Art. 53)",
        "fifo": "first in first out",
        "haircut": "haircut",
    }
    traced = ", ".join(
        f"{'not counted' if part is None else unit.text(part, grouped=True)} {words[one]}"
        for one, part in report.traced.items()
    )
    return [
        safe(f"{report.account}: hop {report.hop} from {report.seed}, {received} received"),
        *(
            safe(f"  {step.time}  {step.src} → {step.dst}  {unit.text(step.amount, grouped=True)}")
            for step in report.path
        ),
        f"  transfers counted whole; the seeds' money that came in them, each unit once: {traced}",
        f"  looked at: {report.looked_at.said()[1]}",
    ]


def account_document(report: AccountReport) -> dict[str, object]:
    """The answer about one account, for a program."""
    unit = report.unit
    return {
        "account": report.account,
        "hop": report.hop,
        "seed": report.seed,
        "amount": unit.exact(report.amount),
        "amounts_are": "transfers that the seeds' money may have come in, each counted whole; `traced` follows it by the unit",
        "traced": {one: None if part is None else unit.exact(part) for one, part in report.traced.items()},
        "path": [{**asdict(step), "amount": unit.exact(step.amount)} for step in report.path],
        "reads": report.reads,
        "truncated": report.truncated,
        **rests_on(unit, report.looked_at, report.notes),
    }


def say_truncated(by: str | None) -> None:
    """On standard error, so that nobody who keeps the answer misses it; it is also in the JSON document."""
    if by is not None:
        sys.stderr.write(
            f"passport: the answer is true but not complete: truncated by {by}, so what lies behind accounts "
            "that are not passed through is missing\n"
        )


def say_formulas(rows: int, shortened: int = 0) -> None:
    """What a spreadsheet program would do to names in a CSV; ``shortened`` is told to who made the file for one."""
    if shortened:
        sys.stderr.write(
            f"passport: in {counted(shortened, 'row', 'rows')} a spreadsheet program would take an account's name for a "
            "number, and drop its zeros in front or its last digits: import that column as text\n"
        )
    if rows:
        sys.stderr.write(
            f"passport: in {counted(rows, 'row', 'rows')} a spreadsheet program would take an account's name for a "
            "formula: import that column as text\n"
        )


def say_notes(notes: Sequence[str]) -> None:
    """What must be known before "nothing found" is read as "nothing there": on standard error, one line each."""
    for note in notes:
        sys.stderr.write(f"passport: {safe(note)}\n")


def rests_on(unit: AmountUnit, looked_at: LookedAt, notes: Sequence[str]) -> Mapping[str, object]:
    """What every JSON document ends with."""
    nothing = looked_at.nothing()
    return {
        "amount_unit": unit.name,
        "looked_at": asdict(looked_at),
        "nothing_looked_at": None if nothing is None else nothing[1],
        "notes": list(notes),
    }


def told_of(money: Money, unit: AmountUnit) -> Mapping[str, object]:
    """What the amounts of an answer are, for a JSON document."""
    parts = {
        "paid_out": money.paid_out,
        "held": money.held,
        "held_by_seeds": money.held_by_seeds,
        "left": money.left,
        "repaid": money.repaid,
        "beyond": money.beyond,
    }
    exact = {name: None if part is None else unit.exact(part) for name, part in parts.items()}
    return {"method": str(money.counting), "amounts_are": money.said(unit)[1], **exact}
