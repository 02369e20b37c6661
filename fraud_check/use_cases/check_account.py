"""Say whether money from a warning account reached an account of the asking member's: a look-up, unsigned.

For a bank that watches its own accounts while money moves. Only what the graph's default rule says: legal tracks come as
alerts, and what a decision rests on is a signed verdict.
"""

from __future__ import annotations

from datetime import datetime

from fraud_check.checks import CHECK, CheckSessions, Session
from fraud_check.errors import NotYours
from fraud_check.flow import milliseconds
from fraud_check.hub import Hub
from fraud_check.storage.query_log import REFUSED, QueryLine, subject_of, writes_query
from fraud_check.storage.transfers import ids_sent_by
from passport.fraud import Check, Checked


class CheckAccount:
    """Answers checks of own accounts."""

    def __init__(self, hub: Hub, sessions: CheckSessions) -> None:
        self._hub = hub
        self._sessions = sessions

    def quickly(self, session: Session, asked: Check, *, at: datetime) -> Checked | None:
        """The answer where a look-up in memory is enough; None where ``thoroughly`` must say it. Waits for nothing.

        Raises:
            Rejected: LIMIT_EXCEEDED.
        """
        hub = self._hub
        self._sessions.count(session, asked.account, at=at)
        if hub.book.bank_of(asked.account) != session.name or hub.warnings_may_have_ended(at):
            return None
        return self._clean(asked, at) if hub.flow.untouched(asked.account, at=at) else None

    def thoroughly(self, session: Session, asked: Check, *, at: datetime) -> Checked:
        """The answer with its evidence.

        Raises:
            NotYours: another bank's account, or nobody's; with an alarm.
        """
        hub = self._hub
        keeper = hub.book.bank_of(asked.account)
        if keeper != session.name:
            hub.quotas.alarm(session.name, "foreign_account", at=at)
            line = QueryLine(at, session.name, CHECK, keeper or "", subject_of(asked.account), REFUSED)
            hub.database.write(writes_query(line))
            raise NotYours("expected an account that this bank has linked")
        found = hub.question(asked.account, at=at)
        if found.reached is None:
            return self._clean(asked, at).model_copy(update={"truncated": found.truncated})
        return Checked(
            account=asked.account,
            as_of_ms=milliseconds(at),
            rule=hub.rule.version,
            hops=found.reached.hops,
            warning_account=found.reached.warning_account,
            tainted_minor=found.reached.tainted_minor,
            path=ids_sent_by(hub.database, session.name, found.reached.path),
            truncated=found.truncated,
        )

    def _clean(self, asked: Check, at: datetime) -> Checked:
        return Checked(account=asked.account, as_of_ms=milliseconds(at), rule=self._hub.rule.version)
