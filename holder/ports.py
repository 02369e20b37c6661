"""What the wallet needs from outside, in its own words; ``wiring`` hands in the real ones, tests simulators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from holder.directory import Directory
from outbound import FetchLimits, HttpAnswer
from passport.clock import Clock, Entropy
from passport.identifiers import Address
from passport.registry import BlockRef, Grant, ParticipantKey, Role

__all__ = ["Clock", "DirectoryReader", "Entropy", "LedgerReads", "Pause", "Web"]


class Pause(Protocol):
    """Waits; ``time.sleep`` is one."""

    def __call__(self, seconds: float, /) -> None:
        """Return after so many seconds."""
        ...


class Web(Protocol):
    """The guarded way out; ``outbound.HttpClient`` is one."""

    def get(
        self,
        url: str,
        *,
        accept: Sequence[str] = ...,
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        """GET a URL."""
        ...

    def post(
        self,
        url: str,
        *,
        body: bytes = ...,
        content_type: str = ...,
        accept: Sequence[str] = ...,
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        """POST a body, once."""
        ...


class DirectoryReader(Protocol):
    """Reads who is accredited."""

    def read(self) -> Directory:
        """The directory at the ledger's newest block.

        Raises:
            Unavailable: the ledger cannot be reached.
            Rejected: WRONG_CHAIN.
        """
        ...


class LedgerReads(Protocol):
    """The questions that a directory is read with; ``ledger.Ledger`` answers them."""

    def head(self) -> BlockRef:
        """The newest block."""
        ...

    def participants(self, role: Role) -> frozenset[Address]:
        """Everybody who ever had a grant in a role."""
        ...

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> tuple[Grant, ...]:
        """The grants of a participant in a role."""
        ...

    def signing_keys(self, who: Address) -> tuple[ParticipantKey, ...]:
        """Every signing key that a participant ever added."""
        ...

    def service_endpoint(self, who: Address, name: str) -> str | None:
        """The base URL of one of its services."""
        ...

    def trusted_roots(self) -> frozenset[bytes]:
        """SHA-256 of each trusted root certificate."""
        ...
