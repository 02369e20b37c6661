"""The verifier's tables.

Times are whole seconds since the epoch, UTC. What a wallet sent is kept only until the check has run; what it
disclosed only until an officer has read it, for a review until it is settled, or its time is over. The decision record
and hashes stay.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Text
from sqlmodel import Field, SQLModel


class VerifierTable(SQLModel):
    """Keeps the verifier's tables apart from any other room's in the same process."""

    metadata = MetaData()


class ApplicationRow(VerifierTable, table=True):
    """One application with its one transaction (one request, one response, one decision)."""

    __tablename__ = "application"

    id: str = Field(primary_key=True)
    reference: str = ""
    policy: str
    request_id: str = Field(unique=True)
    result_id: str = Field(unique=True)
    nonce: str = Field(unique=True)
    state: str
    response_mode: str
    response_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    applicant_name: str | None = None
    amount_usd_minor: int | None = Field(default=None, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    phase: str = Field(index=True)
    received_at: int | None = Field(default=None, sa_type=BigInteger)
    body_sha256: str | None = None
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    attempts: int = 0
    outcome: str = "pending"
    steps: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    decision_record: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    decided_at: int | None = Field(default=None, sa_type=BigInteger)


class VoteRow(VerifierTable, table=True):
    """What an officer said to a review; rows are only ever added."""

    __tablename__ = "review_vote"

    number: int | None = Field(default=None, primary_key=True)
    application_id: str = Field(foreign_key="application.id", index=True)
    officer: str
    officer_name: str
    person: str
    verdict: str
    reason: str
    note: str
    at: int = Field(sa_type=BigInteger)


class SettlementRow(VerifierTable, table=True):
    """How a review was settled, once."""

    __tablename__ = "review_settlement"

    application_id: str = Field(primary_key=True, foreign_key="application.id")
    verdict: str
    record: str = Field(sa_column=Column(Text, nullable=False))
    settled_at: int = Field(sa_type=BigInteger)


class DisclosureRow(VerifierTable, table=True):
    """The disclosed values: readable once, for a review until it is settled."""

    __tablename__ = "disclosure"

    application_id: str = Field(primary_key=True, foreign_key="application.id")
    body: str = Field(sa_column=Column(Text, nullable=False))
    expires_at: int = Field(sa_type=BigInteger)


class AcceptedCredentialRow(VerifierTable, table=True):
    """Where to look for the status of a credential that an application relied on."""

    __tablename__ = "accepted_credential"

    application_id: str = Field(primary_key=True, foreign_key="application.id")
    query_id: str = Field(primary_key=True)
    vct: str
    issuer: str
    credential_sha256: str
    status_uri: str
    status_index: int = Field(sa_type=BigInteger)


class FraudQuestionRow(VerifierTable, table=True):
    """A signed question, stored before it is sent: after a crash the same one is asked again."""

    __tablename__ = "fraud_question"

    application_id: str = Field(primary_key=True, foreign_key="application.id")
    query_id: str = Field(primary_key=True)
    question: str = Field(sa_column=Column(Text, nullable=False))


class WebhookEventRow(VerifierTable, table=True):
    """The outbox of decisions; written in the transaction that settles the application."""

    __tablename__ = "webhook_event"

    seq: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(unique=True)
    application_id: str = Field(foreign_key="application.id")
    body: str = Field(sa_column=Column(Text, nullable=False))
    attempts: int = 0
    next_attempt_at: int = Field(default=0, sa_type=BigInteger)
    delivered_at: int | None = Field(default=None, sa_type=BigInteger)
    given_up: bool = False


class StatusListRow(VerifierTable, table=True):
    """A status list as last fetched: signed by its bank and committed to on the ledger."""

    __tablename__ = "status_list"

    issuer: str = Field(primary_key=True)
    list_id: str = Field(primary_key=True)
    uri: str = Field(index=True)
    version: int = Field(sa_type=BigInteger)
    commitment: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    token: str = Field(sa_column=Column(Text, nullable=False))
    fetched_at: int = Field(sa_type=BigInteger)


class BatchRow(VerifierTable, table=True):
    """A batch whose leaf file was fetched and found to have the anchored root."""

    __tablename__ = "batch"

    id: int | None = Field(default=None, primary_key=True)
    issuer: str = Field(index=True)
    schema_id: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    grant_number: int
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))


class LeafRow(VerifierTable, table=True):
    """One leaf of a fetched batch."""

    __tablename__ = "leaf"

    leaf: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    batch_id: int = Field(primary_key=True, foreign_key="batch.id")
