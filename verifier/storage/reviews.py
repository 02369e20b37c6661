"""Reviews: what waits for officers, what they said, and how it was settled; each method is one transaction.

Votes are the record of what officers did here: written with what they bring about, and never changed (the table refuses).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from passport import strict_json
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from passport.strict_json import as_object
from service.database import Database
from service.officers import Officer
from service.reasons import Why
from verifier.answers import Outcome
from verifier.application import DecisionEvent
from verifier.review import NumberedVote, Review, ReviewSettlement, Verdict, Vote
from verifier.storage.applications import to_application
from verifier.storage.tables import (
    ApplicationRow,
    DisclosureRow,
    SettlementRow,
    VoteRow,
    WebhookEventRow,
)

Ended = tuple[ReviewSettlement, DecisionEvent]


class SqlReviews:
    """``Reviews`` over the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, *, now: datetime, limit: int) -> Sequence[Review]:
        """Reviews that nobody has settled, oldest first, at most so many."""
        settled = select(SettlementRow.application_id)
        query = (
            select(ApplicationRow)
            .where(ApplicationRow.outcome == Outcome.REVIEW.value, col(ApplicationRow.id).not_in(settled))
            .order_by(col(ApplicationRow.decided_at), col(ApplicationRow.id))
            .limit(limit)
        )
        with self._database.read() as session:
            return [_review(session, row, now) for row in session.exec(query).all()]

    def get(self, application_id: str, *, now: datetime) -> Review:
        """One review, settled or not; raises ``Rejected`` NOT_FOUND, or CONFLICT for what is no review."""
        with self._database.read() as session:
            return _review(session, _row(session, application_id), now)

    def vote(self, vote: Vote, ends: Callable[[Review], Ended | None]) -> Review:
        """Add a vote; where ``ends`` says that it settles the review, settle it in the same transaction.

        ``ends`` sees the review as it is then, may refuse, and may be called again.
        """

        def work(session: Session) -> Review:
            row = _row(session, vote.application_id, for_update=True)
            before = _review(session, row, vote.at)
            ended = ends(before)
            session.add(_vote_row(vote))
            if ended is not None:
                _settle(session, *ended)
            session.flush()
            return _review(session, row, vote.at)

        return self._database.write(work)

    def settlement_of(self, application_id: str) -> ReviewSettlement | None:
        """How an application's review was settled, if it was."""
        with self._database.read() as session:
            return _settlement(session.get(SettlementRow, application_id))

    def votes_after(self, number: int, limit: int) -> Sequence[NumberedVote]:
        """The record of what officers said, oldest first."""
        query = select(VoteRow).where(col(VoteRow.number) > number).order_by(col(VoteRow.number)).limit(limit)
        with self._database.read() as session:
            return [NumberedVote(row.number or 0, _vote(row)) for row in session.exec(query).all()]


def _row(session: Session, application_id: str, *, for_update: bool = False) -> ApplicationRow:
    row = session.get(ApplicationRow, application_id, with_for_update=for_update)
    if row is None:
        raise Rejected(Reason.NOT_FOUND, "expected an application that exists here")
    if row.outcome != Outcome.REVIEW.value:
        raise Rejected(
            Reason.CONFLICT, f"expected an application that went to a person, got one that is {row.outcome}"
        )
    return row


def _settle(session: Session, settlement: ReviewSettlement, event: DecisionEvent) -> None:
    session.add(
        SettlementRow(
            application_id=settlement.application_id,
            verdict=settlement.verdict,
            record=settlement.record,
            settled_at=to_epoch(settlement.at),
        )
    )
    session.connection().execute(
        delete(DisclosureRow).where(col(DisclosureRow.application_id) == settlement.application_id)
    )
    session.add(
        WebhookEventRow(
            event_id=event.id,
            application_id=event.application_id,
            body=strict_json.dumps(event.body).decode(),
        )
    )


def _review(session: Session, row: ApplicationRow, now: datetime) -> Review:
    votes = select(VoteRow).where(VoteRow.application_id == row.id).order_by(col(VoteRow.number))
    shown = session.get(DisclosureRow, row.id)
    return Review(
        application=to_application(row),
        votes=tuple(_vote(one) for one in session.exec(votes).all()),
        settlement=_settlement(session.get(SettlementRow, row.id)),
        disclosed=None
        if shown is None or to_epoch(now) >= shown.expires_at
        else as_object(strict_json.loads(shown.body)),
    )


def _settlement(row: SettlementRow | None) -> ReviewSettlement | None:
    if row is None:
        return None
    return ReviewSettlement(row.application_id, Verdict(row.verdict), row.record, from_epoch(row.settled_at))


def _vote_row(vote: Vote) -> VoteRow:
    return VoteRow(
        application_id=vote.application_id,
        officer=vote.officer.id,
        officer_name=vote.officer.name,
        person=vote.officer.person,
        verdict=vote.verdict,
        reason=vote.why.code,
        note=vote.why.note,
        at=to_epoch(vote.at),
    )


def _vote(row: VoteRow) -> Vote:
    return Vote(
        application_id=row.application_id,
        officer=Officer(row.officer, row.officer_name, row.person),
        verdict=Verdict(row.verdict),
        why=Why.recorded(row.reason, row.note),
        at=from_epoch(row.at),
    )
