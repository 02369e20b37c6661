"""The followed status lists, parsed and in memory: what the ledger agreed to, and what a bank served since.

A list that is *agreed* has the commitment of the ledger's newest version. A *newer* one, which the bank served and the
ledger does not have yet, may only take away, never restore (design section 5). Leaves out fetching.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from passport.errors import Reason
from passport.identifiers import Address
from passport.status import StatusList


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list that its bank signed."""

    version: int
    commitment: bytes
    statuses: StatusList


@dataclass(frozen=True, slots=True)
class ShelvedList:
    """All that is known of one list."""

    issuer: Address
    list_id: bytes
    uri: str
    agreed: ReadList | None = None
    newer: ReadList | None = None
    trouble: Reason | None = None
    """Why the last fetch did not give what the ledger names."""


class StatusShelf:
    """Lists by issuer and address; written by the follower, read by checks.

    An address alone is no name: any bank may publish a version for the address of another's list.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: dict[tuple[Address, str], ShelvedList] = {}

    def get(self, issuer: Address, uri: str) -> ShelvedList | None:
        """The issuer's list at this address, if it is followed."""
        with self._lock:
            return self._lists.get((issuer, uri))

    def put(self, shelved: ShelvedList) -> None:
        """Replace what is known of a list."""
        with self._lock:
            self._lists[shelved.issuer, shelved.uri] = shelved

    def trouble(self, issuer: Address, list_id: bytes, uri: str, reason: Reason) -> None:
        """Remember why a fetch failed; what was there stays."""
        with self._lock:
            known = self._lists.get((issuer, uri)) or ShelvedList(issuer, list_id, uri)
            self._lists[issuer, uri] = replace(known, trouble=reason)
