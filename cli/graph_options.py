"""The options of ``passport graph``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passport.errors import Malformed

if TYPE_CHECKING:
    from fraud_check.analyst import Counting

TransfersOption = Annotated[
    Path, typer.Option("--transfers", help="CSV or Parquet with the columns src,dst,time,amount.")
]
SeedsOption = Annotated[Path, typer.Option("--seeds", help="CSV or Parquet with the columns account,time.")]
HopsOption = Annotated[int, typer.Option("--max-hops", help="The most transfers in a row, 1 to 8.")]
AmountOption = Annotated[
    str,
    typer.Option(
        "--min-amount", metavar="AMOUNT", help="The least amount that is followed, in the unit of the file."
    ),
]
UnitOption = Annotated[
    str,
    typer.Option(
        "--amount-unit",
        metavar="minor|CODE",
        help="What amounts are counted in: minor units, or a currency by its code, such as TWD, with decimals. "
        "Answers are in the same unit.",
    ),
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Where times without an offset were noted, such as Asia/Taipei. Without it they are refused.",
    ),
]
MethodOption = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="poison|haircut|fifo|lifo",
        help="How amounts are counted: poison takes every later transfer whole; lifo (Fraud Act, Art. 53), fifo and "
        "haircut follow the seeds' money by the unit.",
    ),
]
MarkOption = Annotated[
    bool,
    typer.Option(
        "--bom", help="Begin a CSV with the mark by which spreadsheet programs know that it is UTF-8."
    ),
]
ShareOption = Annotated[
    str,
    typer.Option(
        "--min-share",
        metavar="PERCENT",
        help="Follow a transfer only if it is at least this part of all that its payer paid out between start and "
        "end (backward: that its receiver received), such as 5 or 0.5.",
    ),
]
DwellOption = Annotated[
    int | None, typer.Option("--dwell", help="The most seconds that money rests before it moves on.")
]
StartOption = Annotated[
    str | None, typer.Option("--start", help="The earliest transfer: epoch seconds or RFC 3339.")
]
EndOption = Annotated[str | None, typer.Option("--end", help="The latest transfer.")]
StopOption = Annotated[
    Path | None,
    typer.Option(
        "--stop",
        help="CSV or Parquet with the column account: entered but not passed through, such as merchants and taxes.",
    ),
]
FanoutOption = Annotated[
    int | None,
    typer.Option(
        "--max-fanout",
        help="Pass through no account with more payments, or more receipts, than this; the answer says truncated.",
    ),
]
DirectionOption = Annotated[
    str, typer.Option("--direction", help="forward: where money went; backward: who paid in.")
]


def one_of(option: str, value: str, allowed: list[str]) -> str:
    """The value, if it is one of those.

    Raises:
        Malformed: it is not.
    """
    if value not in allowed:
        raise Malformed(f"{option}: expected {' or '.join(allowed)}, got {value!r}")
    return value


def counting_of(method: str | None) -> Counting | None:
    """The way of counting that ``--method`` names.

    Raises:
        Malformed: there is no such way.
    """
    from fraud_check.analyst import Counting  # noqa: PLC0415 - Arrow takes a while to import

    return None if method is None else Counting(one_of("--method", method, [str(one) for one in Counting]))
