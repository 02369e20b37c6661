"""On which ground a bank may walk from an account of its own, and how far back (Fraud Regulations, Art. 27).

Only a notice of the police about this very account: listed, opened under another's name, or holding money that was just
reported. A derived status is no ground, since it follows from the bank's own word about whose account it is: a bank could
make one for any account that it is curious about.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fraud_check.tracks.book import TrackBook
from passport.fraud import Token, TrackKind

_GROUNDS: Final = frozenset({TrackKind.WARNING, TrackKind.IMPERSONATED, TrackKind.EARMARK})


def walk_may_begin(book: TrackBook, account: Token, *, at: datetime) -> datetime | None:
    """The earliest time of which the account's money may be followed now; None where no notice is in force.

    That is the earliest taint that a notice in force gives: the inflow that it names, else thirty days before it.
    """
    starts = []
    for status in book.statuses_of_account(account, at=at):
        if status.track not in _GROUNDS:
            continue
        warning = book.warning(status.notice) if status.track is TrackKind.WARNING else None
        starts.append(
            status.since - book.rules.taint_reaches_back if warning is None else book.taint_starts_at(warning)
        )
    return min(starts, default=None)
