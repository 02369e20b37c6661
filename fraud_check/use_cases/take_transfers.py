"""Take a batch of transfers: whole or not at all, once, and only out of the sender's own accounts (threat T36)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from fraud_check.callers import KnownCaller
from fraud_check.flow import milliseconds
from fraud_check.hub import Hub
from fraud_check.ports import DatedTransfer
from fraud_check.storage.transfers import Batch, batch_content, writes_batch
from fraud_check.use_cases.content import content_hash
from fraud_check.use_cases.link_accounts import count_own, require_own
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import TransferBatch
from passport.fraud.requests import Acknowledged
from passport.registry import Role
from service import faults

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)


def take_transfers(hub: Hub, caller: KnownCaller, batch: TransferBatch) -> Acknowledged:
    """Make the batch durable, then part of the graph. The caller's token, which signs its hash, is kept beside it.

    Raises:
        NotYours: not a member, or a transfer leaves another bank's account. Malformed: an id comes twice in it, or a time is
            none that a transfer can have.
        Rejected: CONFLICT, the batch's id was used otherwise, or one of its transfers is already here; LIMIT_EXCEEDED, the
            graph cannot add up so much. Unavailable: the batch is durable or not; sending it again tells.
    """
    caller.require(Role.MEMBER)
    ids = [transfer.id for transfer in batch.transfers]
    if len(set(ids)) != len(ids):
        raise Malformed("expected each transfer's id once in a batch")
    _require_likely_times(batch, hub.now())
    content = content_hash(batch)
    with hub.ingest:
        # What is acknowledged is in the graph, an earlier batch's second sending too.
        hub.catch_up()
        if _already(hub, caller, batch, content):
            return Acknowledged(id=batch.batch, again=True)
        require_own(hub, caller, {transfer.src for transfer in batch.transfers})
        now, first = hub.now(), hub.next_transfer
        dated = [
            DatedTransfer(first + offset, one.src, one.dst, one.at_ms, one.amount_minor, one.channel)
            for offset, one in enumerate(batch.transfers)
        ]
        hub.flow.require_room(dated)
        kept = Batch(caller.name, batch.batch, content, caller.token, tuple(ids), tuple(dated), now)
        hub.database.write(writes_batch(kept))
        faults.hit("transfers.after_commit")
        hub.remember_transfers(dated, caller.name)
    own = count_own(hub, caller, (transfer.src for transfer in batch.transfers))
    return Acknowledged(id=batch.batch, accounts=own.accounts, known=own.known)


def _already(hub: Hub, caller: KnownCaller, batch: TransferBatch, content: str) -> bool:
    known = batch_content(hub.database, caller.name, batch.batch)
    if known not in {None, content}:
        raise Rejected(Reason.CONFLICT, "expected the same batch under its id")
    return known is not None


def _require_likely_times(batch: TransferBatch, now: datetime) -> None:
    """Seconds sent as milliseconds lie in January 1970, where no rule looks: the bank would hear of nothing."""
    earliest, latest = milliseconds(_EARLIEST), milliseconds(now + _AHEAD)
    if any(not earliest <= one.at_ms <= latest for one in batch.transfers):
        raise Malformed("expected at_ms in epoch milliseconds, from the year 2000 to a day ahead of now")
