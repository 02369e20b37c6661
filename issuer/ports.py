"""What the use cases need from outside, owned here and answered by ``remote/``, ``storage/`` and other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from issuer.customer import Bank, Customer, Statement
from issuer.issuing import Copy, SignedCopy
from issuer.offer import Configuration, Subject
from passport.did import DidKey
from passport.fraud import AlertKind, VerdictClass
from passport.registry import AnchorRecord, Grant, StatusRecord
from passport.strict_json import JsonObject
from service.officers import Officer


@dataclass(frozen=True, slots=True)
class SignInSecrets:
    """What a customer's sign-in is checked against: an argon2id hash and a one-time-code secret (base32)."""

    password_hash: str
    otp_secret: str


class Customers(Protocol):
    """Who the customers are, and how they sign in."""

    bank: Bank

    def customer(self, key: str) -> Customer:
        """A customer by short name, or ``Rejected`` (NOT_FOUND)."""
        ...

    def customers(self) -> tuple[Customer, ...]:
        """Everybody."""
        ...

    def secrets(self, key: str) -> SignInSecrets | None:
        """What a sign-in is checked against, or None for a stranger."""
        ...


class Accounts(Protocol):
    """The bank's books, and who may approve what is drawn from them."""

    approval_limit_usd_minor: int

    def statement(self, key: str, as_of: date | None) -> Statement:
        """The figures at the close of a day or now; ``Rejected`` (NOT_FOUND), or ``Malformed`` for a day without any."""
        ...

    def officers(self) -> tuple[Officer, ...]:
        """Everybody who may approve."""
        ...

    def officer(self, officer_id: str) -> Officer:
        """An officer by id, or ``Rejected`` (NOT_FOUND)."""
        ...


class CoreBanking(Customers, Accounts, Protocol):
    """The bank's core system."""


class Tracks(Protocol):
    """The bank's own copy of the legal tracks."""

    def live(self, customer: str) -> frozenset[str]:
        """The kinds of the customer's tracks that are in force: an alert's kind, or an officer's word."""
        ...


@dataclass(frozen=True, slots=True)
class ProvenAccounts:
    """What an offer will prove, in canonical texts, with the handles under which a verifier may ask about it."""

    offer_id: str
    accounts: tuple[str, ...]
    person: str
    """Country and national id (``TW:A123456789``), or empty for who is not a customer yet."""
    handles: tuple[str, ...]
    made_at: datetime
    """When the offer was made, whole seconds: a registration that is sent again must be the same one."""


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """What the hub knows, and whether it knows the handles now."""

    verdict: VerdictClass
    handles_registered: bool
    signed: str = ""
    """The verdict as the hub signed it, kept with the offer; empty where the hub could not be asked."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason of a verdict in the bank's own terms: accounts of its own are masked numbers, others are not named."""

    track: str
    """The kind of a legal track; empty where the money's way is the reason."""
    account: str
    """Which of the customer's accounts; empty where it is about the person."""
    notice: str
    hops: int | None
    warned_account: str
    """The warned account, masked, where it is this bank's; empty for another bank's."""
    transfers: int
    """How many transfers the shown path has."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a kept verdict says to an officer."""

    verdict: str
    as_of: datetime
    rule: str
    depth: int
    truncated: bool
    grounds: tuple[Ground, ...]


