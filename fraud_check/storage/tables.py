"""The hub's tables: tokens, times and amounts; no names, no numbers, no free text.

Everything is appended, nothing is changed, but counters and spent tokens. Instants are microseconds since the epoch where order
matters, else whole seconds as they were signed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlmodel import Field, SQLModel


def _integer(*, index: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(BigInteger, index=index, primary_key=primary_key, nullable=False, autoincrement=False)


class FactRow(SQLModel, table=True):
    """One fact of the tracks, in the order in which they were told."""

    __tablename__ = "hub_fact"

    seq: int = Field(sa_column=_integer(primary_key=True))
    kind: str
    body: str
    recorded_at_us: int = Field(sa_column=_integer())


class NoticeRow(SQLModel, table=True):
    """A notice as its sender signed it. The id is the sender's, so it is unique beside the sender."""

    __tablename__ = "hub_notice"

    signer: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    content_hash: str
    signed: str
    recorded_at_us: int = Field(sa_column=_integer())


class AlertRow(SQLModel, table=True):
    """An alert for one member, or for every member (no recipient). Its number is its place in each one's stream."""

    __tablename__ = "hub_alert"

    seq: int = Field(sa_column=_integer(primary_key=True))
    recipient: str | None = Field(default=None, index=True)
    body: str
    recorded_at_us: int = Field(sa_column=_integer())


class RegistrationRow(SQLModel, table=True):
    """One offer's registration of handles by an issuer."""

    __tablename__ = "hub_registration"

    issuer: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    content_hash: str
    accounts: str
    expires_at: int = Field(sa_column=_integer())
    recorded_at_us: int = Field(sa_column=_integer())


class HandleRow(SQLModel, table=True):
    """A handle, bound for ever to one registration."""

    __tablename__ = "hub_handle"

    handle: str = Field(primary_key=True)
    issuer: str
    registration: str


class QuestionRow(SQLModel, table=True):
    """A question's one verdict, and the key-binding that it spent."""

    __tablename__ = "hub_question"

    question: str = Field(primary_key=True)
    asker: str = Field(index=True)
    key_binding: str | None = Field(default=None, unique=True)
    verdict: str
    recorded_at_us: int = Field(sa_column=_integer())


class BatchRow(SQLModel, table=True):
    """An acknowledged batch of transfers, with the caller's token that signed its hash."""

    __tablename__ = "hub_batch"

    sender: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    content_hash: str
    signed: str
    first_seq: int = Field(sa_column=_integer())
    count: int
    recorded_at_us: int = Field(sa_column=_integer())


class TransferRow(SQLModel, table=True):
    """One transfer, in the order of acknowledgement; ``seq`` has no gaps."""

    __tablename__ = "hub_transfer"
    __table_args__ = (UniqueConstraint("sender", "id"),)

    seq: int = Field(sa_column=_integer(primary_key=True))
    sender: str
    id: str
    src: str
    dst: str
    at_ms: int = Field(sa_column=_integer())
    amount_minor: int = Field(sa_column=_integer())
    channel: int


class CorrectionRow(SQLModel, table=True):
    """A bank's correction of transfers that it reported wrongly, with the caller's token that signed its hash."""

    __tablename__ = "hub_correction"

    sender: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    content_hash: str
    signed: str
    recorded_at_us: int = Field(sa_column=_integer())


class TakenBackRow(SQLModel, table=True):
    """One transfer of the log that counts no more; its row stays."""

    __tablename__ = "hub_taken_back"

    seq: int = Field(sa_column=_integer(primary_key=True))
    sender: str
    correction: str


class QueryRow(SQLModel, table=True):
    """One line of the query log; ``link`` is the hash over this line and the link before it."""

    __tablename__ = "hub_query"

    n: int = Field(sa_column=_integer(primary_key=True))
    at_us: int = Field(sa_column=_integer())
    caller: str
    action: str
    about: str = Field(index=True)
    subject: str
    answer: str
    link: str


class CounterRow(SQLModel, table=True):
    """How much a caller used on a day."""

    __tablename__ = "hub_counter"

    caller: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    used: int


class AlarmRow(SQLModel, table=True):
    """Something that a person at the hub should look at."""

    __tablename__ = "hub_alarm"

    n: int = Field(sa_column=_integer(primary_key=True))
    at_us: int = Field(sa_column=_integer())
    caller: str
    kind: str


class SpentRow(SQLModel, table=True):
    """A caller's token that was spent; dropped once it is too old to be used anyway."""

    __tablename__ = "hub_spent"

    name: str = Field(primary_key=True)
    until: int = Field(sa_column=_integer())


class EpochRow(SQLModel, table=True):
    """A token epoch; its secret seed is a file beside the database, never in it."""

    __tablename__ = "hub_epoch"

    epoch: int = Field(primary_key=True)
    public_key: str
    since: int = Field(sa_column=_integer())
    until: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
