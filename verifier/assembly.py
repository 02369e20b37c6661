"""How the verifier's parts fit together, whatever they are made of: ``wiring`` hands in the real ones, tests simulators.

One database, one follower of the ledger, and four desks: for the bank's system, for wallets, for officers, and for the
check that runs beside the requests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from fastapi import FastAPI

from outbound import AskAgain
from passport.clock import Clock, Entropy
from passport.identifiers import Address, DidEthr
from passport.jose import Signer
from passport.registry import IssuerRegistration
from passport.strict_json import JsonObject
from passport.x509 import x509_hash
from service.app import Lifespan
from service.database import Database
from service.officers import OfficerAccess
from verifier.background import CheckWorker, Nudge, Ticker
from verifier.bell import SettlementBell
from verifier.http.admission import verifier_admission
from verifier.http.app import verifier_app
from verifier.http.applications import application_routes
from verifier.http.results import result_routes
from verifier.http.reviews import OfficersDoor, review_routes
from verifier.http.wallet import wallet_routes
from verifier.policies.reader import KnownPolicy
from verifier.ports import (
    AnchorFacts,
    ChainView,
    Fetcher,
    FollowedFacts,
    Patience,
    StatusFacts,
    TrustFacts,
)
from verifier.status_shelf import StatusShelf
from verifier.storage.applications import SqlApplications
from verifier.storage.followed_files import SqlLeafIndex, SqlStatusLists
from verifier.storage.outbox import SqlOutbox
from verifier.storage.questions import SqlQuestions
from verifier.storage.reviews import SqlReviews
from verifier.use_cases.ask_fraud_check import FraudDesk, Hub
from verifier.use_cases.check_envelope import EnvelopeDesk
from verifier.use_cases.check_standing import StandingDesk
from verifier.use_cases.decide import RecordKeeper
from verifier.use_cases.deliver_events import DeliveryDesk, Receiver, deliver_events
from verifier.use_cases.find_anchor import AnchorFinder
from verifier.use_cases.follow_banks import BankFollower, FetchQueue
from verifier.use_cases.follow_up import FollowUpDesk
from verifier.use_cases.judge_presentation import CheckDesk, judge_presentation
from verifier.use_cases.judge_status import StatusJudge
from verifier.use_cases.know_issuer import IssuerDesk
from verifier.use_cases.open_application import FrontDesk
from verifier.use_cases.read_result import ResultDesk
from verifier.use_cases.read_status_list import ListFollower
from verifier.use_cases.receive_response import ResponseDesk, expire_overdue
from verifier.use_cases.serve_request import RequestDesk
from verifier.use_cases.settle_review import ReviewDesk
from verifier.use_cases.stand_again import GrantDesk

_HOUSEKEEPING_SECONDS = 1.0
_DELIVERY_SECONDS = 0.5
_FORGET_SECONDS = 60.0


class LedgerView(TrustFacts, ChainView, AnchorFacts, StatusFacts, FollowedFacts, Protocol):
    """Everything that is read from the local follower."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies this verifier, and what it registered."""

    did: DidEthr
    signer: Signer
    certificates: Sequence[bytes]
    roots: Sequence[bytes]
    registration: JsonObject
    base_url: str

    @property
    def client_id(self) -> str:
        """``x509_hash:`` and the hash of the leaf (OpenID4VP 1.0 section 5.9.3)."""
        return f"x509_hash:{x509_hash(self.certificates[0])}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where decisions are told, and the secret that signs them."""

    receiver: Receiver
    secret: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """What the verifier is made of."""

    identity: Identity
    api_token: str
    policies: Mapping[str, KnownPolicy]
    database: Database
    ledger: LedgerView
    anchor_registry: Address
    fetcher: Fetcher
    patience: Patience
    clock: Clock
    entropy: Entropy
    lifetime: timedelta
    promised_delay: timedelta = timedelta(seconds=60)
    follow_seconds: float = 0.2
    ledger_changed: Nudge = field(default_factory=Nudge)
    queue: FetchQueue = field(default_factory=FetchQueue)
    registrations: Mapping[bytes, IssuerRegistration] = field(default_factory=dict)
    hub: Hub | None = None
    again: AskAgain = field(default_factory=AskAgain)
    webhook: Webhook | None = None
    officers: OfficersDoor = field(default_factory=lambda: OfficersDoor({}, OfficerAccess({})))
    """Without officers every review waits for ever."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """The application, with its background work tied to its lifespan; and each round of that work, by name."""

    app: FastAPI
    rounds: Mapping[str, Callable[[], None]]


def assemble(parts: Parts) -> Assembled:
    """The whole verifier, not yet started."""
    store, reviews = SqlApplications(parts.database), SqlReviews(parts.database)
    bell = SettlementBell()
    identity = parts.identity
    issuers = IssuerDesk(identity.roots, parts.ledger, identity.did.chain_id)
    envelope = EnvelopeDesk(identity.client_id, issuers)
    shelf, index = StatusShelf(), SqlLeafIndex(parts.database)
    standing = StandingDesk(
        clock=parts.clock,
        chain=parts.ledger,
        trust=parts.ledger,
        anchors=AnchorFinder(identity.did.chain_id, parts.anchor_registry, parts.ledger, index),
        statuses=StatusJudge(parts.clock, parts.ledger, parts.ledger, shelf),
        patience=parts.patience,
        registrations=parts.registrations,
        promised_delay=parts.promised_delay,
    )
    banks = BankFollower(
        facts=parts.ledger,
        chain=parts.ledger,
        index=index,
        lists=ListFollower(
            shelf=shelf,
            kept=SqlStatusLists(parts.database),
            fetcher=parts.fetcher,
            facts=parts.ledger,
            issuers=issuers,
            clock=parts.clock,
        ),
        fetcher=parts.fetcher,
        clock=parts.clock,
        queue=parts.queue,
    )
    keeper = RecordKeeper(identity.did, identity.signer, parts.clock, parts.entropy)
    check = CheckDesk(
        applications=store,
        transactions=store,
        policies=parts.policies,
        envelope=envelope,
        fraud=FraudDesk(parts.hub, SqlQuestions(parts.database), parts.ledger, parts.clock, parts.again),
        standing=standing,
        keeper=keeper,
        bell=bell,
    )
    worker = CheckWorker(lambda application_id: judge_presentation(check, application_id), store.unsettled)
    responses = ResponseDesk(
        applications=store,
        transactions=store,
        policies=parts.policies,
        chain=parts.ledger,
        envelope=envelope,
        keeper=keeper,
        clock=parts.clock,
        bell=bell,
        check_soon=worker.submit,
    )

    outbox = SqlOutbox(parts.database)

    def housekeeping() -> None:
        expire_overdue(responses, store)
        worker.resume()

    rounds: dict[str, tuple[float, Callable[[], None]]] = {
        "banks": (parts.follow_seconds, banks.look),
        "housekeeping": (_HOUSEKEEPING_SECONDS, housekeeping),
        "forget": (_FORGET_SECONDS, lambda: _forget(outbox, parts.clock)),
    }
    if parts.webhook is not None:
        rounds["webhook"] = (_DELIVERY_SECONDS, _delivery(parts, parts.webhook))
    tickers = [
        Ticker(name, seconds, work, nudge=parts.ledger_changed if name == "banks" else None)
        for name, (seconds, work) in rounds.items()
    ]
    front, requests = _front_desk(parts, store), _request_desk(parts, store)
    stand = GrantDesk(parts.ledger, parts.ledger, store, parts.clock)
    follow_up = FollowUpDesk(store, store, standing.statuses, parts.ledger, parts.clock)
    app = verifier_app(
        [
            application_routes(front, follow_up, reviews, token=parts.api_token),
            review_routes(ReviewDesk(reviews, parts.policies, follow_up, stand, keeper), parts.officers),
            wallet_routes(requests, responses),
            result_routes(ResultDesk(store, store, reviews, parts.clock), bell),
        ],
        checks={"database": parts.database.check, "ledger": parts.ledger.check},
        lifespan=_lifespan(tickers, worker, banks),
        admission=verifier_admission(worker.undecided_seconds),
    )
    return Assembled(app, {name: work for name, (_, work) in rounds.items()})


def _front_desk(parts: Parts, store: SqlApplications) -> FrontDesk:
    return FrontDesk(
        policies=parts.policies,
        applications=store,
        clock=parts.clock,
        entropy=parts.entropy,
        lifetime=parts.lifetime,
        base_url=parts.identity.base_url,
        client_id=parts.identity.client_id,
    )


def _request_desk(parts: Parts, store: SqlApplications) -> RequestDesk:
    identity = parts.identity
    return RequestDesk(
        applications=store,
        policies=parts.policies,
        registration=identity.registration,
        client_id=identity.client_id,
        certificates=identity.certificates,
        signer=identity.signer,
        base_url=identity.base_url,
        clock=parts.clock,
    )


def _forget(outbox: SqlOutbox, clock: Clock) -> None:
    outbox.forget(now=clock.now())


def _delivery(parts: Parts, webhook: Webhook) -> Callable[[], None]:
    desk = DeliveryDesk(SqlOutbox(parts.database), webhook.receiver, webhook.secret, parts.clock)
    return lambda: deliver_events(desk)


def _lifespan(tickers: Sequence[Ticker], worker: CheckWorker, banks: BankFollower) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for ticker in tickers:
            ticker.start()
        yield
        for ticker in tickers:
            ticker.close()
        worker.close()
        banks.close()

    return lifespan
