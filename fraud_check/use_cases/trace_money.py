"""Follow the money for a member bank from an account of its own that is under a notice (Fraud Regulations, Art. 27).

The bank learns which of its own accounts the walk reached, and of other banks' how many there are in each layer, rounded
down: neither their tokens nor their times, so that an answer says nothing about an account whose number the bank guesses,
and the difference of two answers seldom says more than either (threat T35).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from fraud_check.callers import KnownCaller
from fraud_check.errors import NotYours
from fraud_check.hub import Hub
from fraud_check.ports import TraceAnswer
from fraud_check.storage.query_log import REFUSED, TRACE, QueryLine, subject_of, writes_query
from fraud_check.storage.writes import together
from fraud_check.tracks import walk_may_begin
from passport.clock import from_epoch
from passport.fraud import Trace, TracedAccount, TracedLayer, TraceRequest
from passport.registry import Role

OTHERS_IN_STEPS_OF: Final = 5
"""How coarsely other banks' accounts are counted: fewer than this many read as none."""


def trace_money(hub: Hub, caller: KnownCaller, asked: TraceRequest) -> Trace:
    """The caller's own accounts that the walk reached, and how many of others'.

    1. The caller is a member and has traces left; a refused try counts as well.
    2. It keeps the account, and a notice about this very account is in force.
    3. The walk begins no earlier than the notice's taint; backward, no further than the same span before that.
    4. What was asked is in the query log before the walk, and every other bank that it reached can read so afterwards.

    Raises:
        NotYours: not a member, not this bank's account, or no notice about it. Rejected: LIMIT_EXCEEDED.
    """
    caller.require(Role.MEMBER)
    now = hub.now()
    hub.quotas.spend_trace(caller.name, at=now)
    begins = _require_ground(hub, caller, asked, now)
    subject = subject_of(asked.account)
    hub.database.write(writes_query(QueryLine(now, caller.name, TRACE, caller.name, subject, "traced")))
    since = from_epoch(asked.taint_from)
    answer = hub.flow.trace(
        asked.account,
        since=since if asked.backward else max(since, begins),
        until_back=begins - hub.book.rules.taint_reaches_back if asked.backward else None,
        max_hops=asked.max_hops,
        min_amount_minor=asked.min_amount_minor,
        backward=asked.backward,
    )
    return _told(hub, caller, answer, subject, now)


def _require_ground(hub: Hub, caller: KnownCaller, asked: TraceRequest, now: datetime) -> datetime:
    keeper = hub.bank_of(asked.account)
    begins = walk_may_begin(hub.book, asked.account, at=now) if keeper == caller.name else None
    if begins is not None:
        return begins
    hub.quotas.alarm(
        caller.name, "trace_without_notice" if keeper == caller.name else "foreign_account", at=now
    )
    line = QueryLine(now, caller.name, TRACE, keeper or "", subject_of(asked.account), REFUSED)
    hub.database.write(writes_query(line))
    raise NotYours("expected an account that this bank keeps and about which a notice is in force")


def _told(hub: Hub, caller: KnownCaller, answer: TraceAnswer, subject: str, now: datetime) -> Trace:
    own: list[TracedAccount] = []
    others: Counter[int] = Counter()
    reached: set[str] = set()
    for stop in answer.stops:
        bank = hub.bank_of(stop.account)
        if bank == caller.name:
            own.append(TracedAccount(account=stop.account, hops=stop.hops, arrival=stop.arrival_ms // 1000))
            continue
        others[stop.hops] += 1
        if bank is not None:
            reached.add(bank)
    if reached:
        lines = (QueryLine(now, caller.name, TRACE, bank, subject, "reached") for bank in sorted(reached))
        hub.database.write(together(*(writes_query(line) for line in lines)))
    layers = tuple(
        TracedLayer(hops=hops, others_at_least=count - count % OTHERS_IN_STEPS_OF)
        for hops, count in sorted(others.items())
        if count >= OTHERS_IN_STEPS_OF
    )
    return Trace(accounts=tuple(own), others=layers, truncated=answer.truncated)
