"""Acts: what somebody did at this bank with consequences for a customer; by whom, as which person, and why.

The record is for whoever reads it later. An officer is named by their id and by the person whom the bank's officer file
names behind it, so that two ids of one person are one pair of eyes. The shared operator's token is nobody in particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from issuer.offer import BY_CUSTOMER, BY_OPERATOR
from service.officers import Officer
from service.reasons import NONE_GIVEN, Why

BY_HUB: Final = "hub"
"""The caller of an act that followed from the hub's stream."""
NOT_OFFICERS: Final = frozenset({BY_CUSTOMER, BY_OPERATOR, BY_HUB})


class ActKind(StrEnum):
    """What was done."""

    OFFER = "offer"
    APPROVE = "approve"
    DECLINE = "decline"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    ASK_REVOCATION = "ask_revocation"
    DECLINE_REVOCATION = "decline_revocation"
    REVOKE = "revoke"
    CAUSE_GONE = "cause_gone"
    LIFT = "lift"
    ANSWER_TASK = "answer_task"


BANK_SYSTEM: Final = "bank_system"
"""Why the bank's own system acts by itself: its operator's token came with the call, and no person gave a reason."""
NO_REASON: Final = Why(NONE_GIVEN)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts; ``person`` is empty where that is nobody in particular, or a customer."""

    id: str
    person: str = ""

    @classmethod
    def officer(cls, officer: Officer) -> Caller:
        """An officer, with the person behind the id."""
        return cls(officer.id, officer.person)


@dataclass(frozen=True, slots=True)
class Act:
    """One act, to be recorded in the transaction that does it; ``about`` names an offer, credential, request or notice."""

    kind: ActKind
    caller: Caller
    why: Why
    at: datetime
    customer: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """An act as recorded: its place in the record, and how many copies it changed."""

    number: int
    act: Act
    changed: int
