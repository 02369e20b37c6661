"""Revocations that one officer asked for and another agrees to; each method is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from issuer.acts import Act, Caller
from issuer.offer import QUEUE_LIFETIME
from issuer.storage.acts import record
from issuer.storage.credentials import require_issued, revoke_in
from issuer.storage.tables import RevocationRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from service.database import Database
from service.reasons import Why


class RevocationState(StrEnum):
    """Where a request is in its life."""

    WAITING = "waiting"
    DONE = "done"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A request to revoke one copy, or all of a customer's."""

    id: str
    customer: str
    credential_id: str
    why: Why
    asked_by: Caller
    asked_at: datetime
    state: RevocationState
    settled_by: str = ""
    revoked: int = 0


class RevocationStore:
    """The requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, new: Revocation, act: Act) -> Revocation:
        """Keep a request; the same officer's same request again is the one that waits already.

        Raises:
            Rejected: NOT_FOUND, there is nothing of that name; CONFLICT, another officer asked for it before.
        """

        def work(session: Session) -> Revocation:
            require_issued(session, customer=new.customer or None, credential_id=new.credential_id or None)
            for waiting in map(_revocation, _waiting(session, new.asked_at)):
                if (waiting.customer, waiting.credential_id) == (new.customer, new.credential_id):
                    if waiting.asked_by.id == new.asked_by.id:
                        return waiting
                    raise Rejected(Reason.CONFLICT, f"it waits already: approve {waiting.id} if you agree")
            session.add(
                RevocationRow(
                    id=new.id,
                    customer=new.customer,
                    credential_id=new.credential_id,
                    reason=new.why.code,
                    note=new.why.note,
                    asked_by=new.asked_by.id,
                    asked_person=new.asked_by.person,
                    asked_at=to_epoch(new.asked_at),
                    state=RevocationState.WAITING,
                )
            )
            record(session, act)
            return new

        return self._database.write(work)

    def waiting(self, now: datetime) -> tuple[Revocation, ...]:
        """What waits for a second officer, oldest first."""
        with self._database.read() as session:
            return tuple(map(_revocation, _waiting(session, now)))

    def get(self, revocation_id: str) -> Revocation:
        """A request.

        Raises:
            Rejected: NOT_FOUND.
        """
        with self._database.read() as session:
            row = session.get(RevocationRow, revocation_id)
            if row is None:
                raise _none()
            return _revocation(row)

    def settle(self, revocation_id: str, act: Act, *, agreed: bool) -> Revocation:
        """Revoke, or decline to; again by the same officer is the same answer.

        Raises:
            Rejected: NOT_FOUND; CONFLICT, it was settled otherwise or waits no more; NOT_AUTHORISED, the same person
                asked for it.
        """
        wanted = RevocationState.DONE if agreed else RevocationState.DECLINED

        def work(session: Session) -> Revocation:
            row = session.get(RevocationRow, revocation_id, with_for_update=True)
            if row is None:
                raise _none()
            if row.state == wanted and row.settled_by == act.caller.id:
                return _revocation(row)
            if row.state != RevocationState.WAITING or _lapsed(row, act.at):
                raise Rejected(
                    Reason.CONFLICT, f"expected a request that waits, got one that is {row.state} or too old"
                )
            if agreed and act.caller.person == row.asked_person:
                raise Rejected(
                    Reason.NOT_AUTHORISED,
                    "you asked for this revocation yourself: another officer must agree",
                )
            if agreed:
                row.revoked = revoke_in(
                    session,
                    customer=row.customer or None,
                    credential_id=row.credential_id or None,
                    cause=row.reason,
                )
            row.state, row.settled_by, row.settled_at = wanted, act.caller.id, to_epoch(act.at)
            record(session, act, row.revoked)
            return _revocation(row)

        return self._database.write(work)


def _waiting(session: Session, now: datetime) -> list[RevocationRow]:
    rows = session.exec(
        select(RevocationRow)
        .where(RevocationRow.state == RevocationState.WAITING)
        .order_by(col(RevocationRow.asked_at))
    ).all()
    return [row for row in rows if not _lapsed(row, now)]


def _lapsed(row: RevocationRow, now: datetime) -> bool:
    return row.asked_at <= to_epoch(now - QUEUE_LIFETIME)


def _none() -> Rejected:
    return Rejected(Reason.NOT_FOUND, "expected a revocation that an officer asked for")


def _revocation(row: RevocationRow) -> Revocation:
    return Revocation(
        id=row.id,
        customer=row.customer,
        credential_id=row.credential_id,
        why=Why.recorded(row.reason, row.note),
        asked_by=Caller(row.asked_by, row.asked_person),
        asked_at=from_epoch(row.asked_at),
        state=RevocationState(row.state),
        settled_by=row.settled_by,
        revoked=row.revoked,
    )
