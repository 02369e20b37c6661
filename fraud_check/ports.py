"""What the hub's use cases need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from passport.fraud import Token
from passport.identifiers import Address
from passport.registry import Grant, ParticipantKey, Role


class Registry(Protocol):
    """The ledger's list of who may do what, with which key, under which roots."""

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        """A participant's signing key by its thumbprint."""
        ...

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> Sequence[Grant]:
        """Every grant of a participant in a role."""
        ...

    def trusted_roots(self) -> frozenset[bytes]:
        """SHA-256 of each trusted root certificate."""
        ...


@dataclass(frozen=True, slots=True)
class DatedTransfer:
    """A transfer in tokens, with its place in the log (from 0, without gaps)."""

    seq: int
    src: Token
    dst: Token
    at_ms: int
    amount_minor: int
    channel: int


@dataclass(frozen=True, slots=True)
class FlowRule:
    """How money is followed for a verdict: dated, switchable, and named in every verdict."""

    version: str
    max_hops: int
    window_days: int
    min_amount_minor: int
    dwell_hours: int | None = None
    min_tainted_minor: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Reached:
    """An account that money from a warning account reached, with one path as evidence."""

    hops: int
    warning_account: Token
    path: tuple[int, ...]
    tainted_minor: int | None = None
    """The haircut amount that came; absent where the rule asks for none or the count did not end."""


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """Whether it was reached; ``truncated`` names the budget that cut the search short, if one did."""

    reached: Reached | None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class TracedStop:
    """One account of a trace."""

    account: Token
    hops: int
    arrival_ms: int


@dataclass(frozen=True, slots=True)
class TraceAnswer:
    """The accounts that a trace reached."""

    stops: tuple[TracedStop, ...]
    truncated: str | None


class MoneyFlow(Protocol):
    """The money-flow graph over tokens. Readers never wait for the writer."""

    @property
    def faults(self) -> int:
        """How often a fault of the engine was caught; answers are right all the same, and may be slower."""
        ...

    def append(self, transfers: Sequence[DatedTransfer]) -> None:
        """Take transfers in the log's order."""
        ...

    def require_room(self, transfers: Sequence[DatedTransfer]) -> None:
        """Raise Rejected: LIMIT_EXCEEDED if ``append`` would refuse these for their number or their sum."""
        ...

    def set_warnings(self, taint_starts: dict[Token, datetime]) -> None:
        """The accounts under a warning in force now, each with the time its taint starts."""
        ...

    def begin(self, rule: FlowRule) -> None:
        """Answer this rule from now on; called once, after everything was loaded."""
        ...

    def untouched(self, account: Token, *, at: datetime) -> bool:
        """Whether a look-up alone says that nothing reached the account; False where more must be looked at."""
        ...

    def question(self, account: Token, *, at: datetime) -> FlowAnswer:
        """Whether money from a warning account reached the account under the rule, as of ``at``."""
        ...

    def trace(
        self,
        account: Token,
        *,
        since: datetime,
        until_back: datetime | None,
        max_hops: int,
        min_amount_minor: int,
        backward: bool,
    ) -> TraceAnswer:
        """Where money of the account went after ``since``, or came from before it, back to ``until_back``."""
        ...
