"""Why, in tokens, for a member bank: its own customers' tracks, and how money came, without a third bank's nodes."""

from __future__ import annotations

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.judge import Judgement
from fraud_check.storage.transfers import ids_sent_by
from fraud_check.tracks import Status
from passport.fraud.messages import Evidence


def evidence_for(hub: Hub, caller: KnownCaller, judgement: Judgement) -> tuple[Evidence, ...]:
    """The tracks found, then the ways of money; each once."""
    found: dict[Evidence, None] = {}
    statuses = [*judgement.person_statuses]
    for finding in judgement.findings:
        statuses.extend(finding.statuses)
    for status in statuses:
        found[_of_status(hub, caller, status)] = None
    for finding in judgement.findings:
        reached = finding.flow.reached
        if reached is not None:
            evidence = Evidence(
                account=finding.account,
                hops=reached.hops,
                warning_account=reached.warning_account,
                path=ids_sent_by(hub.database, caller.name, reached.path),
            )
            found[evidence] = None
    return tuple(found)[:256]


def _of_status(hub: Hub, caller: KnownCaller, status: Status) -> Evidence:
    """A track; an account of the person at another bank is not named."""
    own = status.account is not None and hub.bank_of(status.account) == caller.name
    return Evidence(
        track=status.track,
        account=status.account if own else None,
        notice=status.notice,
        warning_account=status.cause,
    )
