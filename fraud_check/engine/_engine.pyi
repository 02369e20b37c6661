"""The Rust engine's contract: converts and computes, one batch in, one report out.

Accounts are dense integers below ``MAX_ACCOUNTS``, times integer ticks within ``MAX_TIME`` either way, amounts minor
units. Columns are contiguous arrays of exactly the named type and are read where they lie. The interpreter is released
while the engine works. Callers outside ``fraud_check.engine`` use ``MoneyFlowGraph``.
"""

from collections.abc import Sequence
from os import PathLike
from typing import Self

import numpy as np
from numpy.typing import NDArray

MAX_ACCOUNTS: int
MAX_HOPS: int
MAX_TIME: int
SEAL_ROWS: int
SOURCES: str
"""The checksum of the sources that the module was built from."""

class GraphRefused(ValueError):
    """The engine refused a call; the text says what was expected and what came. The graph is as it was."""

class EngineFault(RuntimeError):
    """The engine failed inside; the call had no effect, unless the text says that a directory has to be opened again."""

class StoreDamaged(RuntimeError):
    """A directory is not a store that can be opened: which file, where, what was expected, what to do."""

class StoreFailed(RuntimeError):
    """The system did not let a store read or write; what was not acknowledged may be there when it is opened again."""

class AccountSet:
    """A set of accounts, made once and used in many questions."""

    def __new__(cls, accounts: NDArray[np.uint32]) -> Self:
        """A set of these accounts."""

    def __contains__(self, account: int) -> bool:
        """Whether the account is in the set."""

class Asked:
    """How money is followed, and what one answer may cost; put together once, given to any number of questions."""

    @staticmethod
    def of(
        *,
        max_hops: int = 3,
        backward: bool = False,
        tie_by_seq: bool = False,
        start: int | None = None,
        end: int | None = None,
        min_amount: int = 0,
        min_share: int = 0,
        dwell: int | None = None,
        stop: AccountSet | None = None,
        max_reads: int | None = None,
        max_seconds: float | None = None,
        max_fanout: int | None = None,
    ) -> Asked:
        """The fields of ``Question`` and ``Budget``; their ranges are checked when it is asked."""

class Names:
    """Tokens of 32 bytes, numbered in the order in which they were first seen; safe to share between threads."""

    def __new__(cls) -> Self:
        """No token yet."""

    def intern(self, tokens: bytes) -> NDArray[np.uint32]:
        """The numbers of tokens that stand one after the other; a new token gets the next number."""

    def find(self, token: bytes) -> int | None:
        """The number of a token, if it has one."""

    def token(self, number: int) -> bytes | None:
        """The token of a number, if it has one."""

    def __len__(self) -> int:
        """How many there are."""

class Kept:
    """How a graph is kept in its directory."""

    @property
    def replayed(self) -> int:
        """Transfers that came from the log when it was opened."""

    @property
    def cut(self) -> int:
        """Bytes cut from the end of the log then: of a write that was never acknowledged."""

    @property
    def log_rows(self) -> int:
        """Transfers that are in the log only, by now."""

    @property
    def postponed(self) -> str | None:
        """Why the log could not be put into segments, and goes on."""

class Transfer:
    """A transfer, as evidence."""

    @property
    def seq(self) -> int:
        """Its number in the order of arrival, and its identity."""

    @property
    def src(self) -> int:
        """Who paid."""

    @property
    def dst(self) -> int:
        """Who received."""

    @property
    def time(self) -> int:
        """When."""

    @property
    def amount(self) -> int:
        """How much."""

    @property
    def channel(self) -> int:
        """By which channel, in the caller's coding."""

class Spread:
    """The answer of a spread: columns with one row per account, ordered by (hop, account)."""

    @property
    def accounts(self) -> NDArray[np.uint32]:
        """The accounts reached; seeds first."""

    @property
    def hops(self) -> NDArray[np.uint8]:
        """The fewest hops to each."""

    @property
    def arrivals(self) -> NDArray[np.int64]:
        """The earliest arrival at that many hops (backward: the latest departure); a seed's own time."""

    @property
    def earliest(self) -> NDArray[np.int64]:
        """The earliest arrival within all hops (backward: the latest departure)."""

    @property
    def amounts(self) -> NDArray[np.int64]:
        """Tainted transfers into the account (backward: out of it) within all hops, each once."""

    @property
    def layers(self) -> Sequence[tuple[int, int, int]]:
        """Per hop from 0: accounts reached first, transfers tainted first, and their amounts together."""

    @property
    def reads(self) -> int:
        """How many transfers were read."""

    @property
    def truncated(self) -> str | None:
        """What cut the walk short: ``max_reads``, ``max_seconds``, or ``max_fanout``, which cuts only what is behind hubs."""

    def path(self, account: int) -> list[Transfer] | None:
        """The transfers of a path with the fewest hops, in the order in which they happened; None if not reached."""

