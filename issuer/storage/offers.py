"""Offers in the database; each method is one transaction."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from sqlmodel import Session, col, select

from issuer.acts import Act
from issuer.customer import Statement
from issuer.issuing import Spending
from issuer.offer import (
    CODE_LIFETIME,
    MAX_WRONG_TX_CODES,
    SAME_TOKEN_WINDOW,
    TOKEN_LIFETIME,
    Configuration,
    NewOffer,
    Offer,
    OfferState,
    QueueReason,
    Subject,
)
from issuer.storage.acts import record
from issuer.storage.spending import spend
from issuer.storage.tables import OfferRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from service.database import Database


class Redemption(Enum):
    """How an attempt to redeem a code ended."""

    DONE = auto()
    UNKNOWN = auto()
    EXPIRED = auto()
    WRONG_TX_CODE = auto()
    USED = auto()
    NOT_OFFERED = auto()
    """Everything is right, but the authorization details name what the offer has not; nothing was spent."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to redeem: hashes only. ``tx_code_hash`` is computed for the offer once its id is known."""

    code_hash: bytes
    tx_code_hash: Callable[[str], bytes]
    token_hash: bytes
    token_key: bytes | None
    client_id: str | None = None
    details: tuple[str, ...] | None = None
    """The configurations that the authorization details name, if there were any."""
    proof: Spending | None = None
    """The mark of the DPoP proof that came along; it is made only where the code was good."""


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What an access token opens."""

    offer_id: str
    customer: str
    configurations: tuple[Configuration, ...]
    copies: int
    token_key: bytes | None
    expires_at: datetime
    deferred: bool
    approved: bool
    client_id: str | None = None
    details: tuple[Configuration, ...] | None = None
    """Where the token request named configurations: those, each asked for by its credential identifier."""


class OfferStore:
    """Offers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewOffer, act: Act) -> None:
        """Store a new offer, and who made it."""
        offer = new.offer
        row = OfferRow(
            id=offer.id,
            customer=offer.customer,
            configurations=json.dumps(offer.configurations),
            state=offer.state,
            subject=new.subject.to_text(),
            statement_digest=offer.statement_digest,
            fraud_verdict=offer.fraud_verdict,
            copies=offer.copies,
            handles=json.dumps(new.handles),
            handles_registered=new.handles_registered,
            requested_by=offer.requested_by,
            queue_reasons=json.dumps(offer.queue_reasons),
            approvals=json.dumps(offer.approvals),
            approvals_needed=offer.approvals_needed,
            deferred=offer.deferred,
            created_at=to_epoch(offer.created_at),
        )

        def work(session: Session) -> None:
            session.add(row.model_copy())
            record(session, act)

        self._database.write(work)

    def get(self, offer_id: str) -> Offer:
        """An offer.

        Raises:
            Rejected: NOT_FOUND.
        """
        with self._database.read() as session:
            row = session.get(OfferRow, offer_id)
            if row is None:
                raise _no_offer()
            return _offer(row)

    def statement_of(self, offer_id: str) -> Statement | None:
        """The figures that the offer would state, while they are kept."""
        with self._database.read() as session:
            row = session.get(OfferRow, offer_id)
            if row is None or row.subject == "{}":
                return None
            return Subject.from_text(row.subject).statement

    def queued(self) -> tuple[Offer, ...]:
        """Offers that wait for an officer, oldest first."""
        waiting = (col(OfferRow.state) == OfferState.QUEUED) | col(OfferRow.deferred)
        with self._database.read() as session:
            rows = session.exec(select(OfferRow).where(waiting).order_by(col(OfferRow.created_at))).all()
            return tuple(offer for offer in map(_offer, rows) if offer.waits)

    def unregistered(self) -> tuple[NewOffer, ...]:
        """Offers whose handles the hub could not be told yet."""
        query = select(OfferRow).where(
            col(OfferRow.handles_registered).is_(other=False), OfferRow.subject != "{}"
        )
        with self._database.read() as session:
            return tuple(
                NewOffer(_offer(row), Subject.from_text(row.subject), tuple(json.loads(row.handles)))
                for row in session.exec(query).all()
            )

    def mark_registered(self, offer_id: str) -> None:
        """The hub knows the offer's handles now."""

        def work(session: Session) -> None:
            _row(session, offer_id).handles_registered = True

        self._database.write(work)

    def change(self, offer_id: str, decide: Callable[[Offer], Offer], act: Act) -> Offer:
        """Replace state and approvals by what ``decide`` makes of the offer as it is now, and record the act.

        The act's customer is the offer's.

        Raises:
            Rejected: NOT_FOUND, or whatever ``decide`` raises.
        """

        def work(session: Session) -> Offer:
            row = _row(session, offer_id)
            after = decide(_offer(row))
            row.state = after.state
            row.approvals = json.dumps(after.approvals)
            record(session, replace(act, customer=after.customer, about=after.id))
            return after

        return self._database.write(work)

    def release(self, offer_id: str, *, code_hash: bytes, tx_code_hash: bytes, now: datetime) -> None:
        """Give an approved offer its codes; once.

        Raises:
            Rejected: NOT_FOUND, or CONFLICT when it is not approved or was released before.
        """

        def work(session: Session) -> None:
            row = _row(session, offer_id)
            if row.state != OfferState.APPROVED or row.code_hash is not None:
                raise Rejected(Reason.CONFLICT, f"expected an approved offer, got one that is {row.state}")
            row.state = OfferState.OFFERED
            row.code_hash, row.tx_code_hash = code_hash, tx_code_hash
            row.code_expires_at = to_epoch(now + CODE_LIFETIME)

        self._database.write(work)

    def redeem(self, attempt: Attempt, now: datetime) -> Redemption:
        """Spend a code for a token, or count a wrong try; whatever happens is durable before this returns.

        Raises:
            NonceSpent: the code was good, and its proof was used before; nothing was spent.
        """

        def work(session: Session) -> Redemption:
            row = session.exec(
                select(OfferRow).where(OfferRow.code_hash == attempt.code_hash).with_for_update()
            ).first()
            # The hash is computed and compared in every case, so that time does not tell which code exists.
            expected = row.tx_code_hash if row is not None and row.tx_code_hash is not None else b""
            right = hmac.compare_digest(attempt.tx_code_hash(row.id if row else ""), expected)
            if row is None:
                return Redemption.UNKNOWN
            if row.state == OfferState.REDEEMED:
                return _spent(session, attempt, _again(row, attempt, now, right=right))
            if row.state != OfferState.OFFERED:
                return Redemption.USED
            return _spent(session, attempt, _first(row, attempt, now, right=right))

        return self._database.write(work)

    def token(self, token_hash: bytes) -> TokenGrant | None:
        """What a token opens, be it expired or not; None for a stranger's."""
        with self._database.read() as session:
            row = session.exec(select(OfferRow).where(OfferRow.token_hash == token_hash)).first()
            if row is None:
                return None
            offer = _offer(row)
            return TokenGrant(
                offer_id=offer.id,
                customer=offer.customer,
                configurations=offer.configurations,
                copies=offer.copies,
                token_key=row.token_key,
                expires_at=from_epoch(row.token_expires_at),
                deferred=offer.deferred,
                approved=offer.approved,
                client_id=row.token_client,
                details=None
                if row.token_details is None
                else tuple(Configuration(one) for one in json.loads(row.token_details)),
            )


