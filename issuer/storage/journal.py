"""The journal of issuing: ``signing`` is durable before a key is touched, ``issued`` before anybody is answered.

Begin: one transaction spends the nonce, takes status indexes and writes the copies without their text. Finish: one
transaction stores the texts and puts the leaves into the anchors' outbox. Whatever is killed in between is rebuilt
from the seeds (threats.md T40, F02 to F04).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from issuer.issuing import (
    AlreadyIssued,
    Begin,
    Copy,
    CustomerOnTrack,
    Issuing,
    IssuingState,
    SignedCopy,
    Spending,
    end_of,
)
from issuer.offer import OFFER_LIFETIME, QUEUE_LIFETIME, SAME_BYTES_WINDOW, Configuration, OfferState, Subject
from issuer.storage.spending import spend
from issuer.storage.tables import CredentialRow, IssuingRow, LeafRow, OfferRow, SessionRow, SpentRow, TrackRow
from passport.clock import Entropy, from_epoch, to_epoch
from service.database import Database

LIST_SIZE = 1 << 20
_LIST_NUMBER = 1


class Journal:
    """The journal."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    def same_request(
        self, offer_id: str, configuration: Configuration, proofs_digest: bytes, now: datetime
    ) -> Issuing | None:
        """The set that these very proofs got, for ten minutes and while its bytes are kept."""
        with self._database.read() as session:
            row = _find(session, offer_id, configuration)
            if row is None or row.proofs_digest != proofs_digest or not _kept(row, now):
                return None
            return _issuing(session, row)

    def begin(self, begin: Begin) -> Issuing:
        """Write a set before it is signed, or return the one that the same keys began.

        Raises:
            NonceSpent, AlreadyIssued, CustomerOnTrack: nothing was written, and the nonce is as before.
        """

        def work(session: Session) -> Issuing:
            spend(session, begin.nonce)
            row = _find(session, begin.offer_id, begin.configuration)
            if row is not None:
                if row.keys_digest != begin.keys_digest or not _kept(row, begin.now):
                    raise AlreadyIssued
                return _issuing(session, row)
            _refuse_tracked(session, begin.customer)
            offer = session.get_one(OfferRow, begin.offer_id)
            row = IssuingRow(
                id=begin.issuing_id,
                offer_id=begin.offer_id,
                configuration=begin.configuration,
                state=IssuingState.SIGNING if begin.transaction_id_hash is None else IssuingState.DEFERRED,
                keys_digest=begin.keys_digest,
                proofs_digest=begin.proofs_digest,
                notification_id=begin.notification_id,
                transaction_id_hash=begin.transaction_id_hash,
                subject=offer.subject,
                started_at=to_epoch(begin.now),
                expires_at=to_epoch(begin.expires_at),
            )
            session.add(row)
            session.flush()
            self._add_copies(session, begin, _handles_of(offer, begin.configuration))
            session.flush()
            return _issuing(session, row)

        return self._database.write(work)

    def redate(self, issuing_id: str, now: datetime) -> Issuing:
        """Date the copies of an interrupted set anew: nobody has seen them, and their anchor is due after ``iat``."""

        def work(session: Session) -> Issuing:
            row = session.get_one(IssuingRow, issuing_id, with_for_update=True)
            if row.state == IssuingState.SIGNING:
                session.execute(
                    update(CredentialRow)
                    .where(col(CredentialRow.issuing_id) == issuing_id)
                    .values(issued_at=to_epoch(now), expires_at=to_epoch(end_of(now)))
                )
            return _issuing(session, row)

        return self._database.write(work)

    def finish(self, issuing_id: str, signed: Sequence[SignedCopy], now: datetime) -> Issuing:
        """Store the texts, once; whoever comes second gets the first one's."""

        def work(session: Session) -> Issuing:
            row = session.get_one(IssuingRow, issuing_id, with_for_update=True)
            if row.state == IssuingState.SIGNING:
                for one in signed:
                    copy = session.get_one(CredentialRow, one.id)
                    copy.text, copy.leaf = one.text, one.leaf
                    session.add(
                        LeafRow(
                            leaf=one.leaf,
                            configuration=Configuration(row.configuration).anchored_as,
                            created_at=to_epoch(now),
                        )
                    )
                row.state = IssuingState.ISSUED
                session.flush()
            return _issuing(session, row)

        return self._database.write(work)

    def approve_deferred(self, issuing_id: str, now: datetime) -> Issuing:
        """Let a deferred set be signed, dated now.

        Raises:
            CustomerOnTrack: not any more.
        """

        def work(session: Session) -> Issuing:
            row = session.get_one(IssuingRow, issuing_id, with_for_update=True)
            if row.state == IssuingState.DEFERRED:
                copies = session.exec(
                    select(CredentialRow).where(CredentialRow.issuing_id == issuing_id)
                ).all()
                _refuse_tracked(session, copies[0].customer)
                row.state = IssuingState.SIGNING
                row.started_at = to_epoch(now)
                for copy in copies:
                    copy.issued_at, copy.expires_at = to_epoch(now), to_epoch(end_of(now))
                session.flush()
            return _issuing(session, row)

        return self._database.write(work)

    def by_transaction(self, offer_id: str, transaction_id_hash: bytes) -> Issuing | None:
        """The deferred set of an offer, by its transaction id."""
        with self._database.read() as session:
            row = session.exec(
                select(IssuingRow).where(
                    IssuingRow.offer_id == offer_id, IssuingRow.transaction_id_hash == transaction_id_hash
                )
            ).first()
            return None if row is None else _issuing(session, row)

    def interrupted(self) -> tuple[Issuing, ...]:
        """Sets that were being signed when the process ended."""
        with self._database.read() as session:
            rows = session.exec(select(IssuingRow).where(IssuingRow.state == IssuingState.SIGNING)).all()
            return tuple(_issuing(session, row) for row in rows)

    def spend(self, spending: Spending) -> None:
        """Make a mark that may be made once.

        Raises:
            NonceSpent: it was made before.
        """
        self._database.write(lambda session: spend(session, spending))

    def knows(self, offer_id: str, notification_id: str) -> bool:
        """Whether the offer has a set under this notification id."""
        with self._database.read() as session:
            found = select(IssuingRow.id).where(
                IssuingRow.notification_id == notification_id, IssuingRow.offer_id == offer_id
            )
            return session.exec(found).first() is not None

    def deliver(self, offer_id: str, notification_id: str) -> bool:
        """Drop the bytes of a set that the holder says it keeps; False when the offer has no such set."""

        def work(session: Session) -> bool:
            row = session.exec(
                select(IssuingRow).where(
                    IssuingRow.notification_id == notification_id, IssuingRow.offer_id == offer_id
                )
            ).first()
            if row is None:
                return False
            if row.state == IssuingState.ISSUED:
                _drop(session, row)
            return True

        return self._database.write(work)

    def forget(self, now: datetime) -> int:
        """Drop what no retry may ask for any more; how many sets were emptied."""
        limit = to_epoch(now - SAME_BYTES_WINDOW)

        def work(session: Session) -> int:
            rows = session.exec(
                select(IssuingRow).where(
                    IssuingRow.state == IssuingState.ISSUED, col(IssuingRow.started_at) <= limit
                )
            ).all()
            for row in rows:
                _drop(session, row)
            _forget_offers(session, now)
            session.execute(delete(SpentRow).where(col(SpentRow.expires_at) <= to_epoch(now)))
            session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= to_epoch(now)))
            return len(rows)

        return self._database.write(work)

    def _add_copies(self, session: Session, begin: Begin, handles: Sequence[str]) -> None:
        for number, holder_key in enumerate(begin.holder_keys):
            session.add(
                CredentialRow(
                    id=self._entropy.token(16).hex(),
                    issuing_id=begin.issuing_id,
                    copy_number=number,
                    customer=begin.customer,
                    configuration=begin.configuration,
                    holder_key=holder_key,
                    list_number=_LIST_NUMBER,
                    list_index=self._free_index(session),
                    handle=handles[number] if number < len(handles) else "",
                    issued_at=to_epoch(begin.now),
                    expires_at=to_epoch(begin.expires_at),
                    seed=self._entropy.token(32),
                )
            )

    def _free_index(self, session: Session) -> int:
        """A random index that no copy has: an index in order would tell who was issued when (T23)."""
        while True:
            index = int.from_bytes(self._entropy.token(8)) % LIST_SIZE
            taken = select(CredentialRow.id).where(
                CredentialRow.list_number == _LIST_NUMBER, CredentialRow.list_index == index
            )
            if session.exec(taken).first() is None:
                return index


