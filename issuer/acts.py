"""Acts: what somebody did at this bank with consequences for a customer; by whom, as which person, and why.

The record is for whoever reads it later. An officer is named by their id and by the person whom the bank's officer file
names behind it, so that two ids of one person are one pair of eyes. The shared operator's token is nobody in particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from issuer.customer import Officer
from issuer.offer import BY_CUSTOMER, BY_OPERATOR
from passport.errors import Malformed

BY_HUB: Final = "hub"
"""The caller of an act that followed from the hub's stream."""
NOT_OFFICERS: Final = frozenset({BY_CUSTOMER, BY_OPERATOR, BY_HUB})
MAX_CODE: Final = 64
MAX_NOTE: Final = 500


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


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: a code by which the bank counts its reasons, and words."""

    code: str
    note: str = ""

    def __post_init__(self) -> None:
        """Bounded, and nothing that a screen or a database would stumble over."""
        if not 0 < len(self.code) <= MAX_CODE or len(self.note) > MAX_NOTE:
            raise Malformed(
                f"expected a reason of 1 to {MAX_CODE} characters and a note of at most {MAX_NOTE}"
            )
        if not (self.code + self.note.replace("\n", "")).isprintable():
            raise Malformed("expected a reason and a note of printable characters")


NO_REASON: Final = Why("none_given")


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