class FraudCheck(Protocol):
    """The hub, as a bank asks it before an offer and tells it after."""

    @property
    def needs_person(self) -> bool:
        """Whether accounts are asked about together with the person who holds them, whom the bank must know."""
        ...

    def before_offer(self, proven: ProvenAccounts) -> HubAnswer:
        """What is known against these accounts and their holder; UNKNOWN if it cannot be asked.

        Unless the answer is BLOCK, the handles are registered for the offer, if the hub can be reached.
        """
        ...

    def register(self, proven: ProvenAccounts) -> None:
        """Register the handles; again is safe. Raises ``Unavailable`` when the hub does not answer."""
        ...

    def grounds(self, signed: str) -> Grounds | None:
        """A kept verdict in the bank's own terms; None for no verdict: the hub could not be asked, or would not answer."""
        ...

    def confirm_holder(self, account: str, person: str, reference: str, *, holds: bool) -> None:
        """Answer a claim, in the hub's own tokens as its alert had them; again is safe.

        Raises ``Unavailable``, or ``Rejected`` where this bank has said otherwise or was told of no such claim.
        """
        ...

    def cause_gone(self, person: str, reference: str) -> None:
        """Say that the cause of a person's derived status is gone; again is safe.

        Raises ``Unavailable``, or ``Rejected`` while a warning of the person is in force.
        """
        ...


@dataclass(frozen=True, slots=True)
class BankAlert:
    """One entry of the bank's stream; ``customer`` is None when it is about nobody here, as far as is known by now."""

    number: int
    kind: AlertKind
    notice: str
    customer: str | None
    about: str = ""
    """The token by which the hub names the account or person: all that a later look-up needs."""
    account: str = ""
    """Of a claim, the warned account at another bank."""
    linked_by: str = ""
    """The bank that named the holder, where a person should look at that."""


class AlertStream(Protocol):
    """The numbered stream of what the hub told this bank."""

    def after(self, number: int) -> tuple[BankAlert, ...]:
        """The next alerts without a gap, oldest first; raises ``Unavailable`` when the hub does not answer."""
        ...

    def customer_of(self, about: str) -> str | None:
        """Whose an alert is by now; None while it is about nobody here."""
        ...

    @property
    def known(self) -> int:
        """A number that changes whenever ``customer_of`` may have learnt of another account."""
        ...


class CopyWriter(Protocol):
    """Writes and signs one copy; the same journal entry gives the same bytes."""

    def check(self, configuration: Configuration, subject: Subject) -> None:
        """Raise ``Malformed`` when the claims could not be written."""
        ...

    def write(self, configuration: Configuration, subject: Subject | None, copy: Copy) -> SignedCopy:
        """The signed text and its leaf."""
        ...


class DocumentSigner(Protocol):
    """Signs W3C documents with the bank's Ed25519 key."""

    did_key: DidKey

    def sign(self, document: JsonObject, created: datetime) -> JsonObject:
        """The document with its proof; raises ``Unavailable`` when the signer does not answer."""
        ...

    def close(self) -> None:
        """Let go of what signing holds."""
        ...


class KeyAnnouncement(Protocol):
    """The bank's DID document, as the ledger's events give it."""

    def announce(self, name: str, value: bytes) -> None:
        """See to it that the attribute holds; raises ``Unavailable`` when the ledger does not answer."""
        ...


class StatusPublishing(Protocol):
    """Makes a changed record known."""

    def publish(self) -> None:
        """Returns when everything that the record takes away is served."""
        ...


class StatusLedger(Protocol):
    """The ledger's StatusRegistry, as this issuer writes it."""

    def publish_status(
        self, list_id: bytes, commitment: bytes, version: int, fresh_until: datetime
    ) -> StatusRecord:
        """Publish a version and wait until it is recorded; the very same again is that record.

        Raises ``Unavailable`` when it is not known to be recorded.
        """
        ...


class AnchorLedger(Protocol):
    """The ledger's TrustRegistry and AnchorRegistry, as this issuer uses them; each may raise ``Unavailable``."""

    def check(self) -> None:
        """For readiness: raises unless the ledger can be read now."""
        ...

    def grant(self, schema: bytes, at: datetime) -> Grant | None:
        """The grant under which this issuer may issue the schema at that time, if any."""
        ...

    def anchor(self, schema: bytes, grant_number: int, root: bytes, size: int) -> AnchorRecord:
        """Anchor a batch and wait until it is recorded; a root that is there already is that record.

        Raises ``Rejected`` when the grant does not hold any more.
        """
        ...
