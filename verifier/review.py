"""A review: an application that goes to a person, what officers said to it, and how it was settled.

A review is settled at most once. Opening takes one officer, and two people above the policy's limit; not opening takes one.
Leaves out where it is kept: ``storage`` does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from passport.strict_json import JsonObject
from service.officers import Officer
from service.reasons import Why
from verifier.application import Application

REVIEW_LIFETIME: Final = timedelta(days=7)
"""How long what was shown is kept for an officer; after that a review can only end without an account."""


class Verdict(StrEnum):
    """What an officer says, which is also what the person hears."""

    OPENED = "opened"
    NOT_OPENED = "not_opened"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one officer said to one review, and why."""

    application_id: str
    officer: Officer
    verdict: Verdict
    why: Why
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewSettlement:
    """How a review ended: the second signed record, which names the first."""

    application_id: str
    verdict: Verdict
    record: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """A review as officers see it. ``disclosed`` is what the wallet showed: there until the review is settled, or lapses."""

    application: Application
    votes: tuple[Vote, ...]
    settlement: ReviewSettlement | None
    disclosed: JsonObject | None


@dataclass(frozen=True, slots=True)
class NumberedVote:
    """A vote with its place in the record of acts."""

    number: int
    vote: Vote
