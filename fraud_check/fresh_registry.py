"""The ledger's list, and no longer than it may be old: with the ledger out of reach nobody stays accredited for ever.

A bank that was suspended, or a key that was reported stolen, must stop counting even at a hub whose node went silent.
Ten minutes keep the police able to list an account through a short outage (threat F22: cached up to a stated age, then
closed).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from fraud_check.ports import Registry
from passport.clock import Clock
from passport.errors import Reason, Unavailable
from passport.identifiers import Address
from passport.registry import Grant, ParticipantKey, Role

MAX_AGE: Final = timedelta(minutes=10)


class Followed(Registry, Protocol):
    """A registry that knows when it was last seen to be the ledger's."""

    @property
    def last_seen_at(self) -> datetime | None:
        """When the newest look that succeeded began."""
        ...


class FreshRegistry:
    """Answers as the followed registry does, or raises ``Unavailable`` once that is too old."""

    def __init__(self, followed: Followed, clock: Clock, max_age: timedelta = MAX_AGE) -> None:
        self._followed = followed
        self._clock = clock
        self._max_age = max_age

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        """A participant's signing key by its thumbprint."""
        self._require_fresh()
        return self._followed.signing_key(who, thumbprint)

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> Sequence[Grant]:
        """Every grant of a participant in a role."""
        self._require_fresh()
        return self._followed.grants(who, role, schema)

    def trusted_roots(self) -> frozenset[bytes]:
        """SHA-256 of each trusted root certificate."""
        self._require_fresh()
        return self._followed.trusted_roots()

    def _require_fresh(self) -> None:
        seen = self._followed.last_seen_at
        if seen is None or self._clock.now() - seen > self._max_age:
            raise Unavailable(
                Reason.LEDGER_UNAVAILABLE, f"expected to have seen the ledger within {self._max_age}"
            )
