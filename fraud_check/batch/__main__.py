"""``python -m fraud_check.batch spread …``: the analyst's spread over histories beyond one machine's memory.

Run so, Spark takes this machine and speaks on loopback only. On a cluster, give this file to ``spark-submit`` with the
same arguments, and paths that all machines see.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fraud_check.analyst import Following, ten_thousandths
from fraud_check.analyst.amounts import MINOR_UNITS
from fraud_check.batch import BatchSummary, Resources, Work, open_spark, spread_histories
from fraud_check.engine import Direction
from passport.errors import Malformed, Misconfigured, PassportError

#: Starting, checking, laying out, counting and writing are steps beside the hops.
OTHER_STEPS = 5
UNEXPECTED = 70


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fraud_check.batch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    spread = commands.add_parser(
        "spread", help="who is reached from the seeds: account,hop,arrival,earliest,amount"
    )
    add = spread.add_argument
    files = "a CSV or Parquet file, or a directory of such files, with the columns"
    add("--transfers", type=Path, required=True, help=f"{files} src,dst,time,amount")
    add("--seeds", type=Path, required=True, help=f"{files} account,time")
    add("--max-hops", type=int, required=True, help="the most transfers in a row, 1 to 8")
    add("--out", type=Path, required=True, help="the answer, as CSV or Parquet by its suffix")
    add("--direction", choices=[str(one) for one in Direction], default="forward")
    add("--min-amount", type=int, default=0, help="the least amount that is followed")
    add(
        "--min-share",
        metavar="PERCENT",
        default="0",
        help="the least part of all that the payer paid out between start and end (backward: that the receiver received)",
    )
    add("--dwell", type=int, metavar="SECONDS", help="the most seconds that money rests before it moves on")
    add("--start", help="the earliest transfer: epoch seconds or RFC 3339")
    add("--end", help="the latest transfer")
    add("--stop", type=Path, help=f"accounts that are entered but not passed through: {files} account")
    add(
        "--bom",
        action="store_true",
        help="begin a CSV with the mark by which spreadsheet programs know UTF-8",
    )
    add("--partitions", type=int, help="instead of one for every 4,000,000 transfers")
    add("--cores", type=int, help="instead of all of this machine")
    add("--memory", type=int, default=4096, metavar="MB", help="for Spark on this machine; default 4096")
    add("--scratch", type=Path, help="a directory for what does not fit in memory, instead of the system's")
    add("--json", action="store_true", help="print one JSON document, for scripts")
    return parser


@contextmanager
def _steps(hops: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, else a line for each step."""
    if not sys.stderr.isatty():
        began = time.monotonic()

        def say(step: str) -> None:
            sys.stderr.write(f"{time.monotonic() - began:8.1f} s  {step}\n")
            sys.stderr.flush()

        yield say
        return
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    from rich.console import Console  # noqa: PLC0415

    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting Spark", total=hops + OTHER_STEPS)
        yield lambda step: bar.update(task, description=step, advance=1)


def _spread(asked: argparse.Namespace) -> None:
    for name in ("partitions", "cores", "memory"):
        value = getattr(asked, name)
        if value is not None and value < 1:
            raise Malformed(f"{name}: expected 1 or more, got {value}")
    following = Following(
        max_hops=asked.max_hops,
        direction=Direction(asked.direction),
        min_amount=asked.min_amount,
        min_share=ten_thousandths(asked.min_share),
        dwell_seconds=asked.dwell,
        start=asked.start,
        end=asked.end,
    )
    work = Work(asked.transfers, asked.seeds, following, asked.stop, asked.partitions, marked=asked.bom)
    resources = Resources(cores=asked.cores, memory_mb=asked.memory, scratch=asked.scratch)
    with _steps(asked.max_hops) as progress, open_spark(resources) as spark:
        summary = spread_histories(spark, work, asked.out, progress)
    for note in summary.notes:
        sys.stderr.write(f"fraud_check.batch: {note}\n")
    if asked.json:
        sys.stdout.write(json.dumps(_document(summary, asked.out)) + "\n")
        return
    for hop, (accounts, count, amount) in enumerate(summary.layers):
        sys.stdout.write(f"hop {hop}: {accounts:>10,} accounts  {count:>10,} transfers  {amount:>18,}\n")
    sys.stdout.write(f"{summary.money.said(MINOR_UNITS)[1]}\n")
    sys.stdout.write(f"{summary.accounts:,} accounts, out of {summary.transfers:,} transfers: {asked.out}\n")


def _document(summary: BatchSummary, out: Path) -> dict[str, object]:
    """The names that `passport graph spread` has, where it says the same."""
    return {
        "accounts": summary.accounts,
        "layers": summary.layers,
        "transfers": summary.transfers,
        "out": str(out),
        "method": str(summary.money.counting),
        "amounts_are": summary.money.said(MINOR_UNITS)[1],
        "paid_out": summary.money.paid_out,
        "looked_at": asdict(summary.looked_at),
        "notes": list(summary.notes),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 2 for what is to be put right, 3 for what may go well next time."""
    asked = _parser().parse_args(arguments)
    try:
        _spread(asked)
    except PassportError as error:
        sys.stderr.write(f"fraud_check.batch: {error}\n")
        return 2 if isinstance(error, Malformed | Misconfigured) else 3
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last wall: an engineer meets a sentence, not two stack traces
        sys.stderr.write(
            f"fraud_check.batch: something went wrong here that should not have: {error!r:.200}\n"
        )
        return UNEXPECTED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
