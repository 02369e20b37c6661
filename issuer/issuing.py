"""A set of copies on its way through the journal, and why it may not begin.

::

    (deferred ──officer──►) signing ──signed and stored──► issued ──notification or ten minutes──► delivered
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from issuer.offer import Configuration, Subject
from passport.clock import from_epoch, to_epoch

VALIDITY: Final = timedelta(days=90)
_DAY_SECONDS: Final = 86_400


def end_of(issued_at: datetime) -> datetime:
    """When what is issued now ends: at the day's boundary (UTC) before the whole validity is over.

    ``exp`` is in the open, and the copies of one set go to verifiers who must not know that they see one person (T52): so it
    says the day, which they share with everybody of that day, and no instant. It follows from the date of issuing alone; one
    from when a deferred set was asked for would tell how long an officer took.
    """
    return from_epoch(to_epoch(issued_at + VALIDITY) // _DAY_SECONDS * _DAY_SECONDS)


class IssuingState(StrEnum):
    """Where a set of copies is."""

    DEFERRED = "deferred"
    SIGNING = "signing"
    ISSUED = "issued"
    DELIVERED = "delivered"


class NonceSpent(Exception):
    """The nonce was used before."""


class AlreadyIssued(Exception):
    """The offer's copies of this configuration exist, for other keys or too long ago."""


class CustomerOnTrack(Exception):
    """The bank's own copy of the tracks says no; nobody outside is told why."""


@dataclass(frozen=True, slots=True)
class Spending:
    """A mark that may be made once, and until when it must be remembered."""

    mark: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Begin:
    """A set of copies to be written before signing."""

    issuing_id: str
    offer_id: str
    customer: str
    configuration: Configuration
    holder_keys: tuple[str, ...]
    proofs_digest: bytes
    nonce: Spending
    notification_id: str
    transaction_id_hash: bytes | None
    now: datetime
    expires_at: datetime

    @property
    def keys_digest(self) -> bytes:
        """SHA-256 over the holder's keys in order."""
        return hashlib.sha256("\n".join(self.holder_keys).encode()).digest()


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy in the journal; ``text`` is empty until it is signed."""

    id: str
    holder_key: str
    list_number: int
    list_index: int
    handle: str
    issued_at: datetime
    expires_at: datetime
    seed: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Issuing:
    """A set of copies of one configuration."""

    id: str
    offer_id: str
    configuration: Configuration
    state: IssuingState
    notification_id: str
    subject: Subject | None
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """What signing gave for one copy."""

    id: str
    text: str
    leaf: bytes
