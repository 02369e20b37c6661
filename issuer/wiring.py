"""Where the issuer's concrete parts meet, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from issuer.codes import Codes
from issuer.copy_writing import CopyWriting
from issuer.http.access import DpopGate, SessionAccess, StaffAccess, WalletAccess
from issuer.http.app import IssuerParts, issuer_app
from issuer.http.customer import CustomerRoutes
from issuer.http.documents import Documents
from issuer.http.hub_tasks import task_answers, task_records
from issuer.http.metadata import (
    Published,
    authorization_server_metadata,
    issuer_metadata,
    jwt_vc_issuer_metadata,
)
from issuer.http.operator import OperatorRoutes
from issuer.http.records import RecordRoutes, record_routes
from issuer.http.wallet import WalletRoutes
from issuer.http.withdrawals import suspension_routes, withdrawal_routes
from issuer.own_files import ANCHOR_REGISTRY, identity_of, pepper, registration, staff_tokens
from issuer.ports import (
    AlertStream,
    AnchorLedger,
    CoreBanking,
    DocumentSigner,
    FraudCheck,
    KeyAnnouncement,
    StatusLedger,
)
from issuer.remote.bank_file import FileBank, read_bank_file
from issuer.remote.didkit_process import DidkitProcess, open_w3c_key
from issuer.remote.ledger_access import LedgerAccess
from issuer.remote.no_hub import NoHub
from issuer.settings import IssuerSettings
from issuer.storage.acts import ActStore
from issuer.storage.anchors import AnchorStore
from issuer.storage.credentials import CredentialStore
from issuer.storage.hub_tasks import HubTasks
from issuer.storage.journal import Journal
from issuer.storage.kept_alerts import KeptAlerts
from issuer.storage.offers import OfferStore
from issuer.storage.revocations import RevocationStore
from issuer.storage.sessions import SessionStore
from issuer.storage.status_versions import StatusStore
from issuer.storage.suspensions import SuspensionStore
from issuer.use_cases.anchor_batches import AnchorBatches
from issuer.use_cases.announce_key import AnnounceKey
from issuer.use_cases.answer_task import AnswerTask
from issuer.use_cases.approve_offer import ApproveOffer
from issuer.use_cases.change_status import ChangeStatus, RevokeCredentials
from issuer.use_cases.follow_alerts import FollowAlerts
from issuer.use_cases.issue_credential import IssueCredential
from issuer.use_cases.make_offer import MakeOffer
from issuer.use_cases.publish_status import PublishedList, PublishStatus
from issuer.use_cases.redeem_code import RedeemCode
from issuer.use_cases.register_handles import RegisterHandles
from issuer.use_cases.sign_in import SignIn
from outbound import HttpClient, Origin, OutboundPolicy
from passport.clock import Clock, Entropy
from passport.errors import Malformed, Misconfigured
from passport.fraud import KeyBook
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.openid4vci import BASELINE, HAIP
from passport.urls import path_of
from service import faults
from service.database import Database
from service.jobs import Job, JobRunner
from service.key_files import (
    load_p256_key,
    load_secret_text,
)
from service.migrations import upgrade
from service.officers import OfficerAccess
from service.system import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from issuer.remote.hub import HubDesk

MIGRATIONS = Path(__file__).parent / "storage" / "migrations" / "versions"
_TEND_SECONDS = 1.0
_FORGET_SECONDS = 15.0
_HANDLES_SECONDS = 2.0
_ANNOUNCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outside:
    """What lies outside the process: real in ``build``, simulated in tests."""

    bank: CoreBanking
    anchor_ledger: AnchorLedger
    status_ledger: StatusLedger
    announcement: KeyAnnouncement
    fraud_check: FraudCheck
    alerts: AlertStream
    documents: DocumentSigner | None
    clock: Clock
    entropy: Entropy


def build(settings: IssuerSettings) -> FastAPI:
    """The issuer on its real parts.

    Raises:
        Misconfigured: a setting, key or file is wrong.
    """
    if settings.fault_point:
        faults.install(faults.InsecureFaultPoints(settings.fault_point, profile=settings.profile))
    clock, entropy = SystemClock(), SystemEntropy()
    bank = FileBank(read_bank_file(settings.bank_file), clock)
    access, reads = _ledger_access(settings)
    documents = _documents(settings, entropy)
    hub = _hub_desk(settings, bank, reads, clock, entropy) if settings.hub_url else NoHub()
    outside = Outside(
        bank=bank,
        anchor_ledger=access,
        status_ledger=access,
        announcement=access,
        fraud_check=hub,
        alerts=hub,
        documents=documents,
        clock=clock,
        entropy=entropy,
    )
    return assemble(settings, outside)


def assemble(settings: IssuerSettings, outside: Outside) -> FastAPI:
    """The application on the given outside; brings the database to its newest version first.

    Raises:
        Misconfigured: a setting, key or file is wrong.
    """
    identity = identity_of(settings)
    operator_token, officer_tokens = staff_tokens(settings, outside.bank)
    clock, entropy, bank = outside.clock, outside.entropy, outside.bank
    database = Database(settings.database("issuer"))
    upgrade(database, MIGRATIONS)
    codes = Codes(pepper(settings.state_dir / "pepper", entropy), entropy)
    offers, journal, credentials = OfferStore(database), Journal(database, entropy), CredentialStore(database)
    anchors = AnchorStore(database)
    writing = CopyWriting(
        identity=identity,
        bank=bank.bank,
        anchor_registry=Address(settings.contracts[ANCHOR_REGISTRY]),
        hub=DidEthr.parse(settings.hub_did) if settings.hub_did else None,
        documents=outside.documents,
    )
    issue = IssueCredential(
        journal=journal, writer=writing, codes=codes, clock=clock, audience=settings.base_url
    )
    publish = PublishStatus(
        store=StatusStore(database),
        ledger=outside.status_ledger,
        identity=identity,
        clock=clock,
        published=PublishedList(1),
        turn=lambda: database.turn("status list 1"),
    )
    anchoring = AnchorBatches(
        store=anchors,
        ledger=outside.anchor_ledger,
        clock=clock,
        entropy=entropy,
        batch_size=settings.anchor_batch,
    )
    make_offer = MakeOffer(
        bank=bank,
        offers=offers,
        tracks=credentials,
        fraud_check=outside.fraud_check,
        writer=writing,
        codes=codes,
        entropy=entropy,
        clock=clock,
        offered=frozenset(settings.configurations),
        copies=settings.copies,
    )
    approve = ApproveOffer(bank, offers, codes, clock)
    revocations = RevocationStore(database)
    change_status = ChangeStatus(
        credentials=credentials,
        suspensions=SuspensionStore(database),
        publishing=publish,
        bank=bank,
        fraud_check=outside.fraud_check,
        codes=codes,
        clock=clock,
    )
    revoking = RevokeCredentials(
        revocations=revocations,
        credentials=credentials,
        publishing=publish,
        bank=bank,
        codes=codes,
        clock=clock,
    )
    sign_in = SignIn(bank, SessionStore(database), codes, clock)
    dpop = DpopGate(journal=journal, codes=codes, clock=clock, base_url=settings.base_url)
    tasks = HubTasks(database)
    answer_task = AnswerTask(
        tasks=tasks,
        stream=outside.alerts,
        fraud_check=outside.fraud_check,
        bank=bank,
        codes=codes,
        clock=clock,
    )
    follow = FollowAlerts(
        stream=outside.alerts,
        credentials=credentials,
        kept=KeptAlerts(database),
        tasks=tasks,
        publishing=publish,
        clock=clock,
    )
    handles = RegisterHandles(offers, outside.fraud_check)
    announce = AnnounceKey(outside.announcement, outside.documents)
    jobs = JobRunner(
        [
            Job("alerts", settings.alerts_interval, follow.tick),
            Job("handles", _HANDLES_SECONDS, handles.tick),
            Job("anchor", settings.anchor_interval, anchoring.tick),
            Job("status", _TEND_SECONDS, publish.tend),
            Job("announce", _ANNOUNCE_SECONDS, announce.tick),
            Job("forget", _FORGET_SECONDS, lambda: journal.forget(clock.now())),
        ]
    )
    base_url = settings.base_url
    published = Published(base_url, bank.bank, settings.configurations, settings.copies)
    return issuer_app(
        IssuerParts(
            documents=Documents(
                issuer=issuer_metadata(published),
                authorization_server=authorization_server_metadata(base_url),
                jwt_vc_issuer=jwt_vc_issuer_metadata(base_url, identity.signer.public_jwk),
                registration=registration(settings),
                status_token=publish.token,
                leaf_file=anchors.leaf_file,
                path=path_of(base_url),
            ),
            wallet=WalletRoutes(
                redeem=RedeemCode(
                    offers=offers,
                    codes=codes,
                    clock=clock,
                    profile=HAIP if settings.haip else BASELINE,
                    issuer=base_url,
                ),
                issue=issue,
                journal=journal,
                codes=codes,
                clock=clock,
                dpop=dpop,
                access=WalletAccess(offers, codes, dpop),
            ),
            customer=CustomerRoutes(sign_in, make_offer, approve, offers, SessionAccess(sign_in), base_url),
            operator=OperatorRoutes(
                make_offer=make_offer,
                approve=approve,
                offers=offers,
                fraud_check=outside.fraud_check,
                for_officers=(withdrawal_routes(change_status, revoking), task_answers(answer_task)),
                for_staff=(
                    suspension_routes(change_status),
                    record_routes(
                        RecordRoutes(bank, credentials, credentials, revocations, ActStore(database), clock)
                    ),
                    task_records(answer_task),
                ),
                offered=frozenset(settings.configurations),
                access=StaffAccess(operator_token, officer_tokens),
                officers=OfficerAccess(officer_tokens),
                issuer_url=base_url,
            ),
            checks={
                "database": database.check,
                "ledger": outside.anchor_ledger.check,
                "status": publish.check,
                "anchors": anchoring.check,
            },
            start=_starting(issue, publish, jobs),
            stop=_stopping(jobs, database, outside.documents),
        )
    )


def _starting(issue: IssueCredential, publish: PublishStatus, jobs: JobRunner) -> Callable[[], None]:
    def start() -> None:
        # What a kill interrupted is signed before anybody can ask for it, and there is a list to point to.
        issue.finish_interrupted()
        publish.publish()
        jobs.start()

    return start


def _stopping(jobs: JobRunner, database: Database, documents: DocumentSigner | None) -> Callable[[], None]:
    def stop() -> None:
        jobs.stop()
        if documents is not None:
            documents.close()
        database.close()

    return stop


def _ledger_access(settings: IssuerSettings) -> tuple[LedgerAccess, KeyBook]:
    """The ledger's reader and writer; imported late, since its libraries take a while."""
    from ledger import AccountKey, LedgerSettings, LedgerWriter, open_ledger  # noqa: PLC0415 - see above

    did = DidEthr.parse(settings.did)
    contracts = {name: Address(address) for name, address in settings.contracts.items()}
    ledger = open_ledger(
        LedgerSettings(
            rpc_url=settings.rpc_url,
            chain_id=settings.chain_id,
            contracts=contracts,
            other_rpc_urls=settings.other_rpc_urls,
            confirmations=settings.confirmations,
            first_block=settings.first_block,
        )
    )
    writer = LedgerWriter(ledger, AccountKey.from_file(settings.account_key), did.address)
    return LedgerAccess(ledger, writer, did.address), ledger