class Taint:
    """Tainted money by content: columns with one row per account that the walk reaches, in the spread's order."""

    @property
    def accounts(self) -> NDArray[np.uint32]:
        """The accounts."""

    @property
    def received(self) -> NDArray[np.int64]:
        """Tainted money that came to each, every unit once, however often it came back; never more than ``injected``."""

    @property
    def held(self) -> NDArray[np.int64]:
        """Tainted money that each still held at the end."""

    @property
    def injected(self) -> int:
        """Tainted money that the seeds paid out; equal to all that is held and all that ended."""

    @property
    def ended(self) -> int:
        """Tainted money that left the walk: ``repaid``, ``beyond``, or in a payment that is not followed."""

    @property
    def repaid(self) -> int:
        """What of it came to a seed that paid it on, so that it is in ``injected`` again."""

    @property
    def beyond(self) -> int:
        """What of it was paid on after the last hop."""

    @property
    def held_accounts(self) -> NDArray[np.uint32]:
        """What is held, one row for each account and the hop at which it first came there: the account."""

    @property
    def held_hops(self) -> NDArray[np.uint8]:
        """The hop at which it first came there."""

    @property
    def held_amounts(self) -> NDArray[np.int64]:
        """How much of it."""

    @property
    def moved_seqs(self) -> NDArray[np.uint32]:
        """What moved, one row for each transfer and hop, in order of time: the transfer's sequence number."""

    @property
    def moved_hops(self) -> NDArray[np.uint8]:
        """The hop of the money when it arrived."""

    @property
    def moved(self) -> NDArray[np.int64]:
        """How much of it: at one hop a unit moves once, so what moved at a hop is never more than ``injected``."""

    @property
    def moved_first(self) -> NDArray[np.int64]:
        """How much of that had not been at the receiver before; added up over an account it is what the account received."""

    @property
    def truncated(self) -> str | None:
        """What cut the walk short: with ``max_reads`` or ``max_seconds`` nothing is said of any account.

        With ``max_fanout`` only what goes through hubs is left out.
        """

class AccountTaint:
    """How much tainted money came to one account."""

    @property
    def received(self) -> int | None:
        """How much; None if ``max_reads`` or ``max_seconds`` cut the count short."""

    @property
    def truncated(self) -> str | None:
        """What cut the count short; with ``max_fanout`` what came through hubs is not counted."""

class Finding:
    """A shape that was found, with the transfers that make it."""

    @property
    def account(self) -> int:
        """The account in the middle, or the one from which a scatter, a cycle or a crowd starts."""

    @property
    def gathered_at(self) -> int | None:
        """Where a scatter is gathered."""

    @property
    def size(self) -> int:
        """How many counterparties; transfers of a cycle, payers of many to many, mules of a stack."""

    @property
    def evidence(self) -> Sequence[Transfer]:
        """The transfers, one for each pair of accounts that counts."""

class Findings:
    """All shapes of one kind."""

    @property
    def found(self) -> Sequence[Finding]:
        """The shapes, by account."""

    @property
    def skipped(self) -> int:
        """How often an account was passed over for having too many transfers."""

    @property
    def reads(self) -> int:
        """How many transfers were read."""

    @property
    def truncated(self) -> str | None:
        """Which budget cut the search short."""

class Sighting:
    """A shape that a transfer completed."""

    @property
    def pattern(self) -> int:
        """Which of the watch's patterns, from 0."""

    @property
    def seq(self) -> int:
        """The transfer that completed it."""

    @property
    def finding(self) -> Finding:
        """The shape."""

class Sightings:
    """What a batch completed."""

    @property
    def seen(self) -> Sequence[Sighting]:
        """The shapes, in the order in which they were completed."""

    @property
    def skipped(self) -> int:
        """How often an account, or a search, was passed over because it would read too much."""

    @property
    def late(self) -> int:
        """Transfers that came too late to be looked at."""

    @property
    def forgotten(self) -> int:
        """Transfers forgotten before their time, since there were too many: shapes with them are missed."""

    @property
    def lost(self) -> bool:
        """Whether the watch failed in this batch and began anew: shapes with this or earlier transfers are missed."""

class Watch:
    """A standing search for patterns, told every batch. One caller at a time; the others wait."""

    def __new__(
        cls,
        patterns: Sequence[tuple[str, int, int, int, int, int]],
        *,
        late: int,
        max_rows: int,
        max_reads: int | None,
    ) -> Self:
        """A watch that has seen nothing; a pattern is shape, size, window, min_amount, max_hops, max_degree."""

    def follow(
        self,
        first_seq: int,
        src: NDArray[np.uint32],
        dst: NDArray[np.uint32],
        time: NDArray[np.int64],
        amount: NDArray[np.int64],
        channel: NDArray[np.uint8] | None = None,
    ) -> Sightings:
        """Take a batch, whose rows have consecutive sequence numbers, and say what it completes."""

    @property
    def bytes(self) -> int:
        """Bytes held."""

