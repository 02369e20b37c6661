"""Follow the money for a member bank, from an account of its own, in tokens (Fraud Regulations, Art. 27)."""

from __future__ import annotations

from fraud_check.callers import KnownCaller
from fraud_check.errors import NotYours
from fraud_check.hub import Hub
from fraud_check.storage.query_log import QueryLine, subject_of, writes_query
from passport.clock import from_epoch
from passport.fraud import Trace, TracedAccount, TraceRequest
from passport.registry import Role


def trace_money(hub: Hub, caller: KnownCaller, asked: TraceRequest) -> Trace:
    """The accounts that the walk reached; a bank is named only where it is the caller itself.

    Raises:
        NotYours: not a member, or not this bank's account. Rejected: LIMIT_EXCEEDED.
    """
    caller.require(Role.MEMBER)
    now = hub.now()
    if hub.bank_of(asked.account) != caller.name:
        hub.quotas.alarm(caller.name, "foreign_account", at=now)
        raise NotYours("expected an account that this bank keeps")
    hub.quotas.spend_trace(caller.name, at=now)
    line = QueryLine(now, caller.name, "trace", caller.name, subject_of(asked.account), "traced")
    hub.database.write(writes_query(line))
    answer = hub.flow.trace(
        asked.account,
        since=from_epoch(asked.taint_from),
        max_hops=asked.max_hops,
        min_amount_minor=asked.min_amount_minor,
        backward=asked.backward,
    )
    return Trace(
        accounts=tuple(
            TracedAccount(
                account=stop.account,
                hops=stop.hops,
                arrival=stop.arrival_ms // 1000,
                bank=caller.name if hub.bank_of(stop.account) == caller.name else None,
            )
            for stop in answer.stops
        ),
        truncated=answer.truncated,
    )
