"""Take a batch of transfers: whole or not at all, once, and only out of the sender's own accounts (threat T36)."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import insert
from sqlmodel import Session, col, select

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.ports import DatedTransfer
from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import BatchRow, TransferRow
from fraud_check.use_cases.link_accounts import require_own
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import TransferBatch
from passport.fraud.requests import Acknowledged
from passport.registry import Role
from passport.strict_json import canonical
from service import faults

_PIECE: Final = 500


def take_transfers(hub: Hub, caller: KnownCaller, batch: TransferBatch) -> Acknowledged:
    """Make the batch durable, then part of the graph. The caller's token, which signs its hash, is kept beside it.

    Raises:
        NotYours: not a member, or a transfer leaves another bank's account. Malformed: an id comes twice in it.
        Rejected: CONFLICT, the batch's id was used otherwise, or one of its transfers is already here.
    """
    caller.require(Role.MEMBER)
    ids = [transfer.id for transfer in batch.transfers]
    if len(set(ids)) != len(ids):
        raise Malformed("expected each transfer's id once in a batch")
    content_hash = hashlib.sha256(canonical(batch.to_object())).hexdigest()
    with hub.ingest:
        if _already(hub, caller, batch, content_hash):
            return Acknowledged(id=batch.batch, again=True)
        require_own(hub, caller, {transfer.src for transfer in batch.transfers})
        now, first = hub.now(), hub.next_transfer
        dated = [
            DatedTransfer(first + offset, one.src, one.dst, one.at_ms, one.amount_minor, one.channel)
            for offset, one in enumerate(batch.transfers)
        ]

        def write(session: Session) -> None:
            _refuse_known(session, caller.name, ids)
            session.add(
                BatchRow(
                    sender=caller.name,
                    id=batch.batch,
                    content_hash=content_hash,
                    signed=caller.token,
                    first_seq=first,
                    count=len(dated),
                    recorded_at_us=microseconds(now),
                )
            )
            session.flush()
            for at in range(0, len(dated), _PIECE):
                session.execute(insert(TransferRow), _rows(caller.name, ids, dated, at))
                faults.hit("transfers.mid_batch")

        hub.database.write(write)
        faults.hit("transfers.after_commit")
        hub.remember_transfers(dated, caller.name)
    return Acknowledged(id=batch.batch)


def _rows(sender: str, ids: list[str], dated: list[DatedTransfer], at: int) -> list[dict[str, str | int]]:
    return [
        {
            "seq": one.seq,
            "sender": sender,
            "id": id_,
            "src": one.src,
            "dst": one.dst,
            "at_ms": one.at_ms,
            "amount_minor": one.amount_minor,
            "channel": one.channel,
        }
        for id_, one in zip(ids[at : at + _PIECE], dated[at : at + _PIECE], strict=True)
    ]


def _refuse_known(session: Session, sender: str, ids: list[str]) -> None:
    for at in range(0, len(ids), _PIECE):
        known = session.exec(
            select(TransferRow.id)
            .where(TransferRow.sender == sender, col(TransferRow.id).in_(ids[at : at + _PIECE]))
            .limit(1)
        ).first()
        if known is not None:
            raise Rejected(Reason.CONFLICT, "expected transfers that no earlier batch of this bank has")


def _already(hub: Hub, caller: KnownCaller, batch: TransferBatch, content_hash: str) -> bool:
    with hub.database.read() as session:
        known = session.get(BatchRow, (caller.name, batch.batch))
        if known is not None and known.content_hash != content_hash:
            raise Rejected(Reason.CONFLICT, "expected the same batch under its id")
        return known is not None
