"""The legal tracks: what is known against an account or a person, since when, until when, and who knew it when.

Pure rules (domain section 2): append-only, bitemporal, the clock handed in. Only these may block. Leaves out how facts
are stored and signed, and everything that a graph finds.
"""

from fraud_check.tracks.admonitions import Period, admonition_periods
from fraud_check.tracks.book import Consequence, TrackBook
from fraud_check.tracks.earmarks import EarmarkRequest, allocate_earmarks, earmark_released_at
from fraud_check.tracks.effects import Operation, Ruling, permit
from fraud_check.tracks.facts import (
    AccountLinked,
    AdmonitionGiven,
    CauseGone,
    DocumentArrived,
    EarmarkPlaced,
    Fact,
    HolderConfirmed,
    ImpersonationFound,
    PaperTask,
    Status,
    WarningExtended,
    WarningLapsed,
    WarningLifted,
    WarningListed,
)
from fraud_check.tracks.grounds import walk_may_begin
from fraud_check.tracks.rules import TrackRules

__all__ = [
    "AccountLinked",
    "AdmonitionGiven",
    "CauseGone",
    "Consequence",
    "DocumentArrived",
    "EarmarkPlaced",
    "EarmarkRequest",
    "Fact",
    "HolderConfirmed",
    "ImpersonationFound",
    "Operation",
    "PaperTask",
    "Period",
    "Ruling",
    "Status",
    "TrackBook",
    "TrackRules",
    "WarningExtended",
    "WarningLapsed",
    "WarningLifted",
    "WarningListed",
    "admonition_periods",
    "allocate_earmarks",
    "earmark_released_at",
    "permit",
    "walk_may_begin",
]
