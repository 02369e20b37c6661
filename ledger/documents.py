"""The DID document of a ``did:ethr`` from what ERC-1056 says about it; making it is ``passport.did``'s work.

It shows today. Nothing that is judged rests on it: attributes are events only, which no storage proof covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ledger.events import AttributeChanged, DelegateChanged, DidEvent, OwnerChanged
from passport.identifiers import DidEthr
from passport.strict_json import JsonObject


def document_from_events(did: DidEthr, events: Sequence[DidEvent], at: datetime) -> JsonObject:
    """The document as of a time, from the identity's events in the chain's order."""
    from passport.did import AttributeChange, Change, DelegateChange, ethr_document  # noqa: PLC0415 - pydid is heavy

    owner = None
    changes: list[Change] = []
    for event in events:
        match event:
            case OwnerChanged():
                owner = event.owner
            case DelegateChanged():
                changes.append(DelegateChange(event.kind, event.delegate, event.valid_until))
            case AttributeChanged():
                changes.append(AttributeChange(event.name, event.value, event.valid_until))
    return ethr_document(did, owner=owner, changes=changes, at=at)
