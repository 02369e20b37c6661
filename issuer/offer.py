"""An offer: who gets what, who asked, who must still agree, and its life.

::

    queued ──approve──► approved ──collect──► offered ──token──► redeemed
       └─decline─► declined                      ├─5 wrong codes─► dead
                                                 └─5 minutes─────► (expired, by its time)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from issuer.customer import Customer, Ownership, Statement, masked

CODE_LIFETIME: Final = timedelta(minutes=5)
TOKEN_LIFETIME: Final = timedelta(minutes=5)
MAX_WRONG_TX_CODES: Final = 5
SAME_TOKEN_WINDOW: Final = timedelta(seconds=60)
SAME_BYTES_WINDOW: Final = timedelta(minutes=10)
OFFER_LIFETIME: Final = timedelta(days=8)
"""After this an offer's subject is emptied, whatever became of it; a deferred one may be collected until then."""
QUEUE_LIFETIME: Final = timedelta(days=7)
"""How long an offer waits for an officer."""
BY_CUSTOMER: Final = "customer"
BY_OPERATOR: Final = "operator"


class Configuration(StrEnum):
    """``credential_configuration_id``: what this program can issue."""

    PROOF_OF_FUNDS = "proof-of-funds"
    IDENTITY = "identity"
    ACCOUNT_OWNERSHIP = "account-ownership"
    PROOF_OF_FUNDS_VC11 = "proof-of-funds-vc11"
    """The same proof of funds as a W3C credential, data model 1.1: no selective disclosure."""

    @property
    def proves_accounts(self) -> bool:
        """Whether the hub is asked about it and a handle travels with it."""
        return self is not Configuration.IDENTITY

    @property
    def states_funds(self) -> bool:
        """Whether it needs a statement."""
        return self.anchored_as is Configuration.PROOF_OF_FUNDS

    @property
    def is_document(self) -> bool:
        """Whether it is a JSON document (``ldp_vc``) and not an SD-JWT."""
        return self is Configuration.PROOF_OF_FUNDS_VC11

    @property
    def anchored_as(self) -> Configuration:
        """Under whose schema it is anchored: one grant is for what is said, whatever its form."""
        return Configuration.PROOF_OF_FUNDS if self is Configuration.PROOF_OF_FUNDS_VC11 else self


class OfferState(StrEnum):
    """Where an offer is in its life."""

    QUEUED = "queued"
    APPROVED = "approved"
    OFFERED = "offered"
    REDEEMED = "redeemed"
    DEAD = "dead"
    DECLINED = "declined"


class QueueReason(StrEnum):
    """Why an officer must agree."""

    LARGE_AMOUNT = "large_amount"
    FRAUD_REVIEW = "fraud_review"
    FRAUD_UNKNOWN = "fraud_unknown"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The account that an account-ownership credential is about (journey step 14)."""

    number: str
    currency: str
    ownership: Ownership
    opened_on: date
    canonical: str = ""
    """The text that becomes a token at the hub; empty where the number is that text."""

    @property
    def masked(self) -> str:
        """The number with all but its last four characters hidden."""
        return masked(self.number)


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that the offered credentials will say, fixed when the offer is made."""

    customer: Customer | None = None
    statement: Statement | None = None
    new_account: NewAccount | None = None
    officer_name: str = ""

    def to_text(self) -> str:
        """JSON for the journal."""
        return _SUBJECT.dump_json(self).decode()

    @classmethod
    def from_text(cls, text: str) -> Subject:
        """Back from the journal."""
        return _SUBJECT.validate_json(text)


_SUBJECT: Final = TypeAdapter(Subject)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it is stored, without its secrets."""

    id: str
    customer: str
    configurations: tuple[Configuration, ...]
    state: OfferState
    statement_digest: str
    copies: int
    requested_by: str
    queue_reasons: tuple[QueueReason, ...]
    approvals: tuple[str, ...]
    approvals_needed: int
    created_at: datetime
    fraud_verdict: str = ""
    """What the hub signed when it was asked about the accounts; the bank's record of having asked."""
    deferred: bool = False
    """Whether its codes were handed out before the officer agreed; the credential endpoint then waits instead."""

    @property
    def approved(self) -> bool:
        """Whether nobody need agree any more."""
        return len(self.approvals) >= self.approvals_needed

    @property
    def waits(self) -> bool:
        """Whether an officer can still agree."""
        live = {OfferState.OFFERED, OfferState.REDEEMED} if self.deferred else {OfferState.QUEUED}
        return self.state in live and not self.approved

    @property
    def by_customer(self) -> bool:
        """Whether the customer asked for it from a session, and will collect it there."""
        return self.requested_by == BY_CUSTOMER


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer to be stored."""

    offer: Offer
    subject: Subject
    handles: tuple[str, ...] = ()
    handles_registered: bool = True


@dataclass(frozen=True, slots=True)
class OfferSecrets:
    """What the customer is handed, once: the code for the wallet and the transaction code for the person."""

    code: str
    tx_code: str
