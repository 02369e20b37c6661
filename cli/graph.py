"""``passport graph …``: the analyst's desk over files of transfers; needs no running world."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.answering import JsonOption, counted, for_people, safe, show
from fraud_check.extension import require_extensions
from passport.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

graph = typer.Typer(no_args_is_help=True, help="Follow money through a file of transfers.")

TransfersOption = Annotated[
    Path, typer.Option("--transfers", help="CSV or Parquet with the columns src,dst,time,amount.")
]
SeedsOption = Annotated[Path, typer.Option("--seeds", help="CSV or Parquet with the columns account,time.")]
HopsOption = Annotated[int, typer.Option("--max-hops", help="The most transfers in a row, 1 to 8.")]
AmountOption = Annotated[int, typer.Option("--min-amount", help="The least amount that is followed.")]
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


@contextmanager
def _stages(title: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what long work is at; stay silent in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    # How long a stage takes is not known before; that it goes on, and since when, can be seen.
    columns = TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda stage: shown.update(task, description=f"{title}: {stage} …")


@graph.command()
@for_people
def spread(
    transfers: TransfersOption,
    seeds: SeedsOption,
    max_hops: HopsOption,
    out: Annotated[Path, typer.Option("--out", help="The answer, as CSV or Parquet by its suffix.")],
    direction: DirectionOption = "forward",
    min_amount: AmountOption = 0,
    min_share: ShareOption = "0",
    dwell: DwellOption = None,
    start: StartOption = None,
    end: EndOption = None,
    stop: StopOption = None,
    max_fanout: FanoutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who is reached from the seeds: account,hop,arrival,earliest,amount."""
    # Arrow takes a while to import, and no other command needs it.
    require_extensions()
    from fraud_check.analyst import Following, Source, spread_files, ten_thousandths  # noqa: PLC0415
    from fraud_check.engine import Direction  # noqa: PLC0415

    following = Following(
        max_hops=max_hops,
        direction=Direction(_one_of("--direction", direction, [str(one) for one in Direction])),
        min_amount=min_amount,
        min_share=ten_thousandths(min_share),
        dwell_seconds=dwell,
        start=start,
        end=end,
        max_fanout=max_fanout,
    )
    with _stages("spread") as progress:
        summary = spread_files(Source(transfers, seeds, stop), following, out, progress)
    lines = [
        f"hop {hop}: {accounts:>10,} accounts  {count:>10,} transfers  {amount:>18,}"
        for hop, (accounts, count, amount) in enumerate(summary.layers)
    ]
    _say_truncated(summary.truncated)
    _say_formulas(summary.formulas)
    lines.append(f"{summary.accounts:,} accounts, {summary.reads:,} transfers read: {out}")
    show({**asdict(summary), "out": str(out)}, as_json=as_json, lines=lines)


@graph.command()
@for_people
def account(
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account asked about.")],
    transfers: TransfersOption,
    seeds: SeedsOption,
    max_hops: HopsOption = 3,
    min_amount: AmountOption = 0,
    min_share: ShareOption = "0",
    dwell: DwellOption = None,
    start: StartOption = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", "--end", help="Transfers after this do not count.")
    ] = None,
    stop: StopOption = None,
    max_fanout: FanoutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whether a seed's money can have come to one account, and by which transfers."""
    require_extensions()
    from fraud_check.analyst import Following, Source, ten_thousandths, trace_account  # noqa: PLC0415

    following = Following(
        max_hops=max_hops,
        min_amount=min_amount,
        min_share=ten_thousandths(min_share),
        dwell_seconds=dwell,
        start=start,
        end=as_of,
        max_fanout=max_fanout,
    )
    with _stages("account") as progress:
        report = trace_account(Source(transfers, seeds, stop), following, name, progress)
    _say_truncated(report.truncated)
    if report.hop is None:
        known = "out of reach" if report.truncated is None else "not found"
        lines = [safe(f"{report.account}: {known} within {max_hops} hops")]
    else:
        lines = [safe(f"{report.account}: hop {report.hop} from {report.seed}, {report.amount:,} received")]
        lines += [safe(f"  {step.time}  {step.src} → {step.dst}  {step.amount:,}") for step in report.path]
    show(asdict(report), as_json=as_json, lines=lines)