class AccountAnswer:
    """The answer about one account."""

    @property
    def hop(self) -> int | None:
        """The fewest hops from a seed; None if there is no way, or none was found before a budget ran out."""

    @property
    def source(self) -> int | None:
        """The seed at the path's start."""

    @property
    def arrival(self) -> int | None:
        """The earliest arrival at that many hops; a seed's own time."""

    @property
    def earliest(self) -> int | None:
        """The earliest arrival within all hops."""

    @property
    def amount(self) -> int:
        """Tainted transfers into the account within all hops, each once."""

    @property
    def path(self) -> Sequence[Transfer]:
        """The transfers of a path with the fewest hops; empty for a seed."""

    @property
    def reads(self) -> int:
        """How many transfers were read."""

    @property
    def truncated(self) -> str | None:
        """What cut the search short: ``max_reads``, ``max_seconds`` or ``max_fanout``."""

class Graph:
    """Transfers between accounts. One writer at a time; readers work on snapshots and wait for nobody."""

    def __new__(cls) -> Self:
        """A graph without transfers, in memory only."""

    @staticmethod
    def open(directory: str | PathLike[str], seal_rows: int) -> Graph:
        """The graph that a directory keeps, made if there is none; every batch is durable when it is appended.

        The log is put into segments, which are then mapped, when it has ``seal_rows`` transfers. Raises ``StoreDamaged``
        and ``StoreFailed``, as all that writes does.
        """

    @property
    def kept(self) -> Kept | None:
        """How it is kept, unless it is in memory only."""

    @property
    def names(self) -> Names:
        """Tokens for its accounts, kept with it; a new one is durable when it has its number."""

    def seal(self) -> None:
        """Put the log into segments now."""

    def close(self) -> None:
        """Let go of the directory; questions go on, and nothing more is taken."""

    def append(
        self,
        src: NDArray[np.uint32],
        dst: NDArray[np.uint32],
        time: NDArray[np.int64],
        amount: NDArray[np.int64],
        channel: NDArray[np.uint8] | None = None,
    ) -> int:
        """Take a whole batch or refuse it whole; the first of its consecutive sequence numbers is returned."""

    def compact(self) -> None:
        """Seal the newest transfers and merge: slower now, faster questions after."""

    @property
    def accounts(self) -> int:
        """One past the greatest account seen."""

    @property
    def transfers(self) -> int:
        """How many transfers there are."""

    @property
    def total(self) -> int:
        """The sum of all amounts, always below 2^63."""

    @property
    def newest(self) -> int | None:
        """The latest time of any transfer."""

    @property
    def segments(self) -> int:
        """How many sealed segments there are."""

    @property
    def bytes(self) -> int:
        """Bytes held on the heap by transfers and their indexes; segments that are mapped are not among them."""

    def spread(
        self, seed_accounts: NDArray[np.uint32], seed_times: NDArray[np.int64], asked: Asked
    ) -> Spread:
        """Follow money from the seeds, which are strictly ascending by account."""

    def account(
        self, account: int, seed_accounts: NDArray[np.uint32], seed_times: NDArray[np.int64], asked: Asked
    ) -> AccountAnswer:
        """Search for the seeds behind one account, as of the question's end; equal to its row in the whole spread."""

    def taint(
        self, seed_accounts: NDArray[np.uint32], seed_times: NDArray[np.int64], method: str, asked: Asked
    ) -> Taint:
        """Follow tainted money through what accounts hold, by ``haircut``, ``fifo`` or ``lifo``."""

    def account_taint(
        self,
        account: int,
        seed_accounts: NDArray[np.uint32],
        seed_times: NDArray[np.int64],
        method: str,
        asked: Asked,
    ) -> AccountTaint:
        """How much tainted money came to one account, by content, as of the question's end."""

    def patterns(
        self,
        shape: str,
        *,
        size: int,
        window: int,
        min_amount: int = 0,
        start: int | None = None,
        end: int | None = None,
        max_hops: int = 6,
        max_degree: int = 10_000,
        max_reads: int | None = None,
        max_seconds: float | None = None,
    ) -> Findings:
        """Look for a shape, by its name in ``Shape``."""

    def set_rule(
        self,
        seed_accounts: NDArray[np.uint32],
        seed_times: NDArray[np.int64],
        *,
        max_hops: int,
        window: int,
        min_amount: int = 0,
        dwell: int | None = None,
        stop: AccountSet | None = None,
    ) -> None:
        """Keep labels for one rule from now on, for these warning accounts."""

    def warn(self, account: int, taint_from: int | None) -> None:
        """Put an account on the labels' list, move its time, or take it off with None; without a rule nothing happens."""

    def standing(self, account: int, as_of: int) -> AccountAnswer | None:
        """The rule's answer about one account from its labels, equal to the search's; None without a rule.

        Where a fault took the labels the search answers, for at most 0.2 seconds.
        """

    @property
    def standing_bytes(self) -> int:
        """Bytes held by the labels."""

    @property
    def standing_faults(self) -> int:
        """How often a fault took the labels, or kept them from being built; they are built anew with what comes next."""

    @property
    def standing_lost(self) -> bool:
        """Whether they are missing now, so that the search answers."""
