"""Notices as they were signed, by sender and id."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import NoticeRow
from fraud_check.storage.writes import Write
from service.database import Database


def notice_content(database: Database, signer: str, id_: str) -> str | None:
    """The content hash of a notice that is here already."""
    with database.read() as session:
        known = session.get(NoticeRow, (signer, id_))
        return None if known is None else known.content_hash


def writes_notice(*, signer: str, id_: str, content_hash: str, signed: str, at: datetime) -> Write:
    """Keep a notice."""

    def write(session: Session) -> None:
        session.add(
            NoticeRow(
                signer=signer,
                id=id_,
                content_hash=content_hash,
                signed=signed,
                recorded_at_us=microseconds(at),
            )
        )

    return write
