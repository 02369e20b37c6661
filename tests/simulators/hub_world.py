"""A hub over real HTTP on loopback, with a listed ledger and a clock that can be moved, and parties that call it."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from fraud_check.client import ConsortiumKey, HubConnection, MemberClient, PoliceClient, VerifierClient
from fraud_check.hub import Hub, Identity
from fraud_check.ports import FlowRule
from fraud_check.quotas import QuotaLimits
from fraud_check.rules import DEFAULT_RULE
from fraud_check.wiring import HubParts, hub_app, open_hub
from outbound import HttpClient, InsecureLoopback, OutboundPolicy
from passport.clock import to_epoch
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.registry import Grant, ParticipantKey, Role
from passport.sd_jwt import confirmation, issue, present
from passport.x509 import make_leaf, make_root, root_hash, x5c_to_header, x509_hash
from service.database import Database
from service.server import bind, server_config

CHAIN = 31337
NONCE = "n-0S6_WzA2MjQwer"
KEY = ConsortiumKey(b"consortium key of the simulation")
LONG_AGO = timedelta(days=400)


class Entropy:
    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class MovableClock:
    """The machine's time, moved by as much as a test says."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved


@dataclass
class ListedRegistry:
    """What the ledger would answer."""

    keys: dict[tuple[Address, bytes], ParticipantKey] = field(default_factory=dict)
    listed: list[Grant] = field(default_factory=list)
    roots: set[bytes] = field(default_factory=set)

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        return self.keys.get((who, thumbprint))

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> tuple[Grant, ...]:
        return tuple(
            grant
            for grant in self.listed
            if grant.participant == who and grant.role is role and schema in {None, grant.schema}
        )

    def trusted_roots(self) -> frozenset[bytes]:
        return frozenset(self.roots)


@dataclass(frozen=True)
class Participant:
    """A party with a key on the ledger and a certificate."""

    did: DidEthr
    signer: PrivateKeySigner
    certificate: bytes
    url: str

    @property
    def client_id(self) -> str:
        return f"x509_hash:{x509_hash(self.certificate)}"


@dataclass(frozen=True)
class Presented:
    """A proof of funds as a verifier received it."""

    credential: str
    kb_jwt: str


class HubWorld:
    """Everything around one hub, which can be stopped and started again on the same state."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: QuotaLimits | None = None,
        rule: FlowRule = DEFAULT_RULE,
        database_url: str = "",
    ) -> None:
        self.folder = folder
        self.database_url = database_url or f"sqlite:///{folder / 'hub.sqlite'}"
        self.limits = limits or QuotaLimits()
        self.rule = rule
        self.clock = MovableClock()
        self.registry = ListedRegistry()
        self.entropy = Entropy()
        self.http = HttpClient(OutboundPolicy(allowed=InsecureLoopback("sandbox")))
        self.root = make_root(
            name="Consortium root",
            signer=PrivateKeySigner.generate(self.entropy),
            not_before=self.clock.now() - LONG_AGO,
            entropy=self.entropy,
        )
        self.registry.roots.add(root_hash(self.root.certificate))
        self.listener = bind("127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.participant_count = 0
        self.identity = self.participant(Role.HUB)
        self.hub = self._open()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    # --- parties -----------------------------------------------------------------------------------------------

    def participant(self, *roles: Role) -> Participant:
        self.participant_count += 1
        number = self.participant_count
        did = DidEthr(CHAIN, Address(f"0x{number:040x}"))
        signer = PrivateKeySigner.generate(self.entropy)
        url = f"https://party-{number}.example"
        certificate = make_leaf(
            self.root,
            name=f"Party {number}",
            jwk=signer.public_jwk,
            not_before=self.clock.now() - timedelta(days=1),
            entropy=self.entropy,
            san_uris=(str(did), url),
        )
        since = self.clock.now() - LONG_AGO
        thumbprint = signer.public_jwk.thumbprint()
        self.registry.keys[did.address, thumbprint] = ParticipantKey(thumbprint, since)
        for role in roles:
            self.grant(did, role)
        return Participant(did, signer, certificate, url)

    def grant(self, did: DidEthr, role: Role, *, suspended: bool = False) -> None:
        since = self.clock.now() - LONG_AGO
        until = self.clock.now() + 10 * LONG_AGO
        number = len(self.registry.listed) + 1
        self.registry.listed.append(
            Grant(number, did.address, role, bytes(32), since, until, bytes(32), suspended=suspended)
        )

    def connection(self, caller: Participant) -> HubConnection:
        return HubConnection(
            base_url=self.base_url,
            hub=self.identity.did,
            caller=caller.did,
            signer=caller.signer,
            http=self.http,
            keys=self.registry,
            clock=self.clock,
            entropy=self.entropy,
        )

    def member(self, caller: Participant) -> MemberClient:
        return MemberClient(self.connection(caller), KEY)

    def police(self, caller: Participant) -> PoliceClient:
        return PoliceClient(self.connection(caller), KEY)

    def verifier(self, caller: Participant) -> VerifierClient:
        return VerifierClient(self.connection(caller), [caller.certificate])

    def presented(
        self,
        issuer: Participant,
        verifier: Participant,
        handle: str,
        *,
        nonce: str = NONCE,
        age: timedelta = timedelta(),
        **changes: object,
    ) -> Presented:
        """A proof with ``handle``, shown to the verifier."""
        holder = PrivateKeySigner.generate(self.entropy)
        now = self.clock.now()
        claims: dict[str, object] = {
            "iss": issuer.url,
            "iat": to_epoch(now),
            "cnf": confirmation(holder.public_jwk),
            "fraud": {"hub": str(self.identity.did), "handle": handle},
            **changes,
        }
        issued = issue(
            claims=claims,  # type: ignore[arg-type]  # a test may spoil any member
            signer=issuer.signer,
            entropy=self.entropy,
            header={"x5c": x5c_to_header([issuer.certificate])},
        )
        shown = present(
            issued.text,
            disclose=(),
            holder_signer=holder,
            nonce=nonce,
            aud=verifier.client_id,
            iat=to_epoch(now - age),
        )
        credential, _, kb_jwt = shown.rpartition("~")
        return Presented(credential.partition("~")[0], kb_jwt)

    # --- the process -------------------------------------------------------------------------------------------

    def start(self) -> None:
        app = hub_app(self.hub, {})
        self._server = uvicorn.Server(server_config(app))
        run = self._server.run
        self._thread = threading.Thread(target=run, kwargs={"sockets": [self.listener.dup()]}, daemon=True)
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > until:
                raise TimeoutError("the hub did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self.hub.database.close()

    def restart(self) -> None:
        """Forget everything in memory and read it again from the disk."""
        self.stop()
        self.restart_here()

    def restart_here(self) -> None:
        """Open the hub anew in this process."""
        self.reopen()
        self.start()

    def reopen(self) -> Hub:
        """The hub on what it remembers, for whoever serves it."""
        self.hub = self._open()
        return self.hub

    def close(self) -> None:
        self.stop()
        self.http.close()
        self.listener.close()

    def _open(self) -> Hub:
        return open_hub(
            HubParts(
                identity=Identity(self.identity.did, self.base_url, self.identity.signer),
                roots=[self.root.certificate],
                registry=self.registry,
                clock=self.clock,
                entropy=self.entropy,
                database=Database(self.database_url),
                state_dir=self.folder,
                limits=self.limits,
                rule=self.rule,
            )
        )
