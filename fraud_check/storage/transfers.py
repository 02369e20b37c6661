"""The append-only transfer log, and its batches. Numbers begin at 0 and have no gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from fraud_check.ports import DatedTransfer
from fraud_check.storage.corrections import taken_back
from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import BatchRow, TransferRow
from fraud_check.storage.writes import Write
from passport.errors import Reason, Rejected
from passport.fraud import Token
from service import faults
from service.database import Database

_PIECE: Final = 500
_LOAD_ROWS: Final = 50_000
_LOAD: Final = text(
    "SELECT seq, sender, src, dst, at_ms, amount_minor, channel FROM hub_transfer"
    " WHERE seq > :after ORDER BY seq LIMIT :limit"
)
_CONTENT: Final = text("SELECT content_hash FROM hub_batch WHERE sender = :sender AND id = :id")


@dataclass(frozen=True, slots=True)
class SentTransfer:
    """A transfer of the log with who sent it; one that was taken back keeps its number and carries nothing."""

    sender: str
    transfer: DatedTransfer
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch before it is written; ``signed`` is the sender's token over its bytes."""

    sender: str
    id: str
    content_hash: str
    signed: str
    ids: tuple[str, ...]
    transfers: tuple[DatedTransfer, ...]
    received_at: datetime


def batch_content(database: Database, sender: str, id_: str) -> str | None:
    """The content hash of a batch that is here already."""
    with database.read() as session:
        return session.connection().execute(_CONTENT, {"sender": sender, "id": id_}).scalar()


def writes_batch(batch: Batch) -> Write:
    """Keep a batch; writing raises CONFLICT if the sender sent one of its transfers before."""

    def write(session: Session) -> None:
        _refuse_known(session, batch.sender, batch.ids)
        session.add(
            BatchRow(
                sender=batch.sender,
                id=batch.id,
                content_hash=batch.content_hash,
                signed=batch.signed,
                first_seq=batch.transfers[0].seq,
                count=len(batch.transfers),
                recorded_at_us=microseconds(batch.received_at),
            )
        )
        session.flush()
        for at in range(0, len(batch.ids), _PIECE):
            session.connection().execute(insert(TransferRow), _rows(batch, at))
            faults.hit("transfers.mid_batch")

    return write


def all_transfers(database: Database) -> Iterator[list[SentTransfer]]:
    """The whole log, in order, in large pieces."""
    after, gone = -1, taken_back(database)
    while True:
        with database.read() as session:
            rows = session.connection().execute(_LOAD, {"after": after, "limit": _LOAD_ROWS})
            piece = [
                SentTransfer(row[1], DatedTransfer(row[0], row[2], row[3], row[4], row[5], row[6]))
                if row[0] not in gone
                else SentTransfer(row[1], emptied(row[0], row[2], row[4]), counts=False)
                for row in rows
            ]
        if not piece:
            return
        yield piece
        after = piece[-1].transfer.seq


def emptied(seq: int, src: Token, at_ms: int) -> DatedTransfer:
    """What stands for a transfer that was taken back: nothing, from its account to itself, so that no number moves."""
    return DatedTransfer(seq, src, src, at_ms, 0, 0)


def ids_sent_by(database: Database, sender: str, numbers: Sequence[int]) -> tuple[str, ...]:
    """The sender's own ids of those among the numbered transfers that it sent, in the log's order."""
    with database.read() as session:
        return tuple(
            session.exec(
                select(TransferRow.id)
                .where(col(TransferRow.seq).in_(numbers), TransferRow.sender == sender)
                .order_by(col(TransferRow.seq))
            ).all()
        )


def _rows(batch: Batch, at: int) -> list[dict[str, str | int]]:
    piece = slice(at, at + _PIECE)
    return [
        {
            "seq": one.seq,
            "sender": batch.sender,
            "id": id_,
            "src": one.src,
            "dst": one.dst,
            "at_ms": one.at_ms,
            "amount_minor": one.amount_minor,
            "channel": one.channel,
        }
        for id_, one in zip(batch.ids[piece], batch.transfers[piece], strict=True)
    ]


def _refuse_known(session: Session, sender: str, ids: Sequence[str]) -> None:
    for at in range(0, len(ids), _PIECE):
        known = session.exec(
            select(TransferRow.id)
            .where(TransferRow.sender == sender, col(TransferRow.id).in_(ids[at : at + _PIECE]))
            .limit(1)
        ).first()
        if known is not None:
            raise Rejected(Reason.CONFLICT, "expected transfers that no earlier batch of this bank has")
