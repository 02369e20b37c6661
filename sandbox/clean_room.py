"""What members and police do at the hub on a world's first day: tokens, accounts, transfers, earlier warnings.

Each bank makes the tokens of its own accounts and of whom it pays; the hub sees neither numbers nor names. The
planted chains' first accounts are warned by the police before the journey begins, as they would be in any real month.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fraud_check.client import (
    ConsortiumKey,
    HeldAccount,
    HubConnection,
    MemberClient,
    NoticeDraft,
    PoliceClient,
    TokenSubject,
    account_subject,
    person_subject,
)
from ledger import LedgerSettings, open_ledger
from outbound import FetchLimits, HttpClient, InsecureLoopback, OutboundPolicy
from passport.fraud import NoticeKind, Token, Transfer, TransferBatch
from passport.jose import PrivateKeySigner
from sandbox.accreditation import Accreditation
from sandbox.installation import CHAIN_ID, Installation
from sandbox.world import World
from service.key_files import load_p256_key, load_secret
from service.system import SystemClock, SystemEntropy

COUNTRY = "TW"
_BATCH = 2_000
_LINKS = 500
Tokens = Mapping[TokenSubject, Token]


def consortium_key(installation: Installation) -> ConsortiumKey:
    """The key that members and police share."""
    return ConsortiumKey(bytes.fromhex(load_secret(installation.consortium_key, "consortium key").decode()))


@dataclass(frozen=True, slots=True)
class HubDesks:
    """Makes the hub's clients for the sandbox's members and police."""

    installation: Installation
    accreditation: Accreditation

    @contextmanager
    def member(self, name: str) -> Iterator[MemberClient]:
        """A member bank's client; its connections are closed at the end."""
        with self._connect(name) as connection:
            yield MemberClient(connection, consortium_key(self.installation))

    @contextmanager
    def police(self) -> Iterator[PoliceClient]:
        """The police's client; its connections are closed at the end."""
        with self._connect("police") as connection:
            yield PoliceClient(connection, consortium_key(self.installation))

    @contextmanager
    def _connect(self, name: str) -> Iterator[HubConnection]:
        place = self.installation
        ledger = open_ledger(LedgerSettings(place.rpc_url, CHAIN_ID, self.accreditation.contracts))
        try:
            with HttpClient(
                OutboundPolicy(InsecureLoopback("sandbox")), limits=FetchLimits(seconds=30.0)
            ) as http:
                yield HubConnection(
                    base_url=place.hub.base_url,
                    hub=self.accreditation.dids["hub"],
                    caller=self.accreditation.dids[name],
                    signer=PrivateKeySigner(load_p256_key(place.signing_key(name), f"{name}'s key")),
                    http=http,
                    keys=ledger,
                    clock=SystemClock(),
                    entropy=SystemEntropy(),
                )
        finally:
            ledger.close()


def feed_hub(desks: HubDesks, world: World, say: Callable[[str], None]) -> None:
    """Everything that the members told the hub before the journey begins."""
    subjects = [account_subject(account.canonical) for account in world.accounts]
    persons = [person_subject(COUNTRY, owner) for owner in world.owners]
    say(f"hub: banks make tokens of {len(subjects):,} accounts and their holders ...")
    tokens = _make_tokens(desks, [*subjects, *persons])
    say(f"hub: banks link accounts and send {len(world.transfers):,} transfers ...")
    banks = desks.installation.members
    with ThreadPoolExecutor(max_workers=len(banks)) as pool:
        list(
            pool.map(
                lambda bank: _send(desks, world, bank.key, bank.bank_code, (subjects, persons, tokens)), banks
            )
        )
    say("police: earlier warnings ...")
    _warn_planted(desks, world, subjects, persons, tokens)


def _make_tokens(desks: HubDesks, subjects: Sequence[TokenSubject]) -> Tokens:
    """Two banks at a time: blinding is theirs, evaluating the hub's, and there are two cores."""
    wanted = list(dict.fromkeys(subjects))
    middle = len(wanted) // 2
    halves = (("bank_b", wanted[:middle]), ("bank_c", wanted[middle:]))

    def make(bank: str, some: Sequence[TokenSubject]) -> Tokens:
        with desks.member(bank) as client:
            return client.tokens(some)

    with ThreadPoolExecutor(max_workers=2) as pool:
        made = list(pool.map(lambda half: make(*half), halves))
    return {**made[0], **made[1]}


def _send(
    desks: HubDesks,
    world: World,
    key: str,
    bank_code: str,
    known: tuple[Sequence[TokenSubject], Sequence[TokenSubject], Tokens],
) -> None:
    """One bank's accounts, and its customers' outgoing transfers in order of time."""
    subjects, persons, tokens = known
    own = [account.index for account in world.accounts if account.bank_code == bank_code]
    mine = set(own)
    flows = world.transfers
    rows = [row for row in range(len(flows)) if int(flows.source[row]) in mine]
    with desks.member(key) as client:
        for start in range(0, len(own), _LINKS):
            piece = own[start : start + _LINKS]
            client.link_accounts([HeldAccount(tokens[subjects[i]], tokens[persons[i]]) for i in piece])
        for start in range(0, len(rows), _BATCH):
            batch = TransferBatch(
                batch=f"{key}-history-{start:08d}",
                transfers=tuple(
                    Transfer(
                        id=f"{key}-{row:010d}",
                        src=tokens[subjects[int(flows.source[row])]],
                        dst=tokens[subjects[int(flows.target[row])]],
                        at_ms=int(flows.time_ms[row]),
                        amount_minor=int(flows.amount_minor[row]),
                    )
                    for row in rows[start : start + _BATCH]
                ),
            )
            client.send_transfers(batch)


def _warn_planted(
    desks: HubDesks,
    world: World,
    subjects: Sequence[TokenSubject],
    persons: Sequence[TokenSubject],
    tokens: Tokens,
) -> None:
    with desks.police() as police:
        for chain in world.chains:
            police.notify(
                NoticeDraft(
                    id=f"planted-{chain.case}-{secrets.token_hex(4)}",
                    kind=NoticeKind.WARN,
                    case=chain.case,
                    effective=datetime.now(UTC) - timedelta(seconds=1),
                    account=tokens[subjects[chain.warned]],
                    person=tokens[persons[chain.warned]],
                    taint_from=datetime.fromtimestamp(chain.taint_from_ms / 1000, UTC),
                )
            )
