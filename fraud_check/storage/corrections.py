"""Corrections as rows: which transfers their sender took back. The transfers themselves stay as they were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import CorrectionRow, TakenBackRow, TransferRow
from fraud_check.storage.writes import Write
from passport.errors import Reason, Rejected
from service.database import Database

_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction before it is written; ``signed`` is the sender's token over its bytes."""

    sender: str
    id: str
    content_hash: str
    signed: str
    transfers: tuple[str, ...]
    received_at: datetime


def correction_content(database: Database, sender: str, id_: str) -> str | None:
    """The content hash of a correction that is here already."""
    with database.read() as session:
        known = session.get(CorrectionRow, (sender, id_))
        return None if known is None else known.content_hash


def writes_correction(correction: Correction) -> Write:
    """Keep a correction; writing raises NOT_FOUND or CONFLICT unless each transfer is the sender's and still counts."""

    def write(session: Session) -> None:
        session.add(
            CorrectionRow(
                sender=correction.sender,
                id=correction.id,
                content_hash=correction.content_hash,
                signed=correction.signed,
                recorded_at_us=microseconds(correction.received_at),
            )
        )
        for piece in _pieces(correction.transfers):
            for seq in _numbers(session, correction.sender, piece):
                if session.get(TakenBackRow, seq) is not None:
                    raise Rejected(Reason.CONFLICT, "expected transfers that were not taken back before")
                session.add(TakenBackRow(seq=seq, sender=correction.sender, correction=correction.id))

    return write


def taken_back(database: Database) -> frozenset[int]:
    """The numbers of all transfers that count no more."""
    with database.read() as session:
        return frozenset(session.exec(select(TakenBackRow.seq)).all())


def _numbers(session: Session, sender: str, ids: Sequence[str]) -> list[int]:
    found = session.exec(
        select(TransferRow.seq).where(TransferRow.sender == sender, col(TransferRow.id).in_(ids))
    ).all()
    if len(found) != len(ids):
        raise Rejected(Reason.NOT_FOUND, "expected transfers that this bank sent")
    return list(found)


def _pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), _PIECE):
        yield ids[at : at + _PIECE]