def _refuse_tracked(session: Session, customer: str) -> None:
    live = select(TrackRow.case_id).where(TrackRow.customer == customer, TrackRow.ended_at == 0)
    if session.exec(live).first() is not None:
        raise CustomerOnTrack


def _find(session: Session, offer_id: str, configuration: Configuration) -> IssuingRow | None:
    return session.exec(
        select(IssuingRow).where(IssuingRow.offer_id == offer_id, IssuingRow.configuration == configuration)
    ).first()


def _kept(row: IssuingRow, now: datetime) -> bool:
    early = to_epoch(now) < row.started_at + SAME_BYTES_WINDOW.seconds
    return row.state == IssuingState.DEFERRED or (row.state != IssuingState.DELIVERED and early)


def _drop(session: Session, row: IssuingRow) -> None:
    """Empty what holds personal data and what could rebuild it; leaf, index and handle stay."""
    row.state = IssuingState.DELIVERED
    row.subject = "{}"
    session.execute(
        update(CredentialRow).where(col(CredentialRow.issuing_id) == row.id).values(text=None, seed=None)
    )
    waiting = select(IssuingRow.id).where(
        IssuingRow.offer_id == row.offer_id, IssuingRow.state != IssuingState.DELIVERED
    )
    offer = session.get_one(OfferRow, row.offer_id)
    count = len(session.exec(select(IssuingRow.id).where(IssuingRow.offer_id == row.offer_id)).all())
    # While the hub has not heard of the handles, the accounts that they stand for are still needed.
    if (
        offer.handles_registered
        and session.exec(waiting).first() is None
        and count == len(json.loads(offer.configurations))
    ):
        offer.subject, offer.token_client = "{}", None


