"""What an answer was looked for in: so that "nothing found" is told apart from "nothing looked at".

A list of warning accounts whose names lost their zeros gives the same rows as one from which no money went. So every answer
counts what it rests on, and says in words when a part of the question met nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fraud_check.analyst.likeness import first_of, suggested
from fraud_check.engine import Direction, Question

#: Units of time to which files round, coarsest first, in seconds.
ROUNDED_TO = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


SEED = ("seed", "seeds")
STOPPED = ("account of the stop list", "accounts of the stop list")


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Counts of what a question met. Accounts are counted once, however often a list has them."""

    rows_read: int
    rows_in_window: int
    #: Of those, how many are between two accounts and reach the least amount.
    rows_followable: int
    seeds_given: int = 0
    seeds_seen: int = 0
    #: Seeds with a followable payment after their time (backward: with a receipt before it).
    seeds_starting: int = 0
    stops_given: int = 0
    stops_seen: int = 0

    def nothing(self) -> tuple[str, str] | None:
        """Why nothing at all was looked at or followed, in Chinese and English; none if something was.

        An answer that says "not found" in such a case would clear an account that nobody looked for.
        """
        if not self.rows_read:
            return (
                "交易檔中沒有任何交易，未查任何資料",
                "the file of transfers has no row: nothing was looked at",
            )
        if not self.rows_in_window:
            read = transfers(self.rows_read)
            return (
                "所詢期間內沒有任何交易，未查任何資料",
                f"of {read} none is in the window: nothing was looked at",
            )
        if self.seeds_given and not self.seeds_seen:
            return (
                "名單上的帳戶均未出現於交易中，未查任何資料",
                "none of the listed accounts is in the transfers: nothing was looked at",
            )
        if not self.rows_followable:
            return (
                "期間內沒有兩帳戶間達最低金額的交易，未追蹤任何資金",
                "no transfer in the window is between two accounts and of the least amount: nothing was followed",
            )
        if self.seeds_given and not self.seeds_starting:
            return (
                "名單上的帳戶自所列時點起沒有可追蹤的交易，未追蹤任何資金",
                "no listed account has a transfer to follow from its time: nothing was followed",
            )
        return None

    def said(self) -> tuple[str, str]:
        """What was looked at, in Chinese and in English."""
        zh = f"共 {self.rows_read:,} 筆交易，期間內 {self.rows_in_window:,} 筆"
        en = f"{transfers(self.rows_read)}, {self.rows_in_window:,} in the window"
        if self.seeds_given:
            zh += f"；名單 {self.seeds_given:,} 戶，交易中出現 {self.seeds_seen:,} 戶，由其起算 {self.seeds_starting:,} 戶"
            listed = "1 account" if self.seeds_given == 1 else f"{self.seeds_given:,} accounts"
            en += (
                f"; {listed} listed, {self.seeds_seen:,} of them in the transfers, {self.seeds_starting:,} from which "
                "something was followed"
            )
        return zh, en


def transfers(count: int) -> str:
    """How many transfers, as English has it."""
    return "1 transfer" if count == 1 else f"{count:,} transfers"


@dataclass(frozen=True, slots=True)
class Columns:
    """A loaded question in numbers, as far as counting needs it."""

    names: pa.Array
    src: NDArray[np.uint32]
    dst: NDArray[np.uint32]
    ticks: NDArray[np.int64]
    amounts: NDArray[np.int64]
    seeds: NDArray[np.uint32]
    seed_ticks: NDArray[np.int64]
    stops: NDArray[np.uint32] | None

    @property
    def seen(self) -> int:
        """How many names the transfers have; names are numbered from there on where only a list has them."""
        return 0 if not len(self.src) else int(max(self.src.max(), self.dst.max())) + 1


def _in_window(ticks: NDArray[np.int64], question: Question) -> NDArray[np.bool_]:
    inside = np.ones(len(ticks), dtype=np.bool_)
    if question.start is not None:
        inside &= ticks >= question.start
    if question.end is not None:
        inside &= ticks <= question.end
    return inside


@dataclass(frozen=True, slots=True)
class Unmet:
    """A list of accounts, how many of it no transfer names, and which those probably are."""

    one: str
    many: str
    listed: int
    missing: int
    suggested: str
    #: The first few of the missing, by name.
    which: str = ""

    def notes(self) -> Iterator[str]:
        """What to say of the list."""
        if not self.listed:
            yield f"there are no {self.many}: the list has a header and no row"
        elif self.listed == self.missing:
            which = f"the one {self.one}" if self.listed == 1 else f"any of the {self.listed:,} {self.many}"
            it = "it" if self.listed == 1 else "them"
            yield f"no transfer names {which}{self._which}, so nothing can be found by {it}{self.suggested}"
        elif self.missing:
            are = f"1 {self.one} is" if self.missing == 1 else f"{self.missing:,} {self.many} are"
            yield f"{are} named by no transfer, of {self.listed:,}{self._which}{self.suggested}"

    @property
    def _which(self) -> str:
        return f" ({self.which})" if self.which else ""


