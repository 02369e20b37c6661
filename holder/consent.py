"""What a person is shown before anything is disclosed, and what they said to it.

Covers what Taiwan's PDPA Art. 8 wants told before collection: who, for what, which categories, how long, where, who
receives it, which rights, and what follows from not giving it (domain section 9). All of it comes from the
registration that the ledger vouches for, never from the request's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from passport.openid4vp import Place, VerifiedRequest
from passport.registry import Words


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """One line of what will be disclosed."""

    label: Words
    value: Words
    place: Place


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """What of one credential is disclosed, and what stays hidden."""

    query_id: str
    reference: str
    title: Words
    issuer_url: str
    shown: tuple[ShownClaim, ...]
    hidden: tuple[Words, ...]
    always_visible: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Reuse:
    """No unused key is left: the named verifier has seen the one that would be used."""

    seen_by_did: str
    seen_by_name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, for what and until when: enough to tell them *no*, whether or not the wallet could say yes."""

    verifier_name: Words
    verifier_did: str
    purpose: Words
    expires_at: datetime | None
    request_hash: str
    request: VerifiedRequest = field(repr=False)


@dataclass(frozen=True, slots=True)
class PresentationPlan:
    """How the answer will be made; for the use case, not for a screen."""

    request: VerifiedRequest
    request_hash: str
    slot: int
    disclose: Mapping[str, tuple[str, frozenset[Place]]]
    """Per credential query: the credential's reference and the places to disclose."""


@dataclass(frozen=True, slots=True)
class ConsentView:
    """The whole question, as it is to be put to a person. ``present`` answers it with yes; nothing else does."""

    verifier_name: Words
    verifier_did: str
    verifier_lei: str
    verifier_contact: str
    country: str
    purpose: Words
    categories: tuple[Words, ...]
    retention: Words
    retention_days: int
    recipients: Words
    rights: Words
    if_refused: Words
    asks_hub: bool
    answers_to: str
    """The origin that the answer goes to; it is the verifier's on the ledger."""
    credentials: tuple[ShownCredential, ...]
    seen_before: bool
    """This verifier has seen this wallet's key before and will know it again."""
    reuse: Reuse | None
    checked_at: datetime
    offline: bool
    """The ledger cannot be reached now; this is what it said at ``checked_at``."""
    expires_at: datetime | None
    plan: PresentationPlan = field(repr=False)

    @property
    def asked(self) -> Asked:
        """The request without what the wallet could answer."""
        return Asked(
            self.verifier_name,
            self.verifier_did,
            self.purpose,
            self.expires_at,
            self.plan.request_hash,
            self.plan.request,
        )
