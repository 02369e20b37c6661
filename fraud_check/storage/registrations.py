"""Registrations of handles, by issuer and id."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import HandleRow, RegistrationRow
from fraud_check.storage.writes import Write
from passport.errors import Reason, Rejected
from passport.fraud import HandleRegistration
from passport.strict_json import dumps
from service.database import Database


def registration_content(database: Database, issuer: str, id_: str) -> str | None:
    """The content hash of a registration that is here already."""
    with database.read() as session:
        known = session.get(RegistrationRow, (issuer, id_))
        return None if known is None else known.content_hash


def writes_registration(asked: HandleRegistration, *, issuer: str, content_hash: str, at: datetime) -> Write:
    """Keep a registration and its handles; writing raises CONFLICT if one of them was ever registered before."""

    def write(session: Session) -> None:
        taken = session.exec(select(HandleRow).where(col(HandleRow.handle).in_(asked.handles))).first()
        if taken is not None:
            raise Rejected(Reason.CONFLICT, "expected handles that were never registered before")
        session.add(
            RegistrationRow(
                issuer=issuer,
                id=asked.registration,
                content_hash=content_hash,
                accounts=dumps([link.account for link in asked.accounts]).decode(),
                expires_at=asked.expires_at,
                recorded_at_us=microseconds(at),
            )
        )
        for handle in asked.handles:
            session.add(HandleRow(handle=handle, issuer=issuer, registration=asked.registration))

    return write
