"""``passport graph account``: whether one account is within reach of the seeds, and by which transfers."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from fraud_check.analyst.loading import Desk, Following, Progress, Source, load
from passport.errors import Malformed


@dataclass(frozen=True, slots=True)
class PathStep:
    """A transfer of the evidence: its row in the file, counted from 0, and what the row says."""

    row: int
    src: str | int
    dst: str | int
    time: str | int
    amount: int


@dataclass(frozen=True, slots=True)
class AccountReport:
    """The answer about one account; ``hop`` is None if no seed's money can have come there."""

    account: str | int
    hop: int | None
    seed: str | int | None
    amount: int
    path: tuple[PathStep, ...]
    reads: int
    truncated: str | None


def trace_account(
    source: Source, following: Following, account: str, progress: Progress = lambda _: None
) -> AccountReport:
    """Search for the seeds behind one account, as of ``following.end``.

    Raises:
        Malformed: a file or a parameter is not what is expected, or no transfer and no seed names the account.
        Misconfigured: a file is not there.
    """
    desk = load(source, following, progress)
    texts = pc.cast(desk.names, pa.string())
    try:
        number = pc.index(texts, pa.scalar(account, texts.type)).as_py()
    except UnicodeEncodeError as error:
        raise Malformed("account: expected text in UTF-8") from error
    if number < 0:
        raise Malformed(f"account: expected one that a transfer or a seed names, got {account!r}")
    progress("searching")
    answer = desk.graph.account(number, desk.question, seeds=desk.seeds, budget=desk.budget)
    path = tuple(_step(desk, step.seq) for step in answer.path)
    seed = None if answer.source is None else desk.name(answer.source)
    return AccountReport(
        desk.name(number), answer.hop, seed, answer.amount, path, answer.reads, answer.truncated
    )


def _step(desk: Desk, row: int) -> PathStep:
    return PathStep(
        row=row,
        src=desk.name(int(desk.src[row])),
        dst=desk.name(int(desk.dst[row])),
        time=desk.time(row),
        amount=int(desk.amounts[row]),
    )
