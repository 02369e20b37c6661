"""Where the verifier's concrete parts meet, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from fastapi import FastAPI

from fraud_check.client import HubConnection, PresentedProof, VerifierClient
from ledger import ContractName, Follower, LedgerSettings
from outbound import HttpClient, InsecureLoopback, OriginRule, OutboundPolicy
from passport import strict_json
from passport.clock import Clock
from passport.errors import Malformed, Misconfigured, Rejected
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.registry import VerifierRegistration
from passport.strict_json import JsonObject, as_object
from passport.x509 import verify_x5c
from service import faults
from service.database import Database
from service.key_files import load_certificates, load_p256_key, load_secret_text, read_file
from service.logs import configure_logs
from service.migrations import upgrade
from service.officers import OfficerAccess, read_officer_tokens, read_officers
from service.profile import Profile
from service.server import bind, serve
from service.settings import read_settings
from service.system import SystemClock, SystemEntropy
from verifier.assembly import Identity, Parts, Webhook, assemble
from verifier.background import Nudge
from verifier.evidence import AuthenticCredential, AuthenticPresentation
from verifier.http.reviews import OfficersDoor
from verifier.patience import ShortPatience
from verifier.policies import read_policies
from verifier.policies.reader import KnownPolicy
from verifier.registrations import read_registrations
from verifier.remote.bank_files import BankFiles
from verifier.remote.webhook import WebhookReceiver, webhook_key
from verifier.settings import VerifierSettings
from verifier.use_cases.ask_fraud_check import Hub, HubAnswer

_MIGRATIONS = Path(__file__).with_name("storage") / "migrations"


def run() -> None:
    """Read settings, take the port, serve until told to stop."""
    settings = read_settings(VerifierSettings)
    configure_logs(settings.log_level)
    if settings.fault_point:
        faults.install(faults.InsecureFaultPoints(settings.fault_point, profile=settings.profile))
    listener = bind(settings.host, settings.port)
    with ExitStack() as stack:
        serve(build(settings, stack), listener, proxies=settings.proxies())


def build(settings: VerifierSettings, stack: ExitStack) -> FastAPI:
    """The whole verifier; what must be closed goes on the stack, in reverse order.

    Raises:
        Misconfigured: a file, key or policy is missing or wrong.
    """
    clock, entropy = SystemClock(), SystemEntropy()
    identity = read_identity(settings, clock)
    policies = read_policies(settings.policy_dir)
    require_purposes(policies, identity.registration)
    api_token = load_secret_text(settings.api_token, "the API token")
    database = Database(settings.database("verifier"))
    stack.callback(database.close)
    upgrade(database, _MIGRATIONS)
    http = HttpClient(OutboundPolicy(allowed_origins(settings)))
    stack.callback(http.close)
    ledger = ledger_settings(settings)
    changed = Nudge()
    follower = Follower(ledger, clock, lambda _: changed.give(), settings.follow_seconds)
    stack.callback(follower.stop)
    follower.start()
    return assemble(
        Parts(
            identity=identity,
            api_token=api_token,
            policies=policies,
            database=database,
            ledger=follower,
            anchor_registry=ledger.address_of(ContractName.ANCHOR_REGISTRY),
            fetcher=BankFiles(http),
            patience=ShortPatience(settings.anchor_wait_seconds),
            clock=clock,
            entropy=entropy,
            lifetime=settings.application_lifetime,
            promised_delay=settings.promised_delay,
            follow_seconds=settings.follow_seconds,
            ledger_changed=changed,
            registrations=read_registrations(settings.issuer_registrations),
            hub=hub_of(settings, identity, http, follower),
            webhook=webhook_of(settings, http),
            officers=officers_of(settings, api_token),
        )
    ).app


def read_identity(settings: VerifierSettings, clock: Clock) -> Identity:
    """The verifier's identity from its files.

    Raises:
        Misconfigured: a file is missing, is readable by others, or does not belong to the others.
    """
    signer = PrivateKeySigner(load_p256_key(settings.signing_key, "the signing key"))
    certificates = load_certificates(settings.certificate, "the certificate")
    roots = load_certificates(settings.trust_roots, "the trust roots")
    did = read_did("VERIFIER_DID", settings.did)
    try:
        leaf = verify_x5c(certificates, roots=roots, at=clock.now())
        leaf.check_participant(did)
    except (Rejected, Malformed) as error:
        raise Misconfigured(f"VERIFIER_CERTIFICATE: {error}") from error
    if leaf.leaf_jwk != signer.public_jwk:
        raise Misconfigured("expected VERIFIER_CERTIFICATE to be about VERIFIER_SIGNING_KEY")
    return Identity(
        did=did,
        signer=signer,
        certificates=certificates,
        roots=roots,
        registration=read_registration(settings, did),
        base_url=settings.base_url,
    )


def read_did(name: str, text: str) -> DidEthr:
    """A DID among the settings.

    Raises:
        Misconfigured: it is not one.
    """
    try:
        return DidEthr.parse(text)
    except Malformed as error:
        raise Misconfigured(f"{name}: {error}") from error


def read_registration(settings: VerifierSettings, did: DidEthr) -> JsonObject:
    """The registration document, as registered: its hash is on the ledger, so it is passed on unchanged.

    Raises:
        Misconfigured: it is not a registration of this verifier.
    """
    try:
        document = as_object(strict_json.loads(read_file(settings.registration, "the registration")))
        registered = VerifierRegistration.read(document)
    except Malformed as error:
        raise Misconfigured(f"VERIFIER_REGISTRATION: {error}") from error
    if registered.did != str(did):
        raise Misconfigured("expected VERIFIER_REGISTRATION to be about VERIFIER_DID")
    return document


def require_purposes(policies: Mapping[str, KnownPolicy], registration: JsonObject) -> None:
    """Every policy's purpose is one that was registered: wallets refuse any other.

    Raises:
        Misconfigured: it is not.
    """
    registered = VerifierRegistration.read(registration)
    for known in policies.values():
        if registered.purpose(known.policy.purpose) is None:
            raise Misconfigured(f"policy {known.policy.name}: expected a registered purpose")


def ledger_settings(settings: VerifierSettings) -> LedgerSettings:
    """Where the ledger is.

    Raises:
        Misconfigured: an address is not one, or a contract is missing.
    """
    try:
        contracts = {name: Address(address) for name, address in settings.contracts.items()}
    except Malformed as error:
        raise Misconfigured(f"VERIFIER_CONTRACTS: {error}") from error
    return LedgerSettings(
        rpc_url=settings.rpc_url,
        chain_id=settings.chain_id,
        contracts=contracts,
        other_rpc_urls=settings.other_rpc_urls,
        confirmations=settings.confirmations,
        first_block=settings.first_block,
    )


class HubByClient:
    """``Hub`` by the hub's own client."""

    def __init__(self, client: VerifierClient, did: DidEthr) -> None:
        self.did = did
        self._client = client

    def question(self, presentation: AuthenticPresentation, credential: AuthenticCredential) -> str:
        """A signed question about one credential of a presentation."""
        return self._client.question(
            PresentedProof(
                application=presentation.application.id,
                purpose=presentation.policy.policy.purpose,
                nonce=presentation.application.nonce,
                credential=credential.issuer_jwt,
                kb_jwt=credential.kb_jwt,
            )
        )

    def ask(self, signed_question: str) -> HubAnswer:
        """The hub's verdict."""
        answer = self._client.ask(signed_question)
        return HubAnswer(answer.verdict, answer.signed)