def _documents(settings: IssuerSettings, entropy: Entropy) -> DidkitProcess | None:
    """The W3C signer, where a configuration needs it."""
    if not any(one.is_document for one in settings.configurations):
        return None
    path = settings.w3c_key or settings.state_dir / "w3c.jwk"
    return DidkitProcess(path, open_w3c_key(path, entropy))


def _hub_desk(
    settings: IssuerSettings, bank: CoreBanking, keys: KeyBook, clock: Clock, entropy: Entropy
) -> HubDesk:
    """The hub's own client; imported late, since its cryptography is a library of its own."""
    from fraud_check.client import ConsortiumKey, HubConnection, MemberClient  # noqa: PLC0415 - see above
    from issuer.remote.hub import HubDesk  # noqa: PLC0415 - see above

    if settings.consortium_key is None or not settings.hub_did:
        raise Misconfigured("expected ISSUER_HUB_DID and ISSUER_CONSORTIUM_KEY with ISSUER_HUB_URL")
    secret = load_secret_text(settings.consortium_key, "consortium key")
    try:
        key, hub, origin = (
            ConsortiumKey(bytes.fromhex(secret)),
            DidEthr.parse(settings.hub_did),
            Origin.parse(settings.hub_url),
        )
    except (ValueError, Malformed) as error:
        raise Misconfigured(
            "expected ISSUER_HUB_URL, ISSUER_HUB_DID, and 64 hexadecimal digits in ISSUER_CONSORTIUM_KEY"
        ) from error
    connection = HubConnection(
        base_url=settings.hub_url,
        hub=hub,
        caller=DidEthr.parse(settings.did),
        signer=PrivateKeySigner(load_p256_key(settings.signing_key, "signing key")),
        http=HttpClient(OutboundPolicy(frozenset({origin}))),
        keys=keys,
        clock=clock,
        entropy=entropy,
    )
    return HubDesk(connection, MemberClient(connection, key), bank.customers)
