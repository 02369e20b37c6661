"""How much: what the amounts of an answer are, in words, and the seeds' money followed through what accounts hold.

A transfer that tainted money can have gone into says who was reached, not how much of it was the seeds' money. Counted
whole, amounts grow with every hop, and a reader who adds them up charges somebody with money that never left the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    #: What left the walk: ``repaid``, ``beyond``, or in a payment that is not followed.
    left: int | None = None
    #: What of it a seed paid on, so that it is in ``paid_out`` once more.
    repaid: int | None = None
    #: What of it was paid on after the last hop.
    beyond: int | None = None
    #: What of ``held`` is with the seeds themselves.
    held_by_seeds: int | None = None

    def said(self, unit: AmountUnit) -> tuple[str, str]:
        """What an amount is, in Chinese and in English."""
        paid = unit.text(self.paid_out, grouped=True)
        if self.counting is not Counting.POISON:
            by_zh, by_en = _BY[self.counting]
            zh_where, en_where = self._where(unit)
            zh = f"金額依{by_zh}逐元追蹤，每一元在每層、每戶各只計一次；警示帳戶匯出 {paid}，其中 {zh_where}"
            en = (
                f"amounts are the seeds' money, followed {by_en}, each unit once a hop and once an account; of {paid} that the "
                f"seeds paid out {en_where}"
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

    def _where(self, unit: AmountUnit) -> tuple[str, str]:
        """Where the money is at the end."""
        held, repaid, beyond, at_seeds = (
            part or 0 for part in (self.held, self.repaid, self.beyond, self.held_by_seeds)
        )
        parts = (
            (held - at_seeds, "仍在其他帳戶", "is still held by others"),
            (at_seeds, "已回到警示帳戶並留存", "came back to the seeds and is held there"),
            (
                repaid,
                "曾回到警示帳戶、再由其匯出（重複計入匯出總額）",
                "came back to a seed that paid it on, and is counted again in what they paid out",
            ),
            (beyond, "匯往最後一層之後", "went on beyond the last hop"),
            (
                (self.left or 0) - repaid - beyond,
                "進入不追蹤的匯款",
                "left in payments that are not followed",
            ),
        )
        told = [(unit.text(amount, grouped=True), zh, en) for amount, zh, en in parts if amount]
        none = unit.text(0)
        zh = "、".join(f"{amount} {one}" for amount, one, _ in told) or f"{none} 仍在帳戶"
        return zh, ", ".join(f"{amount} {one}" for amount, _, one in told) or f"{none} is still held"


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
    return Money(
        counting,
        backward,
        taint.injected,
        held=int(taint.held.sum()),
        left=taint.ended,
        repaid=taint.repaid,
        beyond=taint.beyond,
        held_by_seeds=int(taint.held[np.isin(taint.accounts, desk.seed_accounts)].sum()),
    )


def layers_of(spread: Spread, taint: Taint) -> tuple[Layer, ...]:
    """Per hop: accounts first reached, and the transfers and amounts of money of that hop, by the unit."""
    last = max(len(spread.layers) - 1, int(taint.moved_hops.max(initial=0)))
    transfers = np.bincount(taint.moved_hops, minlength=last + 1)
    amounts = np.zeros(last + 1, dtype=np.int64)
    np.add.at(amounts, taint.moved_hops, taint.moved)
    accounts = [layer[0] for layer in spread.layers] + [0] * (last + 1 - len(spread.layers))
    return tuple(zip(accounts, transfers.tolist(), amounts.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Traced:
    """The rows of an answer by the unit: an account at each hop at which it first got units, and at its fewest hops."""

    accounts: NDArray[np.uint32]
    hops: NDArray[np.int64]
    arrivals: NDArray[np.int64]
    earliest: NDArray[np.int64]
    amounts: dict[str, NDArray[np.int64]]


def traced(desk: Desk, spread: Spread, counting: Counting, taint: Taint) -> Traced:
    """How much first came to each account at each hop, and what of it is held; the other ways of counting beside it.

    A unit counts once an account, when it first comes there, and once a hop: so neither the rows of an account nor those
    of a hop add up to more than the seeds paid out.
    """
    taints = {
        other: taint if other is counting else followed(desk, other)
        for other in (Counting.LIFO, Counting.FIFO, Counting.HAIRCUT)
    }
    base = _key(spread.accounts, spread.hops)
    came = {other: _first(desk, one) for other, one in taints.items()}
    keys = np.unique(np.concatenate([base, *(key[amount > 0] for key, amount, _ in came.values())]))
    arrivals = np.full(len(keys), np.iinfo(np.int64).max)
    for key, amount, ticks in came.values():
        np.minimum.at(arrivals, np.searchsorted(keys, key[amount > 0]), ticks[amount > 0])
    arrivals[np.searchsorted(keys, base)] = spread.arrivals
    accounts, hops = (keys // _HOPS).astype(np.uint32), keys % _HOPS
    # What is of the account, not of the hop, stands in each of its rows.
    order = np.argsort(spread.accounts, kind="stable")
    row = order[np.searchsorted(spread.accounts, accounts, sorter=order)]
    held = _sums(keys, _key(taint.held_accounts, taint.held_hops), taint.held_amounts)
    amounts = {"amount": _sums(keys, *came[counting][:2]), "held": held}
    amounts |= {f"by_{other}": _sums(keys, key, amount) for other, (key, amount, _) in came.items()}
    amounts[f"by_{Counting.POISON}"] = spread.amounts[row]
    return Traced(accounts, hops, arrivals, spread.earliest[row], amounts)


_HOPS = 256


def _key(accounts: NDArray[np.uint32], hops: NDArray[np.uint8]) -> NDArray[np.int64]:
    return accounts.astype(np.int64) * _HOPS + hops


def _first(desk: Desk, taint: Taint) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each transfer and hop: the receiver at that hop, what it got for the first time, and when."""
    row = taint.moved_seqs.astype(np.int64)
    return _key(desk.dst[row], taint.moved_hops), taint.moved_first, desk.ticks[row]


def _sums(keys: NDArray[np.int64], key: NDArray[np.int64], amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    sums = np.zeros(len(keys), dtype=np.int64)
    some = amounts > 0
    np.add.at(sums, np.searchsorted(keys, key[some]), amounts[some])
    return sums
