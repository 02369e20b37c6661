"""``passport graph account``: whether one account is within reach of the seeds, and by which transfers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.following import Counting, Following, Source
from fraud_check.analyst.likeness import suggested
from fraud_check.analyst.loading import Desk, Progress, load
from fraud_check.analyst.looked_at import LookedAt
from fraud_check.engine import Method
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
    """The answer about one account; ``hop`` is None if no seed's money can have come there. Amounts are in minor units."""

    account: str | int
    hop: int | None
    seed: str | int | None
    #: The transfers that seeds' money may have come in, each whole.
    amount: int
    #: How much of it was the seeds' money, by each way of following units; None where a budget cut the count short.
    traced: Mapping[str, int | None]
    path: tuple[PathStep, ...]
    reads: int
    truncated: str | None
    unit: AmountUnit
    looked_at: LookedAt
    notes: tuple[str, ...]


def trace_account(
    source: Source, following: Following, account: str, progress: Progress = lambda _: None
) -> AccountReport:
    """Search for the seeds behind one account, as of ``following.end``.

    Raises:
        Malformed: a file or a parameter is not what is expected, or no transfer and no seed names the account.
        Misconfigured: a file is not there.
    """
    desk = load(source, following, progress)
    number = _number(desk, account)
    progress("searching")
    answer = desk.graph.account(number, desk.question, seeds=desk.seeds, budget=desk.budget)
    path = tuple(_step(desk, step.seq) for step in answer.path)
    return AccountReport(
        account=desk.name(number),
        hop=answer.hop,
        seed=None if answer.source is None else desk.name(answer.source),
        amount=answer.amount,
        traced=_traced(desk, number),
        path=path,
        reads=answer.reads,
        truncated=answer.truncated,
        unit=desk.unit,
        looked_at=desk.looked_at,
        notes=desk.notes,
    )


def _number(desk: Desk, account: str) -> int:
    texts = pc.cast(desk.names, pa.string())
    try:
        number: int = pc.index(texts, pa.scalar(account, texts.type)).as_py()
        said = "" if number >= 0 else suggested(pa.array([account]), texts)
    except UnicodeEncodeError as error:
        raise Malformed("account: expected text in UTF-8") from error
    if number < 0:
        raise Malformed(f"account: expected one that a transfer or a seed names, got {account!r}{said}")
    return number


def _traced(desk: Desk, number: int) -> dict[str, int | None]:
    """By the unit, last in first out before the others: so the law returns money (Fraud Act, Art. 53)."""
    return {
        str(counting): desk.graph.account_taint(
            number, Method(str(counting)), desk.question, seeds=desk.seeds, budget=desk.budget
        ).received
        for counting in (Counting.LIFO, Counting.FIFO, Counting.HAIRCUT)
    }


def _step(desk: Desk, row: int) -> PathStep:
    return PathStep(
        row=row,
        src=desk.name(int(desk.src[row])),
        dst=desk.name(int(desk.dst[row])),
        time=desk.time(row),
        amount=int(desk.amounts[row]),
    )
