"""Show a bank what was asked about its accounts: members by name, verifiers abroad only by number."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.storage.query_log import HOLDER, REFUSED, TRACE, QueryLine, queries_about
from passport.clock import to_epoch
from passport.fraud import MemberQuery, QueryReport
from passport.registry import Role


def read_queries(hub: Hub, caller: KnownCaller, day: date) -> QueryReport:
    """One UTC day's questions about the caller's accounts, its own left out.

    Another member can only be refused a question, walk from an account of its own that is under a notice and reach this
    bank's, or say whose such an account is; every other line is a verifier's.

    Raises:
        NotYours: not a member.
    """
    caller.require(Role.MEMBER)
    since = datetime.combine(day, time(), tzinfo=UTC)
    about = queries_about(hub.database, caller.name, since, since + timedelta(days=1))
    lines = [line for line in about if line.caller != caller.name]
    return QueryReport(
        day=day.isoformat(),
        members=tuple(
            MemberQuery(caller=line.caller, action=line.action, answer=line.answer, at=to_epoch(line.at))
            for line in lines
            if _is_a_members(line)
        ),
        verifier_questions=sum(1 for line in lines if not _is_a_members(line)),
    )


def _is_a_members(line: QueryLine) -> bool:
    return line.answer == REFUSED or line.action in {TRACE, HOLDER}
