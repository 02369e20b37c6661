"""What ERC-1056 says about an identity at a time: the values that a ``did:ethr`` document is made of.

Numbered as the did:ethr method specification numbers them: every delegate and attribute event that names a key takes
the next number whether it still holds or not, so that an entry keeps its name while others lapse. Making a document
of these values is ``passport.did``'s work. Leaves out the method's historical resolution by ``versionId``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.events import AttributeChanged, DelegateChanged, DidEvent, OwnerChanged
from passport.identifiers import Address

_KEY: Final = "did/pub/"
_SERVICE: Final = "did/svc/"


@dataclass(frozen=True, slots=True)
class HeldDelegate:
    """A delegate that holds: ``#delegate-<number>`` in the document."""

    number: int
    kind: str
    delegate: Address
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A public key attribute that holds, ``did/pub/<algorithm>/<purpose>/<encoding>``, with its value as set."""

    number: int
    algorithm: str
    purpose: str
    encoding: str
    value: bytes
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class HeldService:
    """A service attribute that holds: ``did/svc/<name>``."""

    number: int
    name: str
    endpoint: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """An identity at a time. With no controller (the zero address) it is deactivated."""

    identity: Address
    controller: Address
    delegates: tuple[HeldDelegate, ...]
    keys: tuple[HeldKey, ...]
    services: tuple[HeldService, ...]

    @property
    def deactivated(self) -> bool:
        """Whether the identity was given away to nobody."""
        return not any(self.controller.raw)


def identity_record(identity: Address, events: tuple[DidEvent, ...], at: datetime) -> IdentityRecord:
    """What an identity's events, in the chain's order, come to at a time."""
    controller = identity
    held: dict[tuple[str, str, bytes], HeldDelegate | HeldKey | HeldService] = {}
    keys = services = 0
    for event in events:
        if isinstance(event, OwnerChanged):
            controller = event.owner
            continue
        place = _place(event)
        held.pop(place, None)
        if isinstance(event, DelegateChanged) or event.name.startswith(_KEY):
            keys += 1
        elif event.name.startswith(_SERVICE):
            services += 1
        entry = _entry(event, keys=keys, services=services)
        if entry is not None and event.valid_until > at:
            held[place] = entry
    entries = held.values()
    return IdentityRecord(
        identity=identity,
        controller=controller,
        delegates=tuple(entry for entry in entries if isinstance(entry, HeldDelegate)),
        keys=tuple(entry for entry in entries if isinstance(entry, HeldKey)),
        services=tuple(entry for entry in entries if isinstance(entry, HeldService)),
    )


def _place(event: DelegateChanged | AttributeChanged) -> tuple[str, str, bytes]:
    """What a later event about the same thing takes the place of."""
    if isinstance(event, DelegateChanged):
        return "delegate", event.kind, event.delegate.raw
    return "attribute", event.name, event.value


def _entry(
    event: DelegateChanged | AttributeChanged, *, keys: int, services: int
) -> HeldDelegate | HeldKey | HeldService | None:
    if isinstance(event, DelegateChanged):
        return HeldDelegate(keys, event.kind, event.delegate, event.valid_until)
    if event.name.startswith(_KEY):
        algorithm, purpose, encoding = (*event.name[len(_KEY) :].split("/"), "", "", "")[:3]
        return HeldKey(keys, algorithm, purpose, encoding, event.value, event.valid_until)
    if event.name.startswith(_SERVICE):
        endpoint = event.value.decode("utf-8", errors="replace")
        return HeldService(services, event.name[len(_SERVICE) :], endpoint, event.valid_until)
    return None
