"""The issuer's tables. Instants are whole seconds since the epoch; secrets are keyed hashes; closed sets are text.

``subject`` and ``text`` hold personal data and are emptied once the holder has the credential (design section 9,
"Again"); what remains is the leaf, the status index and the handle.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


def _instant(*, index: bool = False, nullable: bool = False) -> Column[int]:
    return Column(BigInteger, index=index, nullable=nullable)


class SignInRow(SQLModel, table=True):
    """Wrong tries and the last one-time code of a customer."""

    __tablename__ = "sign_in"

    customer: str = Field(primary_key=True)
    wrong_tries: int = 0
    locked_until: int = Field(default=0, sa_column=_instant())
    last_step: int = Field(default=0, sa_column=_instant())


class AskedRow(SQLModel, table=True):
    """How often a customer has asked for an offer since when: each asks the hub, at the bank's expense."""

    __tablename__ = "asked"

    customer: str = Field(primary_key=True)
    since: int = Field(default=0, sa_column=_instant())
    asked: int = 0


class SessionRow(SQLModel, table=True):
    """A customer's session."""

    __tablename__ = "session"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    customer: str
    expires_at: int = Field(sa_column=_instant(index=True))


class OfferRow(SQLModel, table=True):
    """An offer from its making to its token."""

    __tablename__ = "offer"

    id: str = Field(primary_key=True)
    customer: str = Field(index=True)
    configurations: str
    state: str = Field(index=True)
    subject: str
    statement_digest: str
    fraud_verdict: str = ""
    copies: int
    handles: str
    handles_registered: bool = Field(default=True, index=True)
    requested_by: str
    queue_reasons: str
    approvals: str
    approvals_needed: int
    deferred: bool = False
    created_at: int = Field(sa_column=_instant())
    code_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    tx_code_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    wrong_tries: int = 0
    code_expires_at: int = Field(default=0, sa_column=_instant(index=True))
    redeemed_at: int = Field(default=0, sa_column=_instant())
    token_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    token_expires_at: int = Field(default=0, sa_column=_instant())
    token_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    token_client: str | None = None
    """The ``client_id`` of the token request; none with anonymous access."""
    token_details: str | None = None
    """The configurations that its ``authorization_details`` named; none where it had no such parameter."""


class SpentRow(SQLModel, table=True):
    """What may be used once and was: credential nonces and DPoP proofs, until they would be stale anyway."""

    __tablename__ = "spent"

    mark: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    expires_at: int = Field(sa_column=_instant(index=True))


class IssuingRow(SQLModel, table=True):
    """The journal: one set of copies, written before anything is signed."""

    __tablename__ = "issuing"
    __table_args__ = (UniqueConstraint("offer_id", "configuration"),)

    id: str = Field(primary_key=True)
    offer_id: str = Field(foreign_key="offer.id")
    configuration: str
    state: str = Field(index=True)
    keys_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    proofs_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    notification_id: str = Field(unique=True)
    transaction_id_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    subject: str
    started_at: int = Field(sa_column=_instant(index=True))
    expires_at: int = Field(sa_column=_instant())


class CredentialRow(SQLModel, table=True):
    """One copy: its key, its status index, its leaf."""

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("issuing_id", "copy_number"),
        UniqueConstraint("list_number", "list_index"),
    )

    id: str = Field(primary_key=True)
    issuing_id: str = Field(foreign_key="issuing.id", index=True)
    copy_number: int
    customer: str = Field(index=True)
    configuration: str
    holder_key: str
    list_number: int
    list_index: int
    handle: str
    status: int = 0
    status_cause: str = ""
    issued_at: int = Field(sa_column=_instant())
    expires_at: int = Field(sa_column=_instant())
    seed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    text: str | None = None
    leaf: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class LeafRow(SQLModel, table=True):
    """The anchors' outbox: a leaf waits here until a batch takes it."""

    __tablename__ = "leaf"

    leaf: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    configuration: str = Field(index=True)
    batch_root: bytes | None = Field(default=None, sa_column=Column(LargeBinary, index=True))
    created_at: int = Field(sa_column=_instant())


class BatchRow(SQLModel, table=True):
    """A sealed batch: its leaves never change, and its root is anchored once."""

    __tablename__ = "batch"

    root: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    configuration: str
    grant_number: int
    leaf_file: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    state: str = Field(index=True)
    sealed_at: int = Field(sa_column=_instant())
    anchored_at: int = Field(default=0, sa_column=_instant())
    block_number: int = Field(default=0, sa_column=_instant())


class StatusVersionRow(SQLModel, table=True):
    """A version of a status list, written before it is published; ``entries`` are its values other than valid."""

    __tablename__ = "status_version"

    list_number: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    entries: str
    published: bool = False
    fresh_until: int = Field(default=0, sa_column=_instant())
    token: str = ""
    signed_at: int = Field(default=0, sa_column=_instant())


class TrackRow(SQLModel, table=True):
    """The bank's own copy of what the hub said about a customer: which case suspends, and whether it still does."""

    __tablename__ = "track"

    case_id: str = Field(primary_key=True)
    customer: str = Field(primary_key=True)
    kind: str
    since: int = Field(sa_column=_instant())
    ended_at: int = Field(default=0, sa_column=_instant())


class ActRow(SQLModel, table=True):
    """What somebody did, in whose name and why; rows are only ever added."""

    __tablename__ = "act"

    number: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_column=_instant())
    kind: str
    caller: str
    person: str
    customer: str
    about: str
    reason: str
    note: str
    changed: int


class RevocationRow(SQLModel, table=True):
    """A revocation that one officer asked for, and what another said to it."""

    __tablename__ = "revocation"

    id: str = Field(primary_key=True)
    customer: str
    credential_id: str
    reason: str
    note: str
    asked_by: str
    asked_person: str
    asked_at: int = Field(sa_column=_instant())
    state: str = Field(index=True)
    settled_by: str = ""
    settled_at: int = Field(default=0, sa_column=_instant())
    revoked: int = 0


class KeptAlertRow(SQLModel, table=True):
    """An alert that was about nobody here when it came: a token of the hub's, and no customer."""

    __tablename__ = "kept_alert"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str
    notice: str
    about: str


class HubTaskRow(SQLModel, table=True):
    """What the hub asked a person to look at: tokens of the hub's and no customer, and who answered what."""

    __tablename__ = "hub_task"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str
    notice: str
    about: str
    account: str
    linked_by: str
    noted_at: int = Field(sa_column=_instant())
    answer: str = ""
    settled_by: str = ""
    settled_at: int = Field(default=0, sa_column=_instant())


class CursorRow(SQLModel, table=True):
    """How far a numbered stream was read."""

    __tablename__ = "stream_position"

    name: str = Field(primary_key=True)
    position: int = Field(sa_column=_instant())
