"""Alerts that were about nobody here when they came, until the bank has the account or for good.

What is stored is what the hub tells every member: a token, which without the hub's key names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, delete, select

from issuer.ports import BankAlert
from issuer.storage.tables import KeptAlertRow
from passport.fraud import AlertKind
from service.database import Database


class KeptAlerts:
    """The store; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, alerts: Sequence[BankAlert]) -> None:
        """Keep them; one that is there already stays as it is."""

        def work(session: Session) -> None:
            for one in alerts:
                if session.get(KeptAlertRow, one.number) is None:
                    session.add(
                        KeptAlertRow(number=one.number, kind=one.kind, notice=one.notice, about=one.about)
                    )

        if alerts:
            self._database.write(work)

    def all(self) -> tuple[BankAlert, ...]:
        """What is kept, in the stream's order."""
        with self._database.read() as session:
            rows = session.exec(select(KeptAlertRow).order_by(col(KeptAlertRow.number))).all()
            return tuple(BankAlert(r.number, AlertKind(r.kind), r.notice, None, r.about) for r in rows)

    def forget(self, alerts: Sequence[BankAlert]) -> None:
        """Drop them: they have been applied."""
        numbers = [one.number for one in alerts]

        def work(session: Session) -> None:
            session.execute(delete(KeptAlertRow).where(col(KeptAlertRow.number).in_(numbers)))

        if numbers:
            self._database.write(work)
