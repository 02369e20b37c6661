"""What the events add up to: the ledger's state in memory, rebuilt from nothing but events.

Not thread-safe; whoever holds it locks it. Each event taken in can be taken back, the newest first, so that a
reorganisation needs no history of all events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, MutableMapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeVar, assert_never

from ledger import events
from ledger.anchors import AnchorBook
from ledger.events import LedgerEvent
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import Grant, ParticipantKey, Role, StatusRecord

Undo: TypeAlias = Callable[[], object]
_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Facts:
    """The state after some events."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.schemas: dict[bytes, str] = {}
        self.roots: dict[bytes, bool] = {}
        self.checkpoint_keys: dict[bytes, bool] = {}
        self.keys: dict[tuple[Address, bytes], ParticipantKey] = {}
        self.grants: dict[int, Grant] = {}
        self.accredited: dict[Address, int] = {}
        """Each participant with the number of its first grant."""
        self.anchors = AnchorBook()
        self.statuses: dict[tuple[Address, bytes], StatusRecord] = {}
        self.owners: dict[Address, Address] = {}
        self.did_events: defaultdict[Address, list[events.DidEvent]] = defaultdict(list)

    def apply(self, event: LedgerEvent) -> Undo:  # noqa: C901, PLR0911, PLR0912 - one case an event, matched exhaustively
        """Take one event in, in the chain's order; returns what takes it back.

        Raises:
            Malformed: it cannot follow on what was before. Nothing is changed then.
        """
        match event:
            case events.SchemaRegistered():
                return _put(self.schemas, event.schema, event.vct)
            case events.RootChanged():
                return _put(self.roots, event.root, event.trusted)
            case events.CheckpointKeyChanged():
                return _put(self.checkpoint_keys, event.key, event.trusted)
            case events.KeyAdded():
                return _put(self.keys, (event.participant, event.key.thumbprint), event.key)
            case events.KeyStolen():
                place = event.participant, event.thumbprint
                if place not in self.keys:
                    raise Malformed("expected a key to be added before it is stolen")
                return _put(self.keys, place, replace(self.keys[place], stolen_since=event.since))
            case events.Granted():
                if event.grant.number != len(self.grants) + 1:
                    raise Malformed(f"expected grant {len(self.grants) + 1}, got {event.grant.number}")
                return self._take_grant(event.grant)
            case events.SuspensionChanged():
                changed = replace(self._grant(event.number), suspended=event.suspended)
                return _put(self.grants, event.number, changed)
            case events.Withdrawn():
                changed = replace(self._grant(event.number), withdrawn_from=event.since)
                return _put(self.grants, event.number, changed)
            case events.Anchored():
                self.anchors.add(event.anchor)
                return self.anchors.take_back
            case events.StatusPublished():
                return self._take_status(event.status)
            case events.OwnerChanged():
                return partial(_both, _put(self.owners, event.identity, event.owner), self._tell(event))
            case events.DelegateChanged() | events.AttributeChanged():
                return self._tell(event)
            case _:
                assert_never(event)

    def _take_grant(self, grant: Grant) -> Undo:
        undo = _put(self.grants, grant.number, grant)
        if grant.participant in self.accredited:
            return undo
        return partial(_both, undo, _put(self.accredited, grant.participant, grant.number))

    def _grant(self, number: int) -> Grant:
        if number not in self.grants:
            raise Malformed(f"expected grant {number} to be made before it is changed")
        return self.grants[number]

    def _take_status(self, status: StatusRecord) -> Undo:
        before = self.statuses.get((status.issuer, status.list_id))
        expected = 1 if before is None else before.version + 1
        if status.version != expected:
            raise Malformed(f"expected version {expected} of a status list, got {status.version}")
        return _put(self.statuses, (status.issuer, status.list_id), status)

    def _tell(self, event: events.DidEvent) -> Undo:
        told = self.did_events[event.identity]
        told.append(event)
        return told.pop

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


def _put(mapping: MutableMapping[_Key, _Value], key: _Key, value: _Value) -> Undo:
    undo: Undo = (
        partial(mapping.__setitem__, key, mapping[key]) if key in mapping else partial(mapping.pop, key)
    )
    mapping[key] = value
    return undo


def _both(first: Undo, second: Undo) -> None:
    first()
    second()
