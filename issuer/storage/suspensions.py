"""The bank's own suspension of a customer, by an officer or by its system: begun once, ended once, and each time one act of the record.

Whoever asks for what is so already is told since when and by whom, and adds nothing to the record: an act that did
nothing would read as if it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from issuer.acts import BY_HUB, Act, ActKind
from issuer.offer import BY_OPERATOR
from issuer.storage.acts import record
from issuer.storage.credentials import OFFICER, Track, begin_in, settle_in
from issuer.storage.tables import ActRow, TrackRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from service.database import Database


@dataclass(frozen=True, slots=True)
class Suspension:
    """An officer's suspension after the call: ``again`` where it was in force before, and nothing was done."""

    changed: int
    again: bool
    since: datetime
    by: str


class SuspensionStore:
    """Suspending and reinstating; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def suspend(self, customer: str, act: Act) -> Suspension:
        """Suspend what proves accounts; where an officer has done so before, say since when and who."""

        def work(session: Session) -> Suspension:
            row = session.get(TrackRow, (OFFICER, customer))
            since = from_epoch(row.since) if row is not None and row.ended_at == 0 else None
            changed = begin_in(session, Track(OFFICER, customer, OFFICER, act.at), act)
            if since is None:
                return Suspension(changed, again=False, since=act.at, by=act.caller.id)
            by = _last(session, customer, ActKind.SUSPEND)
            if by is not None and by.caller == BY_OPERATOR != act.caller.id:
                # An officer makes the system's suspension their own: from now on the system does not end it.
                record(session, act, changed)
            return Suspension(changed, again=True, since=since, by="" if by is None else by.caller)

        return self._database.write(work)

    def reinstate(self, customer: str, act: Act) -> int:
        """End the officers' own suspension of a customer; how many copies are valid again.

        Raises:
            Rejected: CONFLICT, no such suspension is in force, or another track holds; NOT_AUTHORISED, the bank's
                system about an officer's.
        """

        def work(session: Session) -> int:
            live = session.exec(
                select(TrackRow).where(TrackRow.customer == customer, TrackRow.ended_at == 0)
            ).all()
            others = sorted({row.kind for row in live if row.kind != OFFICER})
            if others:
                raise Rejected(
                    Reason.CONFLICT, f"expected a customer on no other track, got one on: {', '.join(others)}"
                )
            if not live:
                raise Rejected(Reason.CONFLICT, _not_suspended(session, customer))
            begun = _last(session, customer, ActKind.SUSPEND)
            if act.caller.id == BY_OPERATOR and (begun is None or begun.caller != BY_OPERATOR):
                raise Rejected(
                    Reason.NOT_AUTHORISED, "expected an officer's token: an officer suspended this customer"
                )
            for row in live:
                row.ended_at = to_epoch(act.at)
            session.flush()
            changed = settle_in(session, customer)
            record(session, act, changed)
            return changed

        return self._database.write(work)


def _not_suspended(session: Session, customer: str) -> str:
    """In words; who looks for an answer that was lost finds who reinstated, and when."""
    before = _last(session, customer, ActKind.REINSTATE)
    when = (
        ""
        if before is None
        else f"; reinstated at {from_epoch(before.at):%Y-%m-%dT%H:%M:%SZ} by {before.caller}"
    )
    return f"the customer is not suspended by an officer of this bank, and nothing was done{when}"


def _last(session: Session, customer: str, kind: ActKind) -> ActRow | None:
    """The newest act of an officer of that kind."""
    query = (
        select(ActRow)
        .where(ActRow.customer == customer, ActRow.kind == kind, ActRow.caller != BY_HUB)
        .order_by(col(ActRow.number).desc())
        .limit(1)
    )
    return session.exec(query).first()
