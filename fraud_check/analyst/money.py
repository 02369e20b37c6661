"""How much: what the amounts of an answer are, in words, and the seeds' money followed through what accounts hold.

A transfer that tainted money can have gone into says who was reached, not how much of it was the seeds' money. Counted
whole, amounts grow with every hop, and a reader who adds them up charges somebody with money that never left the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.following import Counting, Following
from fraud_check.analyst.loading import Desk
from fraud_check.engine import Direction, Method, Spread, Taint
from passport.errors import Malformed

Layer = tuple[int, int, int]
_BY = {
    Counting.LIFO: ("後進先出（詐欺犯罪危害防制條例第 53 條）", "last in, first out (Fraud Act, Art. 53)"),
    Counting.FIFO: ("先進先出", "first in, first out"),
    Counting.HAIRCUT: ("按比例", "a part of everything that an account holds (haircut)"),
}


@dataclass(frozen=True, slots=True)
class Money:
    """What the amounts of an answer are; ``held`` and ``left`` add up to ``paid_out`` where money is followed by unit."""

    counting: Counting
    backward: bool
    #: What the seeds paid out after their time in transfers that are followed; backward, what they were paid before it.
    paid_out: int
    #: What of it accounts still held at the end; none where transfers are counted whole.
    held: int | None = None
    #: What left the walk: after the last hop, in a payment that is not followed, or back at a seed.
    left: int | None = None

    def said(self, unit: AmountUnit) -> tuple[str, str]:
        """What an amount is, in Chinese and in English."""
        paid = unit.text(self.paid_out, grouped=True)
        if self.counting is not Counting.POISON:
            by_zh, by_en = _BY[self.counting]
            held, left = (unit.text(part or 0, grouped=True) for part in (self.held, self.left))
            zh = f"金額依{by_zh}逐元追蹤，每一元在每層只計一次；警示帳戶匯出 {paid}，其中 {held} 仍在各帳戶，{left} 已離開追蹤範圍"
            en = (
                f"amounts are the seeds' money, followed {by_en}, each unit once a hop; of {paid} that the seeds paid out "
                f"{held} is still held, {left} left the walk"
            )
        elif self.backward:
            zh = f"每筆可能流向警示帳戶的匯款皆以全額計入，不得逐層或逐戶相加；警示帳戶實際收到 {paid}"
            en = (
                "amounts count every transfer that may have led to a seed whole, and must not be added up over accounts or "
                f"hops; the seeds were paid {paid}"
            )
        else:
            zh = f"資金可能流經的每筆匯款皆以全額計入，不得逐層或逐戶相加；警示帳戶實際匯出 {paid}"
            en = (
                "amounts count every transfer that the seeds' money may have gone into whole, and must not be added up over "
                f"accounts or hops; the seeds paid out {paid} (`passport graph spread --method lifo` follows that money by the unit)"
            )
        return zh, en


def counting_of(following: Following, otherwise: Counting) -> Counting:
    """The way of counting that was asked for, or the answer's own.

    Raises:
        Malformed: money cannot be followed so backward, or with a limit on how long it rests.
    """
    backward = following.direction is Direction.BACKWARD
    counting = following.counting or (Counting.POISON if backward else otherwise)
    if counting is not Counting.POISON and (backward or following.dwell_seconds is not None):
        what = "a question backward" if backward else "a limit of dwell"
        raise Malformed(f"method: expected {Counting.POISON} with {what}, got {counting}")
    return counting


def followed(desk: Desk, counting: Counting) -> Taint:
    """The seeds' money by the unit."""
    return desk.graph.taint(Method(str(counting)), desk.question, seeds=desk.seeds, budget=desk.budget)


def money_of(desk: Desk, spread: Spread, counting: Counting, taint: Taint | None = None) -> Money:
    """What the amounts of an answer are."""
    backward = desk.question.direction is Direction.BACKWARD
    if taint is None:
        first = spread.layers[1][2] if len(spread.layers) > 1 else 0
        return Money(counting, backward, first)
    return Money(counting, backward, taint.injected, int(taint.held.sum()), taint.ended)


def layers_of(spread: Spread, taint: Taint) -> tuple[Layer, ...]:
    """Per hop: accounts first reached, and the transfers and amounts of money of that hop, by the unit."""
    last = max(len(spread.layers) - 1, int(taint.moved_hops.max(initial=0)))
    transfers = np.bincount(taint.moved_hops, minlength=last + 1)
    amounts = np.zeros(last + 1, dtype=np.int64)
    np.add.at(amounts, taint.moved_hops, taint.moved)
    accounts = [layer[0] for layer in spread.layers] + [0] * (last + 1 - len(spread.layers))
    return tuple(zip(accounts, transfers.tolist(), amounts.tolist(), strict=True))


def columns_of(desk: Desk, spread: Spread, counting: Counting, taint: Taint) -> dict[str, pa.Array]:
    """What came to each account and what of it is held, and what came by the other ways of counting, beside it."""
    # The rows of both are those of the walk, in its order.
    columns = {"amount": desk.unit.given(taint.received), "held": desk.unit.given(taint.held)}
    for other in (Counting.LIFO, Counting.FIFO, Counting.HAIRCUT):
        received = taint.received if other is counting else followed(desk, other).received
        columns[f"by_{other}"] = desk.unit.given(received)
    columns[f"by_{Counting.POISON}"] = desk.unit.given(spread.amounts)
    return columns
