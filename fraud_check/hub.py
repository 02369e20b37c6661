"""The hub itself: its identity, its memory of what was told, and the one turn in which anything is told.

Memory (tracks, graph) is rebuilt at start from append-only tables, so it never holds what is not durable: a fact is
checked, written, and only then remembered, all in one turn. Questions take no turn.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fraud_check.epochs import Epochs
from fraud_check.judge import AccountFinding, Judgement, judge
from fraud_check.ports import DatedTransfer, FlowAnswer, FlowRule, MoneyFlow, Registry
from fraud_check.quotas import Quotas
from fraud_check.storage.facts import all_facts, writes_facts
from fraud_check.storage.transfers import all_transfers
from fraud_check.storage.writes import Write, together
from fraud_check.tracks import Fact, TrackBook, WarningExtended, WarningLifted, WarningListed
from passport.clock import Clock, Entropy
from passport.errors import Misconfigured, PassportError, Reason, Unavailable
from passport.fraud import Token
from passport.identifiers import DidEthr
from passport.jose import Signer, b64u_encode
from service.database import Database
from service.logs import log_event

logger = logging.getLogger(__name__)

_JTI_BYTES = 16


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the hub is on the ledger and on the wire."""

    did: DidEthr
    base_url: str
    signer: Signer


@dataclass(slots=True)
class Hub:
    """Everything that a use case may need, wired once."""

    identity: Identity
    clock: Clock
    entropy: Entropy
    registry: Registry
    roots: tuple[bytes, ...]
    database: Database
    book: TrackBook
    flow: MoneyFlow
    rule: FlowRule
    epochs: Epochs
    quotas: Quotas
    turn: threading.RLock = field(default_factory=threading.RLock)
    """Held while a fact is told: check, write, remember."""
    ingest: threading.Lock = field(default_factory=threading.Lock)
    """Held while transfers are taken, so that a large batch does not keep a notice waiting."""
    owners: dict[Token, str] = field(default_factory=dict)
    """Which bank sent transfers out of an account that no bank has linked."""
    next_transfer: int = 0
    new_flow: Callable[[], MoneyFlow] | None = None
    """Makes an empty graph, where one may have to be built anew."""
    graph_is_behind: bool = False
    """The log has transfers or corrections that the graph has not; read and written within ``ingest``."""
    _ends: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        """The time."""
        return self.clock.now()

    def new_id(self) -> str:
        """A random name for a message: 128 bits."""
        return b64u_encode(self.entropy.token(_JTI_BYTES))

    # --- memory ------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Remember everything that was told before this start."""
        with self.turn:
            for fact in all_facts(self.database):
                self.book.tell(fact)
            self.next_transfer, self.owners = self._read_log_into(self.flow)
            self._renew_warnings(self.now())
            self.flow.begin(self.rule)

    def build_graph(self) -> None:
        """Read the whole log into another graph and take that from then on. Call it within ``ingest``.

        Questions go on with the old one meanwhile, and so do notices: only the last step takes the turn.

        Raises:
            Unavailable: the log cannot be read; the old graph stays, and is known to be behind.
        """
        if self.new_flow is None:  # pragma: no cover - every wiring hands one in
            raise Misconfigured("expected a way to make a graph")
        flow = self.new_flow()
        _, owners = self._read_log_into(flow)
        flow.set_warnings(self._taint_starts(self.now())[0])
        flow.begin(self.rule)
        with self.turn:
            now = self.now()
            starts, self._ends = self._taint_starts(now)
            flow.set_warnings(starts)
            self.flow, self.owners = flow, owners
            self.graph_is_behind = False

    def _read_log_into(self, flow: MoneyFlow) -> tuple[int, dict[Token, str]]:
        """How many transfers there are, and which bank sent first out of which account."""
        count, owners = 0, dict[Token, str]()
        for piece in all_transfers(self.database):
            flow.append([one.transfer for one in piece])
            count += len(piece)
            for one in piece:
                if one.counts:
                    owners.setdefault(one.transfer.src, one.sender)
        return count, owners

    def tell(self, facts: Sequence[Fact], *beside: Write) -> None:
        """Check facts, make them durable together with ``beside``, then remember them. Call it within ``turn``.

        Raises:
            Rejected: the tracks' rules refuse one; nothing is told. Unavailable: it could not be made durable.
        """
        for fact in facts:
            self.book.check(fact)

        self.database.write(together(writes_facts(facts), *beside))
        for fact in facts:
            self.book.tell(fact)
        if any(isinstance(fact, WarningListed | WarningLifted | WarningExtended) for fact in facts):
            self._renew_warnings(self.now())

    def remember_transfers(self, transfers: Sequence[DatedTransfer], sender: str) -> None:
        """Take durable transfers into memory; where the engine fails, out of the log. Call it within ``ingest``.

        Raises:
            Unavailable: neither can be done now; the graph is known to be behind.
        """
        self.next_transfer += len(transfers)
        for transfer in transfers:
            self.owners.setdefault(transfer.src, sender)
        try:
            self.flow.append(transfers)
        except PassportError as error:
            self.graph_is_behind = True
            log_event(logger, "graph_fell_behind", level=logging.ERROR, failure=error)
        self.catch_up()

    def catch_up(self) -> None:
        """Build the graph anew if the log has what it has not. Call it within ``ingest``.

        Raises:
            Unavailable: it cannot be built now; whoever comes next tries again.
        """
        if not self.graph_is_behind:
            return
        try:
            self.build_graph()
        except PassportError as error:
            raise Unavailable(Reason.FRAUD_UNKNOWN, f"the graph is behind its log: {error}") from error

    def bank_of(self, account: Token) -> str | None:
        """The bank that keeps an account: as linked, else the first that sent from it."""
        return self.book.bank_of(account) or self.owners.get(account)

    # --- judgement ---------------------------------------------------------------------------------------------

    def judge(
        self, accounts: Sequence[Token], person: Token | None, *, at: datetime, bank: str = ""
    ) -> Judgement:
        """The verdict on accounts, and on a person if ``bank`` asks about one, as of ``at``."""
        self._follow_time(at)
        findings = [
            AccountFinding(
                account,
                self.book.statuses_of_account(account, at=at),
                self.flow.question(account, at=at),
            )
            for account in accounts
        ]
        about_person = () if person is None else self.book.statuses_of_person(person, at=at, bank=bank)
        return judge(findings, about_person, rule=self.rule, tracks_version=self.book.rules.version)

    def question(self, account: Token, *, at: datetime) -> FlowAnswer:
        """What the graph alone says about an account, as of ``at``."""
        self._follow_time(at)
        return self.flow.question(account, at=at)

    def warnings_may_have_ended(self, at: datetime) -> bool:
        """Whether the graph's seeds must follow the time before it is asked."""
        ends = self._ends
        return bool(ends) and ends[0] <= at

    def _follow_time(self, at: datetime) -> None:
        """Warnings lapse by themselves: the graph's seeds follow when the next one is due."""
        if self.warnings_may_have_ended(at):
            with self.turn:
                self._renew_warnings(at)

    def _renew_warnings(self, at: datetime) -> None:
        """Seeds are the warnings in force."""
        starts, ends = self._taint_starts(at)
        self.flow.set_warnings(starts)
        self._ends = ends

    def _taint_starts(self, at: datetime) -> tuple[dict[Token, datetime], list[datetime]]:
        """Accounts under a warning in force, each from its earliest taint; and when that changes next, as a heap."""
        starts: dict[Token, datetime] = {}
        ends: list[datetime] = []
        for warning in self.book.warnings():
            end = self.book.warning_ends_at(warning)
            if end <= at:
                continue
            ends.append(end)
            if warning.effective > at:
                ends.append(warning.effective)
                continue
            since = self.book.taint_starts_at(warning)
            starts[warning.account] = min(since, starts.get(warning.account, since))
        heapq.heapify(ends)
        return starts, ends