@graph.command()
@for_people
def patterns(
    transfers: TransfersOption,
    out: Annotated[Path, typer.Option("--out", help="The evidence, one row a transfer, as CSV or Parquet.")],
    window: Annotated[
        int, typer.Option("--window", help="The most seconds from a shape's first transfer to its last.")
    ],
    shape: Annotated[
        list[str] | None,
        typer.Option(
            "--shape",
            help="fan_out, fan_in, gather_scatter, scatter_gather, cycle, bipartite or stack; may be repeated. "
            "All without it.",
        ),
    ] = None,
    size: Annotated[int, typer.Option("--size", help="The least number of counterparties.")] = 5,
    max_hops: Annotated[int, typer.Option("--max-hops", help="The most transfers of a cycle.")] = 6,
    min_amount: AmountOption = 0,
    start: StartOption = None,
    end: EndOption = None,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", help="The most seconds to look for each shape.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Shapes that are worth a look, each with the transfers that make it; every one has innocent twins."""
    require_extensions()
    from fraud_check.analyst import Looking, pattern_files  # noqa: PLC0415
    from fraud_check.engine import Shape  # noqa: PLC0415

    known = [str(one) for one in Shape]
    looking = Looking(
        window_seconds=window,
        shapes=[Shape(_one_of("--shape", one, known)) for one in shape or known],
        size=size,
        max_hops=max_hops,
        min_amount=min_amount,
        start=start,
        end=end,
        max_seconds=max_seconds,
    )
    with _stages("patterns") as progress:
        summary = pattern_files(transfers, looking, out, progress)
    _say_formulas(summary.formulas)
    lines = [
        f"{one}: {count:,}" + (f" (truncated: {summary.truncated[one]})" if one in summary.truncated else "")
        for one, count in summary.found.items()
    ]
    if summary.skipped:
        lines.append(f"passed over for having too many transfers: {summary.skipped:,}")
    show({**asdict(summary), "out": str(out)}, as_json=as_json, lines=[*lines, str(out)])


@graph.command()
@for_people
def picture(
    transfers: TransfersOption,
    seeds: SeedsOption,
    out: Annotated[
        Path, typer.Option("--out", help="The picture, an .html file that opens without a network.")
    ],
    max_hops: HopsOption = 3,
    direction: DirectionOption = "forward",
    min_amount: AmountOption = 0,
    min_share: ShareOption = "0",
    start: StartOption = None,
    end: EndOption = None,
    stop: StopOption = None,
    most: Annotated[int, typer.Option("--most", help="The most accounts that a column names.")] = 12,
    as_json: JsonOption = False,
) -> None:
    """The flow from the seeds, or to them, layer by layer, as a drawing."""
    require_extensions()
    from fraud_check.analyst import Following, Source, picture_file, ten_thousandths  # noqa: PLC0415
    from fraud_check.engine import Direction  # noqa: PLC0415

    following = Following(
        max_hops=max_hops,
        direction=Direction(_one_of("--direction", direction, [str(one) for one in Direction])),
        min_amount=min_amount,
        min_share=ten_thousandths(min_share),
        start=start,
        end=end,
    )
    with _stages("picture") as progress:
        flow = picture_file(Source(transfers, seeds, stop), following, out, most, progress)
    drawn = {"boxes": len(flow.labels), "bands": len(flow.amounts), "out": str(out)}
    show(drawn, as_json=as_json, lines=[f"{len(flow.labels)} boxes, {len(flow.amounts)} bands: {out}"])


def _say_truncated(by: str | None) -> None:
    """On standard error, so that nobody who keeps the answer misses it; it is also in the JSON document."""
    if by is not None:
        sys.stderr.write(
            f"passport: the answer is true but not complete: truncated by {by}, so what lies behind accounts "
            "that are not passed through is missing\n"
        )


def _say_formulas(rows: int) -> None:
    if rows:
        sys.stderr.write(
            f"passport: in {counted(rows, 'row', 'rows')} a spreadsheet program would take an account's name for a "
            "formula: import that column as text\n"
        )


def _one_of(option: str, value: str, allowed: list[str]) -> str:
    if value not in allowed:
        raise Malformed(f"{option}: expected {' or '.join(allowed)}, got {value!r}")
    return value
