"""What an account may still do while on a track (the table of domain section 2).

The strictest track decides. Only the effects that the law fixes: what a bank does beyond them is its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fraud_check.tracks.facts import Status
from fraud_check.tracks.rules import TrackRules
from passport.fraud import TrackKind


class Operation(StrEnum):
    """What somebody wants to do with the account."""

    INWARD_REMITTANCE = "inward_remittance"
    COUNTER = "counter"
    ELECTRONIC = "electronic"  # card, voice, internet and other electronic payment
    TRANSFER = "transfer"
    CASH = "cash"
    EXEMPT_PAYMENT = "exempt_payment"  # utilities, taxes, fines


class Ruling(StrEnum):
    """The answer."""

    ALLOWED = "allowed"
    SUSPENDED = "suspended"
    RETURNED_TO_SENDER = "returned_to_sender"
    OVER_DAILY_LIMIT = "over_daily_limit"


@dataclass(frozen=True, slots=True)
class Today:
    """What went out of the account today, per way, before this."""

    transferred_minor: int = 0
    cash_minor: int = 0


def permit(
    operation: Operation,
    amount_minor: int,
    statuses: Iterable[Status],
    *,
    rules: TrackRules,
    today: Today | None = None,
) -> Ruling:
    """Whether the operation may be done under these statuses."""
    tracks = {status.track for status in statuses}
    spent = today or Today()
    if tracks & {TrackKind.WARNING, TrackKind.IMPERSONATED}:
        returned = operation is Operation.INWARD_REMITTANCE
        return Ruling.RETURNED_TO_SENDER if returned else Ruling.SUSPENDED
    if TrackKind.DERIVED in tracks:
        match operation:
            case Operation.INWARD_REMITTANCE:
                return Ruling.RETURNED_TO_SENDER
            case Operation.ELECTRONIC:
                return Ruling.SUSPENDED
            case _:
                pass
    if TrackKind.ADMONITION in tracks:
        return _under_admonition(operation, amount_minor, spent, rules)
    return Ruling.ALLOWED


def _under_admonition(operation: Operation, amount_minor: int, today: Today, rules: TrackRules) -> Ruling:
    limit = rules.admonition_daily_minor
    match operation:
        case Operation.ELECTRONIC:
            return Ruling.SUSPENDED
        case Operation.TRANSFER if today.transferred_minor + amount_minor > limit:
            return Ruling.OVER_DAILY_LIMIT
        case Operation.CASH if today.cash_minor + amount_minor > limit:
            return Ruling.OVER_DAILY_LIMIT
        case _:
            return Ruling.ALLOWED
