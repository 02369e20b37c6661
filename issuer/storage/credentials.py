"""Issued copies and their status, and the bank's own copy of the tracks; each method is one transaction.

A copy's status follows from what is stored: revoked is final; else suspended while a track of the customer is in
force; else valid. Only copies that prove accounts follow the tracks: an identity stays true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from issuer.acts import Act
from issuer.offer import Configuration
from issuer.storage.acts import record
from issuer.storage.tables import BatchRow, CredentialRow, CursorRow, LeafRow, TrackRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from passport.status import StatusValue
from service.database import Database

OFFICER: Final = "officer"
"""The case and the kind of a track that an officer began."""
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

    def customer_of(self, credential_id: str) -> str:
        """Whose copy it is, or nothing for one that there is not."""
        with self._database.read() as session:
            row = session.get(CredentialRow, credential_id)
            return "" if row is None else row.customer

    def issued_anything(self, customer: str) -> bool:
        """Whether there is a copy of the customer's, whatever its status."""
        with self._database.read() as session:
            found = select(CredentialRow.id).where(CredentialRow.customer == customer).limit(1)
            return session.exec(found).first() is not None

    def counts(self) -> Mapping[str, Mapping[StatusValue, int]]:
        """How many copies of each status each customer has."""
        query = select(CredentialRow.customer, CredentialRow.status, func.count()).group_by(
            col(CredentialRow.customer), col(CredentialRow.status)
        )
        found: dict[str, dict[StatusValue, int]] = {}
        with self._database.read() as session:
            for customer, status, count in session.exec(query):
                found.setdefault(customer, {})[StatusValue(status)] = count
        return found

    def revoke(self, *, customer: str, act: Act) -> int:
        """Revoke all of a customer's copies for good, as the hub's word has it; how many were not revoked before.

        Recorded where it changed something. An officer's revocation takes two: ``storage/revocations.py``.

        Raises:
            Rejected: NOT_FOUND when there is nothing of that name.
        """

        def work(session: Session) -> int:
            require_issued(session, customer=customer, credential_id=None)
            changed = revoke_in(session, customer=customer, credential_id=None, cause=act.why.code)
            if changed:
                record(session, act, changed)
            return changed

        return self._database.write(work)

    def begin_track(self, track: Track, act: Act | None = None) -> int:
        """Remember a track and suspend what it touches; how many copies changed. Again is safe.

        The act is recorded where the track was not in force before.
        """
        return self._database.write(lambda session: begin_in(session, track, act))

    def end_tracks(
        self, customer: str, now: datetime, *, act: Act | None = None, case_id: str = "", kind: str = "",
        always: bool = False,
    ) -> int:  # fmt: skip
        """End a customer's tracks of one case or one kind; how many copies are valid again.

        The act is recorded where a track was in force before, or ``always``.
        """
        chosen = (col(TrackRow.customer) == customer) & (col(TrackRow.ended_at) == 0)
        if case_id:
            chosen &= col(TrackRow.case_id) == case_id
        if kind:
            chosen &= col(TrackRow.kind) == kind

        def work(session: Session) -> int:
            ended = session.exec(select(TrackRow.case_id).where(chosen)).all()
            session.execute(update(TrackRow).where(chosen).values(ended_at=to_epoch(now)))
            changed = settle_in(session, customer)
            if act is not None and (ended or always):
                record(session, act, changed)
            return changed

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


def begin_in(session: Session, track: Track, act: Act | None) -> int:
    """Begin a track within the caller's transaction; as ``begin_track``."""
    row = session.get(TrackRow, (track.case_id, track.customer))
    new = row is None or row.ended_at != 0
    if row is None:
        row = TrackRow(case_id=track.case_id, customer=track.customer, kind=track.kind, since=0)
        session.add(row)
    if new:
        # One that begins again is in force since now, not since the first time.
        row.since = to_epoch(track.since)
    row.kind, row.ended_at = track.kind, 0
    session.flush()
    changed = settle_in(session, track.customer)
    if act is not None and new:
        record(session, act, changed)
    return changed


def require_issued(session: Session, *, customer: str | None, credential_id: str | None) -> None:
    """Refuse a name under which nothing was issued.

    Raises:
        Rejected: NOT_FOUND.
    """
    if session.exec(select(CredentialRow.id).where(_chosen(customer, credential_id))).first() is None:
        raise Rejected(Reason.NOT_FOUND, "expected a credential or customer that was issued something")


def revoke_in(session: Session, *, customer: str | None, credential_id: str | None, cause: str) -> int:
    """Revoke one copy or all of a customer's within the caller's transaction; how many were not revoked before."""
    live = session.exec(
        select(CredentialRow.id).where(
            _chosen(customer, credential_id), col(CredentialRow.status) != StatusValue.REVOKED
        )
    ).all()
    session.execute(
        update(CredentialRow)
        .where(col(CredentialRow.id).in_(live))
        .values(status=int(StatusValue.REVOKED), status_cause=cause)
    )
    return len(live)


def _chosen(customer: str | None, credential_id: str | None) -> ColumnElement[bool]:
    if credential_id is not None:
        return col(CredentialRow.id) == credential_id
    return col(CredentialRow.customer) == customer


def _tracked(session: Session, customer: str) -> bool:
    live = select(TrackRow.case_id).where(TrackRow.customer == customer, TrackRow.ended_at == 0)
    return session.exec(live).first() is not None


def settle_in(session: Session, customer: str) -> int:
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
