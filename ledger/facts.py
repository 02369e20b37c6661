"""What the events add up to: the ledger's state in memory, rebuilt from nothing but events.

Not thread-safe; whoever holds it locks it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from ledger import events
from ledger.events import LedgerEvent
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import AnchorRecord, Grant, ParticipantKey, Role, StatusRecord


class Facts:
    """The state after some events."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.schemas: dict[bytes, str] = {}
        self.roots: set[bytes] = set()
        self.checkpoint_keys: set[bytes] = set()
        self.keys: dict[tuple[Address, bytes], ParticipantKey] = {}
        self.grants: dict[int, Grant] = {}
        self.anchors: dict[tuple[Address, bytes, int, bytes], AnchorRecord] = {}
        self.anchors_in_order: list[AnchorRecord] = []
        self.statuses: dict[tuple[Address, bytes], StatusRecord] = {}
        self.owners: dict[Address, Address] = {}
        self.did_events: defaultdict[Address, list[events.DidEvent]] = defaultdict(list)

    def apply(self, event: LedgerEvent) -> None:  # noqa: C901, PLR0912 - one case an event, matched exhaustively
        """Take one event in, in the chain's order.

        Raises:
            Malformed: it cannot follow on what was before, so somebody left an event out.
        """
        match event:
            case events.SchemaRegistered():
                self.schemas[event.schema] = event.vct
            case events.RootChanged():
                (self.roots.add if event.trusted else self.roots.discard)(event.root)
            case events.CheckpointKeyChanged():
                (self.checkpoint_keys.add if event.trusted else self.checkpoint_keys.discard)(event.key)
            case events.KeyAdded():
                self.keys[event.participant, event.key.thumbprint] = event.key
            case events.KeyStolen():
                place = event.participant, event.thumbprint
                if place not in self.keys:
                    raise Malformed("expected a key to be added before it is stolen")
                self.keys[place] = replace(self.keys[place], stolen_since=event.since)
            case events.Granted():
                if event.grant.number != len(self.grants) + 1:
                    raise Malformed(f"expected grant {len(self.grants) + 1}, got {event.grant.number}")
                self.grants[event.grant.number] = event.grant
            case events.SuspensionChanged():
                self.grants[event.number] = replace(self._grant(event.number), suspended=event.suspended)
            case events.Withdrawn():
                self.grants[event.number] = replace(self._grant(event.number), withdrawn_from=event.since)
            case events.Anchored():
                anchor = event.anchor
                self.anchors[anchor.issuer, anchor.schema, anchor.grant_number, anchor.root] = anchor
                self.anchors_in_order.append(anchor)
            case events.StatusPublished():
                self._take_status(event.status)
            case events.OwnerChanged():
                self.owners[event.identity] = event.owner
                self.did_events[event.identity].append(event)
            case events.DelegateChanged() | events.AttributeChanged():
                self.did_events[event.identity].append(event)
            case _:
                assert_never(event)

    def _grant(self, number: int) -> Grant:
        if number not in self.grants:
            raise Malformed(f"expected grant {number} to be made before it is changed")
        return self.grants[number]

    def _take_status(self, status: StatusRecord) -> None:
        before = self.statuses.get((status.issuer, status.list_id))
        expected = 1 if before is None else before.version + 1
        if status.version != expected:
            raise Malformed(f"expected version {expected} of a status list, got {status.version}")
        self.statuses[status.issuer, status.list_id] = status

    def grants_of(self, who: Address, role: Role, schema: bytes | None) -> tuple[Grant, ...]:
        """Every grant of a participant in a role, and for a schema if one is named; oldest first."""
        return tuple(
            grant
            for grant in self.grants.values()
            if grant.participant == who and grant.role is role and schema in {None, grant.schema}
        )

    def owner_of(self, who: Address) -> Address:
        """ERC-1056: the identity itself until it named another."""
        return self.owners.get(who, who)

    def attribute(self, who: Address, name: str, at: datetime) -> bytes | None:
        """The value of the newest attribute of a name that holds at a time."""
        ended: set[bytes] = set()
        for event in reversed(self.did_events.get(who, [])):
            if isinstance(event, events.AttributeChanged) and event.name == name and event.value not in ended:
                if event.valid_until > at:
                    return event.value
                ended.add(event.value)  # Set earlier, revoked or lapsed since: the later word counts.
        return None

    def delegates(self, who: Address, kind: str, at: datetime) -> frozenset[Address]:
        """The delegates of a type that hold at a time."""
        until: dict[Address, datetime] = {}
        for event in self.did_events.get(who, []):
            if isinstance(event, events.DelegateChanged) and event.kind == kind:
                until[event.delegate] = event.valid_until
        return frozenset(delegate for delegate, end in until.items() if end > at)
