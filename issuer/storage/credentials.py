"""Issued copies and their status, and the bank's own copy of the tracks; each method is one transaction.

A copy's status follows from what is stored: revoked is final; else suspended while a track of the customer is in
force; else valid. Only copies that prove accounts follow the tracks: an identity stays true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from issuer.offer import Configuration
from issuer.storage.tables import BatchRow, CredentialRow, CursorRow, LeafRow, TrackRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from passport.status import StatusValue
from service.database import Database

_PROVING: Final = tuple(one.value for one in Configuration if one.proves_accounts)


@dataclass(frozen=True, slots=True)
class IssuedCopy:
    """What remains of a copy: no byte of what it said."""

    id: str
    configuration: Configuration
    copy_number: int
    status: StatusValue
    list_number: int
    list_index: int
    issued_at: datetime
    expires_at: datetime
    anchored: bool


@dataclass(frozen=True, slots=True)
class Track:
    """A case against a customer, as the hub's stream or an officer named it."""

    case_id: str
    customer: str
    kind: str
    since: datetime


class CredentialStore:
    """Copies and tracks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_customer(self, customer: str) -> tuple[IssuedCopy, ...]:
        """Every copy that a customer was issued, oldest first."""
        anchored = (
            select(func.count())
            .select_from(LeafRow)
            .join(BatchRow, col(LeafRow.batch_root) == col(BatchRow.root))
            .where(col(LeafRow.leaf) == col(CredentialRow.leaf), BatchRow.anchored_at != 0)
            .scalar_subquery()
        )
        query = (
            select(CredentialRow, anchored)
            .where(CredentialRow.customer == customer)
            .order_by(col(CredentialRow.issued_at), col(CredentialRow.copy_number))
        )
        with self._database.read() as session:
            return tuple(
                IssuedCopy(
                    id=row.id,
                    configuration=Configuration(row.configuration),
                    copy_number=row.copy_number,
                    status=StatusValue(row.status),
                    list_number=row.list_number,
                    list_index=row.list_index,
                    issued_at=from_epoch(row.issued_at),
                    expires_at=from_epoch(row.expires_at),
                    anchored=bool(count),
                )
                for row, count in session.exec(query).all()
            )

    def revoke(self, *, customer: str | None, credential_id: str | None, cause: str) -> int:
        """Revoke one copy or all of a customer's, for good; how many were not revoked before.

        Raises:
            Rejected: NOT_FOUND when there is nothing of that name.
        """
        chosen = (
            col(CredentialRow.id) == credential_id
            if credential_id is not None
            else col(CredentialRow.customer) == customer
        )

        def work(session: Session) -> int:
            if session.exec(select(CredentialRow.id).where(chosen)).first() is None:
                raise Rejected(
                    Reason.NOT_FOUND, "expected a credential or customer that was issued something"
                )
            live = session.exec(
                select(CredentialRow.id).where(chosen, col(CredentialRow.status) != StatusValue.REVOKED)
            ).all()
            session.execute(
                update(CredentialRow)
                .where(col(CredentialRow.id).in_(live))
                .values(status=int(StatusValue.REVOKED), status_cause=cause)
            )
            return len(live)

        return self._database.write(work)

    def begin_track(self, track: Track) -> int:
        """Remember a track and suspend what it touches; how many copies changed. Again is safe."""

        def work(session: Session) -> int:
            row = session.get(TrackRow, (track.case_id, track.customer))
            if row is None:
                session.add(
                    TrackRow(
                        case_id=track.case_id,
                        customer=track.customer,
                        kind=track.kind,
                        since=to_epoch(track.since),
                    )
                )
            else:
                row.kind, row.ended_at = track.kind, 0
            session.flush()
            return _settle(session, track.customer)

        return self._database.write(work)

    def end_tracks(self, customer: str, now: datetime, *, case_id: str = "", kind: str = "") -> int:
        """End a customer's tracks of one case or one kind; how many copies are valid again."""
        chosen = (col(TrackRow.customer) == customer) & (col(TrackRow.ended_at) == 0)
        if case_id:
            chosen &= col(TrackRow.case_id) == case_id
        if kind:
            chosen &= col(TrackRow.kind) == kind

        def work(session: Session) -> int:
            session.execute(update(TrackRow).where(chosen).values(ended_at=to_epoch(now)))
            return _settle(session, customer)

        return self._database.write(work)

    def live(self, customer: str) -> frozenset[str]:
        """The kinds of the customer's tracks that are in force."""
        with self._database.read() as session:
            live = select(TrackRow.kind).where(TrackRow.customer == customer, TrackRow.ended_at == 0)
            return frozenset(session.exec(live))

    def position(self, stream: str) -> int:
        """How far a numbered stream was read."""
        with self._database.read() as session:
            row = session.get(CursorRow, stream)
            return row.position if row is not None else 0

    def advance(self, stream: str, position: int) -> None:
        """Remember how far a stream was read; never backwards."""

        def work(session: Session) -> None:
            row = session.get(CursorRow, stream)
            if row is None:
                session.add(CursorRow(name=stream, position=position))
            elif row.position < position:
                row.position = position

        self._database.write(work)


def _tracked(session: Session, customer: str) -> bool:
    live = select(TrackRow.case_id).where(TrackRow.customer == customer, TrackRow.ended_at == 0)
    return session.exec(live).first() is not None


def _settle(session: Session, customer: str) -> int:
    """Bring every copy of a customer to the status that follows from the tracks."""
    wanted = StatusValue.SUSPENDED if _tracked(session, customer) else StatusValue.VALID
    changed = session.exec(
        select(CredentialRow.id).where(
            CredentialRow.customer == customer,
            col(CredentialRow.configuration).in_(_PROVING),
            col(CredentialRow.status).not_in([int(wanted), int(StatusValue.REVOKED)]),
        )
    ).all()
    session.execute(
        update(CredentialRow).where(col(CredentialRow.id).in_(changed)).values(status=int(wanted))
    )
    return len(changed)