def _details_text(attempt: Attempt) -> str | None:
    return None if attempt.details is None else json.dumps(attempt.details)


def _spent(session: Session, attempt: Attempt, outcome: Redemption) -> Redemption:
    """Make the proof's mark where the code was good: strangers, who have no code, fill no table."""
    if outcome is Redemption.DONE and attempt.proof is not None:
        spend(session, attempt.proof)
    return outcome


def _first(row: OfferRow, attempt: Attempt, now: datetime, *, right: bool) -> Redemption:
    if to_epoch(now) >= row.code_expires_at:
        return Redemption.EXPIRED
    if not right:
        row.wrong_tries += 1
        if row.wrong_tries >= MAX_WRONG_TX_CODES:
            row.state = OfferState.DEAD
        return Redemption.WRONG_TX_CODE
    # Only who has both codes hears what the offer has not, and nothing is spent for it.
    if not set(attempt.details or ()) <= set(json.loads(row.configurations)):
        return Redemption.NOT_OFFERED
    row.state = OfferState.REDEEMED
    row.redeemed_at = to_epoch(now)
    row.token_hash, row.token_key = attempt.token_hash, attempt.token_key
    row.token_client, row.token_details = attempt.client_id, _details_text(attempt)
    row.token_expires_at = to_epoch(now + TOKEN_LIFETIME)
    return Redemption.DONE


def _again(row: OfferRow, attempt: Attempt, now: datetime, *, right: bool) -> Redemption:
    """The answer may have been lost (threats.md F01): the same DPoP key gets the same token, for 60 seconds.

    It must be the same request: the token is for one client and for what it asked for.
    """
    same_key = attempt.token_key is not None and attempt.token_key == row.token_key
    same_key &= (attempt.client_id, _details_text(attempt)) == (row.token_client, row.token_details)
    early = to_epoch(now) < row.redeemed_at + SAME_TOKEN_WINDOW.seconds
    return Redemption.DONE if right and same_key and early else Redemption.USED


def _row(session: Session, offer_id: str) -> OfferRow:
    row = session.get(OfferRow, offer_id, with_for_update=True)
    if row is None:
        raise _no_offer()
    return row


def _no_offer() -> Rejected:
    return Rejected(Reason.NOT_FOUND, "expected an offer of this bank")


def _offer(row: OfferRow) -> Offer:
    return Offer(
        id=row.id,
        customer=row.customer,
        configurations=tuple(Configuration(one) for one in json.loads(row.configurations)),
        state=OfferState(row.state),
        statement_digest=row.statement_digest,
        fraud_verdict=row.fraud_verdict,
        copies=row.copies,
        requested_by=row.requested_by,
        queue_reasons=tuple(QueueReason(one) for one in json.loads(row.queue_reasons)),
        approvals=tuple(json.loads(row.approvals)),
        approvals_needed=row.approvals_needed,
        created_at=from_epoch(row.created_at),
        deferred=row.deferred,
    )
