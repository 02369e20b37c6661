"""The money-flow graph over tokens: hands out dense integers for them, and asks the Rust engine.

Times are epoch milliseconds, amounts minor units. One writer appends, in the log's order, so that a transfer's number in
the engine is its number in the log; readers never wait. Leaves out which accounts are warned: it is told.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from fraud_check.engine import (
    MAX_ACCOUNTS,
    Budget,
    Direction,
    Method,
    MoneyFlowGraph,
    Question,
    Seeds,
    StandingRule,
)
from fraud_check.ports import DatedTransfer, FlowAnswer, FlowRule, Reached, TraceAnswer, TracedStop
from passport.errors import Misconfigured, Reason, Rejected
from passport.fraud import Token

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_TAINT_BUDGET: Final = Budget(max_reads=5_000_000, max_seconds=0.2)
# A payroll or a tax office joins everybody to everybody; a trace names it and does not pass through.
_TRACE_BUDGET: Final = Budget(max_reads=20_000_000, max_seconds=1.0, max_fanout=100_000)
_MAX_STOPS: Final = 10_000
_MAX_TOTAL: Final = 2**63 - 1
_MAX_ROWS: Final = 2**32 - 2


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since the epoch."""
    return (moment - _EPOCH) // _MILLISECOND


class EngineFlow:
    """``MoneyFlow`` over the Rust engine, in this process."""

    def __init__(self) -> None:
        self._graph = MoneyFlowGraph()
        self._number: dict[Token, int] = {}
        self._tokens: list[Token] = []
        self._naming = threading.Lock()
        self._enabled = False
        self._standing: StandingRule | None = None
        self._min_tainted = 0

    @property
    def transfers(self) -> int:
        """How many transfers there are."""
        return self._graph.transfers

    @property
    def faults(self) -> int:
        """How often a fault of the engine was caught since the rule was set."""
        return self._graph.label_faults

    def append(self, transfers: Sequence[DatedTransfer]) -> None:
        """Take transfers in the log's order.

        Raises:
            Misconfigured: they do not follow what is there already; the log and the graph have parted.
        """
        if not transfers:
            return
        if transfers[0].seq != self._graph.transfers:
            raise Misconfigured(
                f"expected transfer {self._graph.transfers} of the log next, got {transfers[0].seq}"
            )
        self._graph.append(
            src=[self._number_of(one.src) for one in transfers],
            dst=[self._number_of(one.dst) for one in transfers],
            time=[one.at_ms for one in transfers],
            amount=[one.amount_minor for one in transfers],
            channel=[one.channel for one in transfers],
        )

    def require_room(self, transfers: Sequence[DatedTransfer]) -> None:
        """Refuse what the graph could not take, before it is durable: afterwards no start would get past it.

        Raises:
            Rejected: LIMIT_EXCEEDED, too many transfers or accounts, or amounts that add up to 2^63 or more.
        """
        total = self._graph.total + sum(one.amount_minor for one in transfers)
        rows = self._graph.transfers + len(transfers)
        names = len(self._tokens) + 2 * len(transfers)
        if total > _MAX_TOTAL or rows > _MAX_ROWS or names > MAX_ACCOUNTS:
            raise Rejected(Reason.LIMIT_EXCEEDED, "expected transfers that the graph has room for")

    def set_warnings(self, taint_starts: dict[Token, datetime]) -> None:
        """Tell the engine what changed; an account that stays with its time is left alone."""
        wanted = {self._number_of(account): milliseconds(since) for account, since in taint_starts.items()}
        current = dict(self._graph.warnings)
        for number in current.keys() - wanted.keys():
            self._graph.lift(number)
        for number, since in wanted.items():
            if current.get(number) != since:
                self._graph.warn(number, since)

    def begin(self, rule: FlowRule) -> None:
        """Answer the rule from labels, which follow every transfer and every warning."""
        self._graph.compact()
        dwell = None if rule.dwell_hours is None else rule.dwell_hours * _HOUR_MS
        self._standing = StandingRule(
            window=rule.window_days * _DAY_MS,
            max_hops=rule.max_hops,
            min_amount=rule.min_amount_minor,
            dwell=dwell,
        )
        self._graph.set_rule(self._standing)
        self._min_tainted = rule.min_tainted_minor
        self._enabled = rule.enabled

    def question(self, account: Token, *, at: datetime) -> FlowAnswer:
        """Whether money from a warning account reached the account under the rule, as of ``at``."""
        number = self._number.get(account)
        if number is None or not self._enabled:
            return FlowAnswer(None)
        answer = self._graph.check(number, milliseconds(at))
        # Hop 0 is a warning account itself: the legal track says so, with more weight than this.
        if not answer.hop or answer.source is None:
            return FlowAnswer(None, answer.truncated)
        tainted = self._tainted(number, milliseconds(at))
        # A count that did not end counts as enough.
        if tainted is not None and tainted < self._min_tainted:
            return FlowAnswer(None, answer.truncated)
        path = tuple(transfer.seq for transfer in answer.path)
        return FlowAnswer(Reached(answer.hop, self._tokens[answer.source], path, tainted), answer.truncated)

    def untouched(self, account: Token, *, at: datetime) -> bool:
        """Whether a look-up alone says that nothing reached the account."""
        number = self._number.get(account)
        if number is None or not self._enabled:
            return True
        if self._graph.labels_lost:  # A check is then a search, for which nobody else shall wait.
            return False
        answer = self._graph.check(number, milliseconds(at))
        return not answer.hop and answer.truncated is None

    def _tainted(self, number: int, at_ms: int) -> int | None:
        """How much tainted money came; None where the rule does not ask or the count did not end."""
        if self._standing is None or not self._min_tainted:
            return None
        asked = self._standing.question(at_ms)
        return self._graph.account_taint(number, Method.HAIRCUT, asked, budget=_TAINT_BUDGET).received

    def trace(
        self,
        account: Token,
        *,
        since: datetime,
        until_back: datetime | None,
        max_hops: int,
        min_amount_minor: int,
        backward: bool,
    ) -> TraceAnswer:
        """Where money of the account went, or came from; the account itself is the first stop."""
        number = self._number.get(account)
        if number is None:
            return TraceAnswer((), None)
        start = milliseconds(since)
        spread = self._graph.spread(
            Question(
                max_hops=max_hops,
                direction=Direction.BACKWARD if backward else Direction.FORWARD,
                start=None if until_back is None else milliseconds(until_back),
                min_amount=min_amount_minor,
            ),
            seeds=Seeds.of([(number, start)]),
            budget=_TRACE_BUDGET,
        )
        rows = zip(spread.accounts.tolist(), spread.hops.tolist(), spread.arrivals.tolist(), strict=True)
        stops = tuple(TracedStop(self._tokens[one], hops, arrival) for one, hops, arrival in rows)
        truncated = spread.truncated or ("max_accounts" if len(stops) > _MAX_STOPS else None)
        return TraceAnswer(stops[:_MAX_STOPS], truncated)

    def _number_of(self, account: Token) -> int:
        number = self._number.get(account)
        if number is not None:
            return number
        with self._naming:
            number = self._number.get(account)
            if number is None:
                number = len(self._tokens)
                # The name first: a reader that meets the number finds it.
                self._tokens.append(account)
                self._number[account] = number
        return number
