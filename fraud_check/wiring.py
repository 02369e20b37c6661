"""Where the hub's concrete parts meet: settings in, an application out."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from fraud_check.callers import CallerCheck, SpentTokens
from fraud_check.checks import CheckSessions
from fraud_check.epochs import open_epochs
from fraud_check.extension import require_extensions
from fraud_check.flow import EngineFlow
from fraud_check.fresh_registry import FreshRegistry
from fraud_check.http.access import SignedCaller
from fraud_check.http.admission import hub_admission
from fraud_check.http.error_answers import HUB_TABLE
from fraud_check.http.routes import MAX_BODY, HubRoutes, check_lane, hub_routers
from fraud_check.hub import Hub, Identity
from fraud_check.ports import FlowRule, Registry
from fraud_check.presentations import PresentationCheck
from fraud_check.quotas import QuotaLimits, Quotas
from fraud_check.rules import DEFAULT_RULE
from fraud_check.settings import HubSettings
from fraud_check.tending import Tending
from fraud_check.tracks import TrackBook, TrackRules
from fraud_check.use_cases.answer_question import AnswerQuestion
from ledger import Follower, LedgerSettings
from passport.clock import Clock, Entropy
from passport.errors import Misconfigured
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from service import faults
from service.app import HouseApp, create_app
from service.body_gate import BodyLimits
from service.database import Database
from service.health import Check
from service.key_files import load_certificates, load_p256_key
from service.migrations import upgrade
from service.system import SystemClock, SystemEntropy

MIGRATIONS = Path(__file__).parent / "storage" / "migrations"


@dataclass(frozen=True, slots=True)
class HubParts:
    """What differs between a real hub and one in a test."""

    identity: Identity
    roots: Sequence[bytes]
    registry: Registry
    clock: Clock
    entropy: Entropy
    database: Database
    state_dir: Path
    limits: QuotaLimits
    rule: FlowRule = DEFAULT_RULE


def open_hub(parts: HubParts) -> Hub:
    """The hub, with everything remembered that was told before.

    Raises:
        Misconfigured: an extension, the database or a key file is not as it should be.
    """
    require_extensions()
    upgrade(parts.database, MIGRATIONS)
    hub = Hub(
        identity=parts.identity,
        clock=parts.clock,
        entropy=parts.entropy,
        registry=parts.registry,
        roots=tuple(parts.roots),
        database=parts.database,
        book=TrackBook(TrackRules()),
        flow=EngineFlow(),
        new_flow=EngineFlow,
        rule=parts.rule,
        epochs=open_epochs(parts.database, parts.state_dir, parts.clock, parts.entropy),
        quotas=Quotas(parts.database, parts.limits),
    )
    hub.load()
    return hub


def hub_app(hub: Hub, checks: dict[str, Check], on_stop: Sequence[Check] = ()) -> FastAPI:
    """The application around a hub."""
    identity = hub.identity
    spent = SpentTokens(hub.database, hub.now())
    sessions = CheckSessions(hub)
    tending = Tending(hub, spent, sessions)
    presentations = PresentationCheck(hub=identity.did, registry=hub.registry, roots=hub.roots)
    check = CallerCheck(
        hub=identity.did, base_url=identity.base_url, registry=hub.registry, clock=hub.clock, spent=spent
    )
    routes = HubRoutes(hub, AnswerQuestion(hub, presentations), SignedCaller(check), sessions)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tending.start()
        yield
        for stop in (tending.stop, *on_stop):
            stop()

    return create_app(
        HouseApp(
            title="hub",
            routers=hub_routers(routes),
            checks={"database": hub.database.check, **checks},
            errors=HUB_TABLE,
            limits=BodyLimits(max_bytes=MAX_BODY),
            lifespan=lifespan,
            lanes=[check_lane(routes)],
            admission=hub_admission(),
        )
    )


def wire(settings: HubSettings) -> FastAPI:
    """The real hub.

    Raises:
        Misconfigured: a setting, a key or the database is not as it should be.
    """
    if settings.fault_point:
        faults.install(faults.InsecureFaultPoints(settings.fault_point, profile=settings.profile))
    did = DidEthr.parse(settings.did)
    if did.chain_id != settings.chain_id:
        raise Misconfigured(f"HUB_DID: expected a DID on chain {settings.chain_id}, got {did.chain_id}")
    clock, entropy = SystemClock(), SystemEntropy()
    contracts = {name: Address(address) for name, address in settings.contracts.items()}
    follower = Follower(
        LedgerSettings(
            rpc_url=settings.rpc_url,
            chain_id=settings.chain_id,
            contracts=contracts,
            other_rpc_urls=settings.other_rpc_urls,
            confirmations=settings.confirmations,
            first_block=settings.first_block,
        ),
        clock,
    )
    database = Database(settings.database("hub"))
    signer = PrivateKeySigner(load_p256_key(settings.signing_key, "HUB_SIGNING_KEY"))
    rule = DEFAULT_RULE if settings.review_rule else _switched_off(DEFAULT_RULE)
    hub = open_hub(
        HubParts(
            identity=Identity(did, settings.base_url, signer),
            roots=load_certificates(settings.trust_roots, "HUB_TRUST_ROOTS"),
            registry=FreshRegistry(follower, clock),
            clock=clock,
            entropy=entropy,
            database=database,
            state_dir=settings.state_dir,
            limits=QuotaLimits(
                settings.evaluations_a_day,
                settings.questions_a_minute,
                settings.traces_a_minute,
                settings.checks_a_minute,
            ),
            rule=rule,
        )
    )
    # What was loaded stays for good: the collector need not walk it again while a verifier waits.
    gc.collect()
    gc.freeze()
    follower.start()
    return hub_app(hub, {"ledger": follower.check}, (follower.stop, database.close))


def _switched_off(rule: FlowRule) -> FlowRule:
    return replace(rule, version=f"{rule.version}-off", enabled=False)
