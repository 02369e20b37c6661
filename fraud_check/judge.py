"""The verdict: only a legal track blocks; admonition, earmark or the graph's default rule ask for a person.

Pure. A search that hit a budget without finding anything is *unknown*, never *clear*: nobody looked to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fraud_check.ports import FlowAnswer, FlowRule
from fraud_check.tracks import Status
from passport.fraud import Token, TrackKind, VerdictClass

BLOCKING = frozenset({TrackKind.WARNING, TrackKind.DERIVED, TrackKind.IMPERSONATED})


@dataclass(frozen=True, slots=True)
class AccountFinding:
    """What is known about one account."""

    account: Token
    statuses: tuple[Status, ...]
    flow: FlowAnswer


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class, under which rule, and why."""

    verdict_class: VerdictClass
    rule: str
    depth: int
    truncated: bool
    findings: tuple[AccountFinding, ...]
    person_statuses: tuple[Status, ...] = ()


def judge(
    findings: Sequence[AccountFinding],
    person_statuses: Sequence[Status],
    *,
    rule: FlowRule,
    tracks_version: str,
) -> Judgement:
    """The strictest answer over all accounts and the person."""
    tracks = {status.track for status in person_statuses}
    tracks |= {status.track for finding in findings for status in finding.statuses}
    truncated = any(finding.flow.truncated for finding in findings)
    if tracks & BLOCKING:
        verdict = VerdictClass.BLOCK
    elif tracks or any(finding.flow.reached for finding in findings):
        verdict = VerdictClass.REVIEW
    elif truncated:
        verdict = VerdictClass.UNKNOWN
    else:
        verdict = VerdictClass.CLEAR
    return Judgement(
        verdict_class=verdict,
        rule=f"{tracks_version}/{rule.version}",
        depth=rule.max_hops if rule.enabled else 0,
        truncated=truncated,
        findings=tuple(findings),
        person_statuses=tuple(person_statuses),
    )
