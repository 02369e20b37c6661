"""What the verifier's use cases need from outside, each a small protocol; ``wiring`` meets them.

The registry's reads come from a local follower of the ledger: none of them asks a bank, and none is made because
somebody presents. Leaves out the ledger, the database and HTTP themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef, Grant, ParticipantKey, Role, StatusRecord
from passport.strict_json import JsonObject
from verifier.application import (
    Application,
    DecisionEvent,
    FollowedCredential,
    ReceivedResponse,
    Settlement,
)
from verifier.review import NumberedVote, Review, ReviewSettlement, Vote


class TrustFacts(Protocol):
    """TrustRegistry and ERC-1056 attributes, as the local follower knows them."""

    def grants(self, who: Address, role: Role, schema: bytes | None) -> Sequence[Grant]:
        """Every grant of a participant, withdrawn and suspended ones too; ``schema`` None means any."""
        ...

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        """A participant's key with its times, if the registry ever had it."""
        ...

    def trusted_roots(self) -> frozenset[bytes]:
        """SHA-256 of the consortium's root certificates."""
        ...

    def service_endpoint(self, who: Address, name: str) -> str | None:
        """The base URL that a participant's DID names for a service, or nothing."""
        ...


class ChainView(Protocol):
    """How far, and how recently, the local follower has seen the chain."""

    @property
    def as_of(self) -> BlockRef:
        """The newest block known; raises ``Unavailable`` before the first."""
        ...

    @property
    def last_seen_at(self) -> datetime | None:
        """When the chain last answered the follower: what is known was then the chain's newest."""
        ...

    @property
    def rollbacks(self) -> int:
        """How often the chain took something back: anchors may then stand in earlier blocks than before."""
        ...

    def check(self) -> None:
        """For readiness: raises unless the chain can be read now."""
        ...


class AnchorFacts(Protocol):
    """AnchorRegistry, as the local follower knows it."""

    def anchor(self, issuer: Address, schema: bytes, grant_number: int, root: bytes) -> AnchorRecord | None:
        """The anchored batch with that root, if it is on the ledger now."""
        ...


class StatusFacts(Protocol):
    """StatusRegistry, as the local follower knows it."""

    def status_record(self, issuer: Address, list_id: bytes) -> StatusRecord | None:
        """The newest published version of a list."""
        ...


@dataclass(frozen=True, slots=True)
class BatchKey:
    """What names a batch of leaves on the ledger."""

    issuer: Address
    schema: bytes
    grant_number: int
    root: bytes


class LeafIndex(Protocol):
    """The leaves of all batches that were fetched and checked against their roots."""

    def batches_of(self, leaf: bytes) -> Sequence[BatchKey]:
        """The batches that hold this leaf (copying a leaf into another batch is possible, so: all)."""
        ...

    def has_batch(self, batch: BatchKey) -> bool:
        """Whether the batch's leaves are here."""
        ...

    def add_batch(self, batch: BatchKey, leaves: Sequence[bytes]) -> None:
        """Keep a batch's leaves, durably."""
        ...


@dataclass(frozen=True, slots=True)
class CachedStatusList:
    """A list as last fetched and checked: ``raw`` are its uncompressed statuses."""

    issuer: Address
    list_id: bytes
    uri: str
    version: int
    commitment: bytes
    token: str
    fetched_at: datetime


class StatusLists(Protocol):
    """The followed lists, kept over a restart."""

    def all(self) -> Sequence[CachedStatusList]:
        """Every list that is kept."""
        ...

    def keep(self, fetched: CachedStatusList) -> None:
        """Replace the list, durably."""
        ...


class ApplicationStore(Protocol):
    """Applications, found by each of their three names."""

    def add(self, application: Application) -> None:
        """Keep a new application."""
        ...

    def by_id(self, application_id: str) -> Application:
        """Found by the bank's name for it; raises ``Rejected`` NOT_FOUND."""
        ...

    def by_request(self, request_id: str) -> Application:
        """Found by the wallet's name for it; raises ``Rejected`` TRANSACTION_UNKNOWN."""
        ...

    def by_result(self, result_id: str) -> Application:
        """Found by the officer's name for it; raises ``Rejected`` NOT_FOUND."""
        ...