def hub_of(
    settings: VerifierSettings, identity: Identity, http: HttpClient, follower: Follower
) -> Hub | None:
    """The hub's client, or nothing in a world without a hub.

    Raises:
        Misconfigured: the hub's DID is not one, or not that of the hub that the registration tells people of.
    """
    if settings.hub_url is None or settings.hub_did is None:
        return None
    did = read_did("VERIFIER_HUB_DID", settings.hub_did)
    # What the holder signs is the consent to asking, and the wallet shows this registration before.
    if VerifierRegistration.read(identity.registration).hub != str(did):
        raise Misconfigured("VERIFIER_HUB_DID: expected the hub that VERIFIER_REGISTRATION names")
    connection = HubConnection(
        base_url=settings.hub_url,
        hub=did,
        caller=identity.did,
        signer=identity.signer,
        http=http,
        keys=follower,
        clock=SystemClock(),
        entropy=SystemEntropy(),
    )
    return HubByClient(VerifierClient(connection, identity.certificates), did)


def officers_of(settings: VerifierSettings, api_token: str) -> OfficersDoor:
    """The officers who settle reviews; none where none are named.

    Raises:
        Misconfigured: their file or a token is wrong.
    """
    officers = {} if settings.officers is None else read_officers(settings.officers)
    tokens = read_officer_tokens(settings.officer_tokens, officers.keys(), [api_token])
    return OfficersDoor(officers, OfficerAccess(tokens))


def webhook_of(settings: VerifierSettings, http: HttpClient) -> Webhook | None:
    """The webhook, if there is one.

    Raises:
        Misconfigured: its secret is missing, readable by others, or of another form.
    """
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    text = load_secret_text(settings.webhook_secret, "the webhook's secret")
    return Webhook(WebhookReceiver(http, settings.webhook_url), webhook_key(text))


def allowed_origins(settings: VerifierSettings) -> OriginRule:
    """Where plain http and private addresses may be reached: on this machine in the sandbox, else nowhere."""
    if settings.profile is Profile.SANDBOX:
        return InsecureLoopback(settings.profile.value)
    return frozenset()
