"""What a wallet holds, as values: credentials with their copies, slots, issuances, presentations.

A *slot* is one holder key. Slot i holds copy i of every credential, so that all credentials in one presentation are
bound to the same key; it belongs to the first verifier that saw it, and no other sees it without the holder's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from passport.registry import Words


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """One credential: the copies a bank issued together, one for each slot."""

    reference: str
    configuration: str
    format: str
    type: str
    issuer: str
    issuer_did: str
    saved_at: datetime
    copies: Mapping[int, str] = field(repr=False)
    issuer_name: Words | None = None
    """The legal name that the ledger vouched for when it was accepted, where it could be had then."""


@dataclass(frozen=True, slots=True)
class Issuance:
    """An accepted offer and how far it came."""

    reference: str
    issuer: str
    issuer_did: str
    offer: str = field(repr=False)
    transaction_code: str | None = field(repr=False)
    slots: tuple[int, ...]
    access_token: str | None = field(default=None, repr=False)
    dpop_bound: bool = False
    identifiers: Mapping[str, str] = field(default_factory=dict)
    requests: Mapping[str, str] = field(default_factory=dict, repr=False)
    deferred: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Transaction ids by configuration."""
    saved: Mapping[str, str] = field(default_factory=dict)
    """Credential references by configuration."""
    notifications: tuple[str, ...] = ()
    ended: bool = False


class Outcome(StrEnum):
    """What became of a presentation."""

    UNKNOWN = "unknown"
    """It was sent, and whether it arrived is not known: sending the same bytes again is safe."""
    DELIVERED = "delivered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Presentation:
    """Something shown to somebody: a line of the history."""

    reference: str
    at: datetime
    request_hash: str
    verifier_did: str
    verifier_name: str
    response_uri: str
    slot: int
    shown: tuple[str, ...]
    reused: bool
    body: str = field(repr=False)
    receipt: str = field(repr=False)
    outcome: Outcome = Outcome.UNKNOWN
    redirect_uri: str | None = None
    credentials: tuple[str, ...] | None = None
    """References of the credentials that were shown, where the wallet wrote them down."""
