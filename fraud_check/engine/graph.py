"""The front door: transfers in, warnings set and lifted, questions answered. Thin over the Rust engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from fraud_check.engine import _engine
from fraud_check.engine.columns import Integers, column
from fraud_check.engine.question import (
    Budget,
    Direction,
    Method,
    Pattern,
    Question,
    Seeds,
    StandingRule,
    Tie,
    Watching,
)
from passport.errors import Malformed, Misconfigured, Reason, Unavailable

_TOKEN_SIZE: Final = 32
_QUESTION: Final = Question()
_BUDGET: Final = Budget()


def _asked(question: Question, budget: Budget) -> _engine.Asked:
    return _engine.Asked.of(
        max_hops=question.max_hops,
        backward=question.direction is Direction.BACKWARD,
        tie_by_seq=question.tie is Tie.SEQ,
        start=question.start,
        end=question.end,
        min_amount=question.min_amount,
        min_share=question.min_share,
        dwell=question.dwell,
        stop=question.stop,
        max_reads=budget.max_reads,
        max_seconds=budget.max_seconds,
        max_fanout=budget.max_fanout,
    )


@contextmanager
def _wall() -> Iterator[None]:
    """Translate what the engine raises, once."""
    try:
        yield
    except (_engine.GraphRefused, OverflowError) as refused:
        raise Malformed(str(refused)) from refused
    except _engine.EngineFault as fault:
        raise Unavailable(Reason.FRAUD_UNKNOWN, str(fault)) from fault
    except _engine.StoreDamaged as damaged:
        raise Misconfigured(str(damaged)) from damaged
    except _engine.StoreFailed as failed:
        raise Unavailable(Reason.STORAGE_UNAVAILABLE, str(failed)) from failed


class MoneyFlowGraph:
    """Dated transfers between accounts, and the warning accounts whose money is followed by default.

    Safe to share between threads: appending publishes whole batches, and a question works on the graph as it was when it
    came. All methods raise ``Malformed`` for bad input, which changes nothing, and ``Unavailable`` if the engine fails: that
    changes nothing either, unless the text says that a directory has to be opened again. What was taken in stays taken in:
    a fault in what follows from it, labels or the watch, costs time, and is said where it is asked about.
    """

    def __init__(self) -> None:
        self._graph = _engine.Graph()
        self._warned: dict[int, int] = {}
        self._warnings = Seeds.of(())
        self._rule: StandingRule | None = None
        self._turn = Lock()
        self._watch: _engine.Watch | None = None
        self._appending = Lock()

    @classmethod
    def open(cls, directory: Path, *, seal_rows: int = _engine.SEAL_ROWS) -> Self:
        """The graph that a directory keeps, made if there is none. One process at a time opens it.

        Transfers and names are durable when the call that brought them returns. After a kill at any moment all of those
        are there, and the batch that was under way is there whole or not at all. Warnings and the standing rule are not
        kept: who keeps them tells them again, and the labels are then built as after any load.

        Raises:
            Misconfigured: the directory is not one, is in use, or a file in it is missing, damaged or of a newer version;
                the text says which, where, and what to do. Unavailable: the system does not let it read or write.
        """
        graph = cls()
        with _wall():
            graph._graph = _engine.Graph.open(directory, seal_rows)
        return graph

    def close(self) -> None:
        """Let go of the directory; questions go on, and whatever would change the graph is refused."""
        with _wall():
            self._graph.close()

    def seal(self) -> None:
        """Put what the log holds into segments now: after a load, or before copying the directory."""
        with _wall():
            self._graph.seal()

    @property
    def kept(self) -> _engine.Kept | None:
        """How the graph is kept in its directory; none if it is in memory only."""
        with _wall():
            return self._graph.kept

    def number(self, tokens: Sequence[bytes]) -> NDArray[np.uint32]:
        """The accounts of tokens, 32 bytes each; one that is new gets the next account.

        Raises:
            Unavailable: new ones could not be made durable; none has an account then.
        """
        wrong = next((len(token) for token in tokens if len(token) != _TOKEN_SIZE), None)
        if wrong is not None:
            raise Malformed(f"tokens: expected {_TOKEN_SIZE} bytes each, got {wrong}")
        with _wall():
            return self._graph.names.intern(b"".join(tokens))

    @property
    def names(self) -> _engine.Names:
        """The tokens that have accounts, to be looked up."""
        return self._graph.names

    def append(
        self,
        src: Integers,
        dst: Integers,
        time: Integers,
        amount: Integers,
        channel: Integers | None = None,
    ) -> int:
        """Take a batch of transfers, whole or not at all, in any order of time.

        Returns:
            The sequence number of the first row; the others follow it. It is the transfer's identity in evidence.
        """
        return self.append_and_look(src, dst, time, amount, channel)[0]

    def append_and_look(
        self,
        src: Integers,
        dst: Integers,
        time: Integers,
        amount: Integers,
        channel: Integers | None = None,
    ) -> tuple[int, _engine.Sightings | None]:
        """Append, and say which of the watched patterns these transfers complete; None without a watch."""
        columns = (
            column(src, np.uint32, "src"),
            column(dst, np.uint32, "dst"),
            column(time, np.int64, "time"),
            column(amount, np.int64, "amount"),
            None if channel is None else column(channel, np.uint8, "channel"),
        )
        # The watch is told batches in the order of their numbers.
        with self._appending, _wall():
            first = self._graph.append(*columns)
            return first, None if self._watch is None else self._watch.follow(first, *columns)

    def watch(self, watching: Watching) -> None:
        """Look for patterns in what is appended from now on; what was watched for before is forgotten.

        A shape is new with a transfer if the search finds it, among the transfers of one window around, with that transfer
        and not without it. Rows of a batch count as if each came alone, in order of time, then of arrival.
        """
        patterns = [
            (str(one.shape), one.size, one.window, one.min_amount, one.max_hops, one.max_degree)
            for one in watching.patterns
        ]
        if any(one.start is not None or one.end is not None for one in watching.patterns):
            raise Malformed("start, end: expected none for a pattern that is watched for")
        with self._appending, _wall():
            self._watch = _engine.Watch(
                patterns, late=watching.late, max_rows=watching.max_rows, max_reads=watching.max_reads
            )

    @property
    def watch_bytes(self) -> int:
        """Bytes held by the watch."""
        return 0 if self._watch is None else self._watch.bytes

    def compact(self) -> None:
        """Merge what was appended piecemeal: after a load, or at night."""
        with _wall():
            self._graph.compact()

    def warn(self, account: int, taint_from: int) -> None:
        """List an account, its money tainted from this time on; an account already listed gets the new time."""
        with self._turn, _wall():
            changed = {**self._warned, account: taint_from}
            listed = Seeds.of(changed.items())
            self._graph.warn(account, taint_from)
            self._warnings, self._warned = listed, changed

    def lift(self, account: int) -> None:
        """Take an account off the list; one that is not on it stays off."""
        with self._turn, _wall():
            changed = {warned: time for warned, time in self._warned.items() if warned != account}
            self._graph.warn(account, None)
            self._warnings, self._warned = Seeds.of(changed.items()), changed

    def set_rule(self, rule: StandingRule) -> None:
        """Answer this rule from labels from now on; they follow every transfer and every warning."""
        with self._turn, _wall():
            self._graph.set_rule(
                self._warnings.accounts,
                self._warnings.times,
                max_hops=rule.max_hops,
                window=rule.window,
                min_amount=rule.min_amount,
                dwell=rule.dwell,
                stop=rule.stop,
            )
            self._rule = rule

    def check(self, account: int, as_of: int) -> _engine.AccountAnswer:
        """The standing rule's answer about one account: a look-up, equal to ``account(account, rule.question(as_of))``.

        Where a fault in the engine took the labels, it is that search, until they are built anew.

        Raises:
            Misconfigured: no rule was set.
        """
        with _wall():
            answer = self._graph.standing(account, as_of)
        if answer is None:
            raise Misconfigured("standing rule: expected one to be set before it is asked about, got none")
        return answer

    @property
    def label_faults(self) -> int:
        """How often a fault in the engine took the labels since the rule was set; no answer and no row is lost by that."""
        return self._graph.standing_faults

    @property
    def labels_lost(self) -> bool:
        """Whether there are no labels for the rule now, so that every check is a search."""
        return self._graph.standing_lost

    @property
    def warnings(self) -> Mapping[int, int]:
        """Warning accounts with the time from which their money is tainted."""
        return MappingProxyType(self._warned)

    @property
    def accounts(self) -> int:
        """One past the greatest account seen."""
        return self._graph.accounts

    @property
    def transfers(self) -> int:
        """How many transfers there are."""
        return self._graph.transfers

    @property
    def total(self) -> int:
        """The sum of all amounts; what would bring it to 2^63 is refused."""
        return self._graph.total

    @property
    def newest(self) -> int | None:
        """The latest time of any transfer."""
        return self._graph.newest

    @property
    def memory(self) -> int:
        """Bytes held by transfers, their indexes and the labels."""
        return self._graph.bytes + self._graph.standing_bytes

    def spread(
        self,
        question: Question | None = None,
        *,
        seeds: Seeds | None = None,
        budget: Budget | None = None,
    ) -> _engine.Spread:
        """Follow money from the seeds; without any, from the warning accounts."""
        question, budget, seeds = question or _QUESTION, budget or _BUDGET, seeds or self._warnings
        with _wall():
            return self._graph.spread(seeds.accounts, seeds.times, _asked(question, budget))

    def taint(
        self,
        method: Method,
        question: Question | None = None,
        *,
        seeds: Seeds | None = None,
        budget: Budget | None = None,
    ) -> _engine.Taint:
        """How much of the seeds' money came to whom, through what accounts hold; every unit is accounted for.

        An account's content is what came in since ``question.start`` less what went out, never below zero. A question
        with a dwell limit, or backward, is refused: both make contents meaningless.
        """
        question, budget, seeds = question or _QUESTION, budget or _BUDGET, seeds or self._warnings
        if question.direction is not Direction.FORWARD or question.dwell is not None:
            raise Malformed("taint: expected a forward question without a dwell limit")
        with _wall():
            return self._graph.taint(seeds.accounts, seeds.times, str(method), _asked(question, budget))

    def account_taint(
        self,
        account: int,
        method: Method,
        question: Question | None = None,
        *,
        seeds: Seeds | None = None,
        budget: Budget | None = None,
    ) -> _engine.AccountTaint:
        """How much of the seeds' money came to one account, through what the accounts between hold.

        Equal to the account's row in ``taint``; a haircut to within a unit of rounding for each payment, since money of
        seeds that cannot reach the account any more counts as clean here. A dwell limit of the question is left out: it says
        who is reached, not how much.
        """
        question, budget, seeds = question or _QUESTION, budget or _BUDGET, seeds or self._warnings
        if question.direction is not Direction.FORWARD:
            raise Malformed("taint: expected a forward question")
        with _wall():
            asked = _asked(replace(question, dwell=None), budget)
            return self._graph.account_taint(account, seeds.accounts, seeds.times, str(method), asked)

    def patterns(self, pattern: Pattern, *, budget: Budget | None = None) -> _engine.Findings:
        """Every place where the shape is, each with the transfers that make it: one for each account, at most."""
        budget = budget or _BUDGET
        with _wall():
            return self._graph.patterns(
                str(pattern.shape),
                size=pattern.size,
                window=pattern.window,
                min_amount=pattern.min_amount,
                start=pattern.start,
                end=pattern.end,
                max_hops=pattern.max_hops,
                max_degree=pattern.max_degree,
                max_reads=budget.max_reads,
                max_seconds=budget.max_seconds,
            )

    def account(
        self,
        account: int,
        question: Question | None = None,
        *,
        seeds: Seeds | None = None,
        budget: Budget | None = None,
    ) -> _engine.AccountAnswer:
        """Whether the account is within reach of a seed (by default a warning account), as of ``question.end``.

        The answer equals the account's row in the whole spread, and names one path's transfers.
        """
        question, budget, seeds = question or _QUESTION, budget or _BUDGET, seeds or self._warnings
        if question.direction is not Direction.FORWARD:
            raise Malformed("direction: expected a forward question, got a backward one")
        with _wall():
            return self._graph.account(account, seeds.accounts, seeds.times, _asked(question, budget))