def _forget_offers(session: Session, now: datetime) -> None:
    """Empty offers that nobody can redeem any more; one that waits for an officer lapses after a week."""
    lapsed = col(OfferRow.state).in_([OfferState.QUEUED, OfferState.APPROVED]) & (
        col(OfferRow.created_at) <= to_epoch(now - QUEUE_LIFETIME)
    )
    session.execute(update(OfferRow).where(lapsed).values(state=OfferState.DECLINED))
    ended = col(OfferRow.state).in_([OfferState.DEAD, OfferState.DECLINED])
    missed = (col(OfferRow.state) == OfferState.OFFERED) & (col(OfferRow.code_expires_at) <= to_epoch(now))
    used = (
        (col(OfferRow.state) == OfferState.REDEEMED)
        & col(OfferRow.deferred).is_(other=False)
        & (col(OfferRow.token_expires_at) <= to_epoch(now - SAME_BYTES_WINDOW))
    )
    old = col(OfferRow.created_at) <= to_epoch(now - OFFER_LIFETIME)
    over = (ended | missed | used | old) & col(OfferRow.handles_registered) & (col(OfferRow.subject) != "{}")
    session.execute(update(OfferRow).where(over).values(subject="{}", token_client=None))


def _handles_of(offer: OfferRow, configuration: Configuration) -> list[str]:
    """The part of the offer's handles that belongs to one configuration: ``copies`` for each that proves accounts."""
    proving = [one for one in json.loads(offer.configurations) if Configuration(one).proves_accounts]
    handles: list[str] = json.loads(offer.handles)
    if configuration not in proving:
        return []
    start = proving.index(configuration) * offer.copies
    return handles[start : start + offer.copies]


def _issuing(session: Session, row: IssuingRow) -> Issuing:
    copies = session.exec(
        select(CredentialRow)
        .where(CredentialRow.issuing_id == row.id)
        .order_by(col(CredentialRow.copy_number))
    ).all()
    return Issuing(
        id=row.id,
        offer_id=row.offer_id,
        configuration=Configuration(row.configuration),
        state=IssuingState(row.state),
        notification_id=row.notification_id,
        subject=None if row.subject == "{}" else Subject.from_text(row.subject),
        copies=tuple(
            Copy(
                id=one.id,
                holder_key=one.holder_key,
                list_number=one.list_number,
                list_index=one.list_index,
                handle=one.handle,
                issued_at=from_epoch(one.issued_at),
                expires_at=from_epoch(one.expires_at),
                seed=one.seed or b"",
                text=one.text or "",
            )
            for one in copies
        ),
    )
