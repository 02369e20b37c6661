"""``passport graph …``: the analyst's desk over files of transfers; needs no running world."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.answering import JsonOption, counted, for_people, show
from cli.graph_answers import (
    account_document,
    account_lines,
    rests_on,
    say_formulas,
    say_notes,
    say_truncated,
    spread_document,
    spread_lines,
    told_of,
    with_looked,
)
from cli.graph_options import (
    AmountOption,
    DirectionOption,
    DwellOption,
    EndOption,
    FanoutOption,
    HopsOption,
    MarkOption,
    MethodOption,
    SeedsOption,
    ShareOption,
    StartOption,
    StopOption,
    TransfersOption,
    UnitOption,
    ZoneOption,
    counting_of,
    one_of,
)
from fraud_check.extension import require_extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

graph = typer.Typer(no_args_is_help=True, help="Follow money through a file of transfers.")


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
    method: MethodOption = None,
    min_amount: AmountOption = "0",
    min_share: ShareOption = "0",
    dwell: DwellOption = None,
    start: StartOption = None,
    end: EndOption = None,
    stop: StopOption = None,
    max_fanout: FanoutOption = None,
    amount_unit: UnitOption = "minor",
    timezone: ZoneOption = None,
    bom: MarkOption = False,
    as_json: JsonOption = False,
) -> None:
    """Who is reached from the seeds: account,hop,arrival,earliest,amount."""
    # Arrow takes a while to import, and no other command needs it.
    require_extensions()
    from fraud_check.analyst import AmountUnit, Following, Source, spread_files, ten_thousandths  # noqa: PLC0415
    from fraud_check.engine import Direction  # noqa: PLC0415

    unit = AmountUnit.named(amount_unit)
    following = Following(
        max_hops=max_hops,
        direction=Direction(one_of("--direction", direction, [str(one) for one in Direction])),
        min_amount=unit.option(min_amount, "min_amount"),
        min_share=ten_thousandths(min_share),
        dwell_seconds=dwell,
        start=start,
        end=end,
        max_fanout=max_fanout,
        counting=counting_of(method),
    )
    source = Source(transfers, seeds, stop, unit=unit, timezone=timezone)
    with _stages("spread") as progress:
        summary = spread_files(source, following, out, progress, marked=bom)
    say_truncated(summary.truncated)
    say_formulas(summary.formulas, summary.shortened if bom else 0)
    say_notes(summary.notes)
    show(spread_document(summary, out), as_json=as_json, lines=spread_lines(summary, out))


@graph.command()
@for_people
def account(
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account asked about.")],
    transfers: TransfersOption,
    seeds: SeedsOption,
    max_hops: HopsOption = 3,
    min_amount: AmountOption = "0",
    min_share: ShareOption = "0",
    dwell: DwellOption = None,
    start: StartOption = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", "--end", help="Transfers after this do not count.")
    ] = None,
    stop: StopOption = None,
    max_fanout: FanoutOption = None,
    amount_unit: UnitOption = "minor",
    timezone: ZoneOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whether a seed's money can have come to one account, by which transfers, and how much of it was the seeds' money."""
    require_extensions()
    from fraud_check.analyst import AmountUnit, Following, Source, ten_thousandths, trace_account  # noqa: PLC0415

    unit = AmountUnit.named(amount_unit)
    following = Following(
        max_hops=max_hops,
        min_amount=unit.option(min_amount, "min_amount"),
        min_share=ten_thousandths(min_share),
        dwell_seconds=dwell,
        start=start,
        end=as_of,
        max_fanout=max_fanout,
    )
    source = Source(transfers, seeds, stop, unit=unit, timezone=timezone)
    with _stages("account") as progress:
        report = trace_account(source, following, name, progress)
    say_truncated(report.truncated)
    say_notes(report.notes)
    show(account_document(report), as_json=as_json, lines=account_lines(report, max_hops))


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
    min_amount: AmountOption = "0",
    start: StartOption = None,
    end: EndOption = None,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", help="The most seconds to look for each shape.")
    ] = None,
    amount_unit: UnitOption = "minor",
    timezone: ZoneOption = None,
    bom: MarkOption = False,
    as_json: JsonOption = False,
) -> None:
    """Shapes that are worth a look, each with the transfers that make it; every one has innocent twins."""
    require_extensions()
    from fraud_check.analyst import AmountUnit, Looking, Source, pattern_files  # noqa: PLC0415
    from fraud_check.engine import Shape  # noqa: PLC0415

    known = [str(one) for one in Shape]
    unit = AmountUnit.named(amount_unit)
    looking = Looking(
        window_seconds=window,
        shapes=[Shape(one_of("--shape", one, known)) for one in shape or known],
        size=size,
        max_hops=max_hops,
        min_amount=unit.option(min_amount, "min_amount"),
        start=start,
        end=end,
        max_seconds=max_seconds,
    )
    source = Source(transfers, unit=unit, timezone=timezone)
    with _stages("patterns") as progress:
        summary = pattern_files(source, looking, out, progress, marked=bom)
    say_formulas(summary.formulas, summary.shortened if bom else 0)
    say_notes(summary.notes)
    lines = [
        f"{one}: {count:,}" + (f" (truncated: {summary.truncated[one]})" if one in summary.truncated else "")
        for one, count in summary.found.items()
    ]
    if summary.skipped:
        lines.append(f"passed over for having too many transfers: {summary.skipped:,}")
    document = {
        "found": summary.found,
        "skipped": summary.skipped,
        "truncated": summary.truncated,
        "formulas": summary.formulas,
        "out": str(out),
        **rests_on(unit, summary.looked_at, summary.notes),
    }
    show(document, as_json=as_json, lines=with_looked(summary.looked_at, lines, str(out)))


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
    method: MethodOption = None,
    min_amount: AmountOption = "0",
    min_share: ShareOption = "0",
    start: StartOption = None,
    end: EndOption = None,
    stop: StopOption = None,
    most: Annotated[int, typer.Option("--most", help="The most accounts that a column names.")] = 12,
    amount_unit: UnitOption = "minor",
    timezone: ZoneOption = None,
    as_json: JsonOption = False,
) -> None:
    """The flow from the seeds, or to them, layer by layer, as a drawing: last in first out, unless asked otherwise."""
    require_extensions()
    from fraud_check.analyst import AmountUnit, Following, Source, picture_file, ten_thousandths  # noqa: PLC0415
    from fraud_check.engine import Direction  # noqa: PLC0415

    unit = AmountUnit.named(amount_unit)
    following = Following(
        max_hops=max_hops,
        direction=Direction(one_of("--direction", direction, [str(one) for one in Direction])),
        min_amount=unit.option(min_amount, "min_amount"),
        min_share=ten_thousandths(min_share),
        start=start,
        end=end,
        counting=counting_of(method),
    )
    source = Source(transfers, seeds, stop, unit=unit, timezone=timezone)
    with _stages("picture") as progress:
        flow = picture_file(source, following, out, most, progress)
    say_notes(flow.notes)
    document = {
        "boxes": len(flow.labels),
        "bands": len(flow.amounts),
        "out": str(out),
        **told_of(flow.money, unit),
        **rests_on(unit, flow.looked_at, flow.notes),
    }
    boxes, bands = counted(len(flow.labels), "box", "boxes"), counted(len(flow.amounts), "band", "bands")
    lines = with_looked(flow.looked_at, [flow.money.said(unit)[1]], f"{boxes}, {bands}: {out}")
    show(document, as_json=as_json, lines=lines)