class Transactions(Protocol):
    """The compare-and-set steps of a transaction; each durable before it returns."""

    def receive(self, application_id: str, response: ReceivedResponse) -> bool:
        """``open`` → ``received``; false when somebody else was first."""
        ...

    def settle(
        self,
        application_id: str,
        settlement: Settlement,
        *,
        disclosed: JsonObject | None,
        followed: Sequence[FollowedCredential],
        event: DecisionEvent,
    ) -> bool:
        """→ ``settled``, with everything that belongs to it and without what was presented; false if it was."""
        ...

    def count_attempt(self, application_id: str) -> int:
        """How often a check of this application has been begun, this one included."""
        ...

    def unsettled(self) -> Sequence[str]:
        """Ids of applications that were received and not settled."""
        ...


class Decisions(Protocol):
    """What remains of settled applications."""

    def take_disclosed(self, application_id: str, *, now: datetime) -> JsonObject | None:
        """The disclosed values, the first time and before their end; then they are gone."""
        ...

    def followed(self, application_id: str) -> Sequence[FollowedCredential]:
        """The credentials whose status the application depends on."""
        ...

    def overdue(self, *, now: datetime) -> Sequence[Application]:
        """Open applications whose time is over."""
        ...

    def forget_disclosed(self, *, now: datetime) -> None:
        """Drop disclosed values whose time is over."""
        ...


class Reviews(Protocol):
    """Applications that went to a person, and what officers say to them."""

    def waiting(self, *, now: datetime, limit: int) -> Sequence[Review]:
        """Reviews that nobody has settled, oldest first, at most so many."""
        ...

    def get(self, application_id: str, *, now: datetime) -> Review:
        """One review, settled or not; raises ``Rejected`` NOT_FOUND, or CONFLICT for what is no review."""
        ...

    def vote(
        self, vote: Vote, ends: Callable[[Review], tuple[ReviewSettlement, DecisionEvent] | None]
    ) -> Review:
        """Add a vote and, where ``ends`` says so, settle with it in one transaction, without what was shown."""
        ...

    def settlement_of(self, application_id: str) -> ReviewSettlement | None:
        """How an application's review was settled, if it was."""
        ...

    def votes_after(self, number: int, limit: int) -> Sequence[NumberedVote]:
        """The record of what officers said, oldest first."""
        ...


class DueEvents(Protocol):
    """The webhook's outbox."""

    def due(self, *, now: datetime) -> Sequence[OutboxEvent]:
        """Events to send now, oldest first."""
        ...

    def delivered(self, seq: int, *, now: datetime) -> None:
        """Never send this one again."""
        ...

    def failed(self, seq: int, *, retry_at: datetime | None) -> None:
        """Try again then, or never."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """A stored event with its place in the order."""

    seq: int
    id: str
    body: str
    attempts: int


class Bell(Protocol):
    """Wakes who waits for a settlement."""

    def ring(self, result_id: str) -> None:
        """The application with this result was settled."""
        ...


class Fetcher(Protocol):
    """Static files of banks: one guarded GET."""

    def get(self, url: str, *, accept: Sequence[str], max_bytes: int) -> bytes:
        """The body of a 200.

        Raises ``Unavailable`` UPSTREAM_UNAVAILABLE for anything else.
        """
        ...


class FollowedFacts(Protocol):
    """Everything that the ledger names for fetching: what to fetch is the difference to what is here."""

    def participants(self, role: Role) -> frozenset[Address]:
        """Everybody who ever had a grant in a role."""
        ...

    def service_endpoint(self, who: Address, name: str) -> str | None:
        """The base URL that a participant's DID names for a service, or nothing."""
        ...

    def anchors_since(self, block_number: int, at_most: int) -> Sequence[AnchorRecord]:
        """About so many anchored batches in blocks after this one, in the chain's order; of each block all or none."""
        ...

    def status_records(self, issuer: Address) -> Sequence[StatusRecord]:
        """The newest version of each of an issuer's lists."""
        ...


class Patience(Protocol):
    """Waiting for the local follower, a few seconds at most."""

    def until(self, condition: Callable[[], bool]) -> bool:
        """Whether the condition became true in time; asked at least once."""
        ...