@dataclass(frozen=True, slots=True)
class Met:
    """What a question met, and did not."""

    counts: LookedAt
    #: How many seeds pay at all; after their time; also within the window; also the least amount. Backward: are paid, before.
    stages: tuple[int, int, int, int]
    lists: tuple[Unmet, ...]
    backward: bool

    def notes(self, start: str | None, end: str | None, least: str) -> Iterator[str]:
        """What was not met, one sentence each; ``start``, ``end`` and ``least`` as they were given."""
        counts = self.counts
        if not counts.rows_read:
            yield "the file of transfers has none, so nothing was looked at"
            return
        if not counts.rows_in_window:
            window = f"from {start or 'the beginning'} until {end or 'the end'}"
            none = (
                "the one transfer does not lie"
                if counts.rows_read == 1
                else f"none of the {counts.rows_read:,} transfers lies"
            )
            yield f"{none} {window}, so nothing was looked at"
        elif not counts.rows_followable:
            yield (
                f"none of the {counts.rows_in_window:,} transfers in the window is between two accounts and at least {least}, "
                "so nothing was followed"
            )
        for one in self.lists:
            yield from one.notes()
        if counts.rows_followable and counts.seeds_seen:
            yield from self._not_starting(least)

    def _not_starting(self, least: str) -> Iterator[str]:
        pay, after, inside, enough = self.stages
        does, than = ("is paid", "before") if self.backward else ("pays", "after")
        hint = "; --direction backward follows what came before a seed's time" if self.backward else ""
        if not pay:
            yield f"no seed {does} {'by anybody' if self.backward else 'anybody'} in these transfers"
        elif not after:
            yield f"no seed {does} anything {than} its time, so nothing was followed{hint}"
        elif not inside:
            yield f"no seed {does} anything {than} its time within the window, so nothing was followed"
        elif not enough:
            yield f"no seed {does} {least} or more {than} its time, so nothing was followed"
        elif after < pay:
            late = pay - after
            which = (
                f"1 seed {does}" if late == 1 else f"{late:,} seeds {'are paid' if self.backward else 'pay'}"
            )
            whose = "its" if late == 1 else "their"
            yield (
                f"{which} nothing {than} {whose} time, of {self.counts.seeds_given:,}: nothing was followed from there{hint}"
            )


class Coverage:
    """Counts what a question meets."""

    def __init__(self, columns: Columns, question: Question) -> None:
        self._columns, self._question = columns, question
        self._backward = question.direction is Direction.BACKWARD
        inside = _in_window(columns.ticks, question)
        followable = inside & (columns.amounts >= question.min_amount) & (columns.src != columns.dst)
        self._seeds = np.unique(columns.seeds)
        self._stages = self._of_seeds()
        self.counts = LookedAt(
            rows_read=len(columns.src),
            rows_in_window=int(inside.sum()),
            rows_followable=int(followable.sum()),
            seeds_given=len(self._seeds),
            seeds_seen=int((self._seeds < columns.seen).sum()),
            seeds_starting=self._stages[-1],
            stops_given=0 if columns.stops is None else len(columns.stops),
            stops_seen=0 if columns.stops is None else int((columns.stops < columns.seen).sum()),
        )

    def _of_seeds(self) -> tuple[int, int, int, int]:
        """How many seeds pay at all; after their time; within the window; the least amount."""
        one, asked = self._columns, self._question
        start = np.full(len(one.names), np.iinfo(np.int64).max)
        seed_ticks = -one.seed_ticks if self._backward else one.seed_ticks
        np.minimum.at(start, one.seeds, seed_ticks)
        near, far = (one.dst, one.src) if self._backward else (one.src, one.dst)
        listed = np.zeros(len(one.names), dtype=np.bool_)
        listed[self._seeds] = True
        rows = np.flatnonzero(listed[near])
        rows = rows[near[rows] != far[rows]]
        ticks = -one.ticks[rows] if self._backward else one.ticks[rows]
        # Each stage stands on the one before it.
        after = ticks > start[near[rows]]
        inside = after & _in_window(one.ticks[rows], asked)
        enough = inside & (one.amounts[rows] >= asked.min_amount)
        stages = (_distinct(near[rows[stage]]) for stage in (after, inside, enough))
        second, third, fourth = stages
        return _distinct(near[rows]), second, third, fourth

    @property
    def met(self) -> Met:
        """The counts, and what they leave to be said."""
        lists = [(SEED, self._seeds)] if len(self._seeds) else []
        if self._columns.stops is not None:
            lists.append((STOPPED, self._columns.stops))
        return Met(
            self.counts, self._stages, tuple(self._unmet(*one) for one in lists), backward=self._backward
        )

    def _unmet(self, nouns: tuple[str, str], listed: NDArray[np.uint32]) -> Unmet:
        missing = listed[listed >= self._columns.seen]
        names = self._columns.names
        said = which = ""
        if len(missing):
            absent = names.take(pa.array(missing))
            said = suggested(absent, names.slice(0, self._columns.seen))
            which = first_of(absent.cast(pa.string()).sort())
        return Unmet(*nouns, len(listed), len(missing), said, which)


def _distinct(accounts: NDArray[np.uint32]) -> int:
    return len(np.unique(accounts))


def coarse_times(columns: Columns, per_second: int) -> Iterator[str]:
    """What times that are rounded to days, hours or minutes cannot show: who paid on what came in the same stretch."""
    ticks = columns.ticks
    for seconds, unit in ROUNDED_TO:
        step = seconds * per_second
        # Nearly every file is told by its first rows.
        if any(len(some) and ((some - some[0]) % step).any() for some in (ticks[:1_000], ticks)):
            continue
        moved = columns.src != columns.dst
        came, went = (side.astype(np.int64)[moved] for side in (columns.dst, columns.src))
        times, ranks = np.unique(ticks[moved], return_inverse=True)
        hidden = int(np.isin(went * len(times) + ranks, came * len(times) + ranks).sum())
        if hidden:
            yield cannot_show(hidden, unit)
        return


def cannot_show(hidden: int, unit: str) -> str:
    """What times of this unit cannot show, where so many transfers leave an account in the stretch in which money came."""
    which = "1 transfer leaves" if hidden == 1 else f"{hidden:,} transfers leave"
    return (
        f"times are {unit}s only: {which} an account on the very {unit} on which money came to it, and which came first cannot "
        f"be seen, so that chains within a {unit} are not followed"
    )
