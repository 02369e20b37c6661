"""A consortium in memory: a root, a clock one can turn, a directory one can edit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from holder.directory import Directory, Participant
from outbound import AnswerLost, FetchLimits, HttpAnswer, parse_url
from passport.errors import Reason, Unavailable
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.registry import Grant, ParticipantKey, Role
from passport.x509 import CertificateAuthority, make_leaf, make_root

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CHAIN_ID = 31337


class Entropy:
    """Different bytes at every call, the same in every run."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0

    def token(self, size: int) -> bytes:
        self.calls += 1
        parts = [
            hashlib.sha256(f"{self.name}/{self.calls}/{part}".encode()).digest()
            for part in range(size // 32 + 1)
        ]
        return b"".join(parts)[:size]


@dataclass
class TurnableClock:
    """A clock that stands until it is turned."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


@dataclass
class Member:
    """A participant's keys and certificate."""

    did: DidEthr
    url: str
    signer: PrivateKeySigner
    certificate: bytes


@dataclass
class Consortium:
    """Everybody's trust, as the ledger would say it."""

    clock: TurnableClock = field(default_factory=TurnableClock)
    entropy: Entropy = field(default_factory=lambda: Entropy("consortium"))
    participants: dict[DidEthr, Participant] = field(default_factory=dict)
    down: bool = False
    reads: int = 0

    def __post_init__(self) -> None:
        self.root = self.new_root("Consortium")

    def new_root(self, name: str) -> CertificateAuthority:
        return make_root(
            name=name,
            signer=PrivateKeySigner.generate(self.entropy),
            not_before=START - timedelta(days=30),
            entropy=self.entropy,
        )

    def read(self) -> Directory:
        self.reads += 1
        if self.down:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger is down")
        return Directory(
            self.clock.now(),
            self.reads,
            tuple(self.participants.values()),
            frozenset({hashlib.sha256(self.root.certificate).digest()}),
        )

    def enrol(
        self,
        number: int,
        url: str,
        *,
        service: str,
        grants: Sequence[tuple[Role, bytes, bytes]],
        root: CertificateAuthority | None = None,
        san_uris: Sequence[str] | None = None,
    ) -> Member:
        """A participant with a key, a certificate and grants (role, schema, evidence hash)."""
        did = DidEthr(CHAIN_ID, Address(f"0x{number:040x}"))
        signer = PrivateKeySigner.generate(self.entropy)
        certificate = make_leaf(
            root or self.root,
            name=f"Member {number}",
            jwk=signer.public_jwk,
            not_before=START - timedelta(days=1),
            entropy=self.entropy,
            san_uris=[url, str(did)] if san_uris is None else san_uris,
        )
        begin = START - timedelta(days=1)
        self.participants[did] = Participant(
            did,
            tuple(
                Grant(
                    10 * number + place,
                    did.address,
                    role,
                    schema,
                    begin,
                    begin + timedelta(days=365),
                    evidence,
                )
                for place, (role, schema, evidence) in enumerate(grants)
            ),
            (ParticipantKey(signer.public_jwk.thumbprint(), begin),),
            {service: url},
        )
        return Member(did, url, signer, certificate)

    def edit(self, did: DidEthr, change: Callable[[Grant], Grant]) -> None:
        """Change every grant of a participant."""
        before = self.participants[did]
        self.participants[did] = replace(before, grants=tuple(change(grant) for grant in before.grants))


Handler = Callable[[str, str, bytes, Mapping[str, str]], HttpAnswer]
"""method, path, body, headers → answer"""


@dataclass
class Network:
    """Takes the place of the guarded client: routes by origin, and loses answers where a test wants it."""

    hosts: dict[str, Handler] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    lose: set[int] = field(default_factory=set)
    """Numbers of requests (from 1) whose answer is lost after the server has done its work."""
    down: set[str] = field(default_factory=set)

    def get(
        self,
        url: str,
        *,
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        del accept, limits
        return self._send("GET", url, b"", headers or {})

    def post(
        self,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = "",
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:
        del content_type, accept, limits
        return self._send("POST", url, body, headers or {})

    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        target = parse_url(url)
        self.requests.append((method, url))
        number = len(self.requests)
        origin = str(target.origin)
        if origin in self.down or origin not in self.hosts:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, f"could not connect to {origin}")
        answer = self.hosts[origin](method, target.path_and_query, body, headers)
        if number in self.lose:
            raise AnswerLost(f"{origin} gave no whole answer in time")
        return answer
