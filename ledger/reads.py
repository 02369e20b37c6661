"""What one can ask the ledger, wherever the facts come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import Final

from ledger.agreement import Nodes
from ledger.documents import document_from_events
from ledger.events import DidEvent
from ledger.facts import Facts
from ledger.rpc import unavailable
from ledger.settings import LedgerSettings
from ledger.sync import Sync
from passport.errors import Reason, Rejected
from passport.identifiers import Address, DidEthr
from passport.registry import AnchorRecord, BlockRef, Grant, ParticipantKey, Role, StatusRecord
from passport.strict_json import JsonObject

OPERATOR: Final = "operator"
_SERVICE: Final = "did/svc/"
_LONGEST_CHECK: Final = 2.0


class LedgerReads(ABC):
    """Questions about facts at one block. Every one raises ``Unavailable`` if there is nothing to answer from."""

    settings: LedgerSettings

    @abstractmethod
    def _now(self) -> AbstractContextManager[tuple[Facts, BlockRef]]:
        """The facts and their block, held still while they are read."""

    @abstractmethod
    def _about(self, who: Address) -> AbstractContextManager[tuple[Facts, BlockRef]]:
        """The same, once what the DID registry says of somebody is among them: of participants it always is."""

    @abstractmethod
    def check(self) -> None:
        """For readiness: raises ``Unavailable`` or ``Rejected`` unless the ledger can be read now."""

    def head(self) -> BlockRef:
        """The block up to which the answers go."""
        with self._now() as (_, head):
            return head

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> tuple[Grant, ...]:
        """Every grant of a participant in a role, oldest first; for one schema, if it is named."""
        with self._now() as (facts, _):
            return facts.grants_of(who, role, schema)

    def grant(self, number: int) -> Grant | None:
        """One grant."""
        with self._now() as (facts, _):
            return facts.grants.get(number)

    def participants(self, role: Role) -> frozenset[Address]:
        """Everybody who ever had a grant in a role."""
        with self._now() as (facts, _):
            return frozenset(grant.participant for grant in facts.grants.values() if grant.role is role)

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        """A participant's signing key by its RFC 7638 thumbprint."""
        with self._now() as (facts, _):
            return facts.keys.get((who, thumbprint))

    def signing_keys(self, who: Address) -> tuple[ParticipantKey, ...]:
        """Every signing key that a participant ever added, oldest first."""
        with self._now() as (facts, _):
            return tuple(key for (participant, _), key in facts.keys.items() if participant == who)

    def anchor(self, issuer: Address, schema: bytes, grant_number: int, root: bytes) -> AnchorRecord | None:
        """The anchor of a batch."""
        with self._now() as (facts, _):
            return facts.anchors.find(issuer, schema, grant_number, root)

    def anchors_since(self, block_number: int, at_most: int | None = None) -> tuple[AnchorRecord, ...]:
        """Every anchor in blocks after this one, in the chain's order; or about so many, the last block whole."""
        with self._now() as (facts, _):
            return facts.anchors.since(block_number, at_most)

    def status_record(self, issuer: Address, list_id: bytes) -> StatusRecord | None:
        """The version of a status list that counts; ``list_id`` is SHA-256 of its URI."""
        with self._now() as (facts, _):
            return facts.statuses.get((issuer, list_id))

    def status_records(self, issuer: Address) -> tuple[StatusRecord, ...]:
        """The versions that count of all of an issuer's lists."""
        with self._now() as (facts, _):
            return tuple(one for (publisher, _), one in facts.statuses.items() if publisher == issuer)

    def trusted_roots(self) -> frozenset[bytes]:
        """SHA-256 of each root certificate that is trusted."""
        with self._now() as (facts, _):
            return frozenset(root for root, trusted in facts.roots.items() if trusted)

    def checkpoint_keys(self) -> frozenset[bytes]:
        """RFC 7638 thumbprint of each key that may sign checkpoints."""
        with self._now() as (facts, _):
            return frozenset(key for key, trusted in facts.checkpoint_keys.items() if trusted)

    def schemas(self) -> dict[bytes, str]:
        """Each registered schema's id with its credential type."""
        with self._now() as (facts, _):
            return dict(facts.schemas)

    def owner(self, who: Address) -> Address:
        """The account that speaks for an identity (ERC-1056)."""
        with self._about(who) as (facts, _):
            return facts.owner_of(who)

    def operators(self, who: Address) -> frozenset[Address]:
        """The delegates of type ``operator`` that hold at the head's time."""
        with self._about(who) as (facts, head):
            return facts.delegates(who, OPERATOR, head.time)

    def attribute(self, who: Address, name: str) -> bytes | None:
        """The value of an ERC-1056 attribute that holds at the head's time."""
        with self._about(who) as (facts, head):
            return facts.attribute(who, name, head.time)

    def service_endpoint(self, who: Address, name: str) -> str | None:
        """The base URL in the attribute ``did/svc/<name>``."""
        value = self.attribute(who, _SERVICE + name)
        return None if value is None else value.decode("utf-8", errors="replace")

    def did_events(self, who: Address) -> tuple[DidEvent, ...]:
        """Everything that ERC-1056 says about an identity, in the chain's order."""
        with self._about(who) as (facts, _):
            return tuple(facts.did_events.get(who, ()))

    def did_document(self, did: DidEthr) -> JsonObject:
        """The DID document at the head's time.

        Raises:
            Rejected: WRONG_CHAIN, the identity is of another chain.
        """
        if did.chain_id != self.settings.chain_id:
            raise Rejected(
                Reason.WRONG_CHAIN,
                f"expected an identity of chain {self.settings.chain_id}, got {did.chain_id}",
            )
        with self._about(did.address) as (facts, head):
            events = tuple(facts.did_events.get(did.address, ()))
        return document_from_events(did, events, head.time)


class Ledger(LedgerReads):
    """The ledger, asked anew for each question: one call when nothing has changed. Thread-safe."""

    def __init__(self, settings: LedgerSettings) -> None:
        """Connects when first asked."""
        self.settings = settings
        self._nodes = Nodes(settings)
        self.rpc = self._nodes.first
        self._lock = RLock()
        self._sync = Sync(settings, self._nodes.reading, self._lock)

    def check(self) -> None:
        """For readiness: the ledger can be read now. Who asks does not queue behind a node that is slow to answer."""
        if not self._lock.acquire(timeout=_LONGEST_CHECK):
            raise unavailable("the ledger's node is slow to answer")
        try:
            self.head()
        finally:
            self._lock.release()

    @contextmanager
    def _now(self) -> Iterator[tuple[Facts, BlockRef]]:
        with self._lock:
            while self._sync.step().more:
                pass
            head = self._sync.head
            if head is None:  # pragma: no cover - a step that returns has a head
                raise AssertionError
            yield self._sync.facts, head

    @contextmanager
    def _about(self, who: Address) -> Iterator[tuple[Facts, BlockRef]]:
        with self._lock:
            with self._now() as known:
                read = self._sync.reads(who)
            if not read:
                self._sync.watch(who)
                with self._now() as known:
                    pass
            yield known

    def close(self) -> None:
        """Hang up."""
        self._nodes.close()
