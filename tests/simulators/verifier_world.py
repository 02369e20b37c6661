"""A ledger, a bank and a holder in memory, for tests of the verifier. Each can be made to misbehave."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.anchor import AnchorScope, LeafFile, Tree, leaf_hash, padded
from passport.clock import to_epoch
from passport.disclosable import ClaimPath, ClaimTree, Disclosable
from passport.errors import Reason, Unavailable
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS, Address, DidEthr, Vct
from passport.jose import PrivateKeySigner, b64u_encode
from passport.registry import (
    AnchorRecord,
    BlockRef,
    Grant,
    ParticipantKey,
    Role,
    StatusRecord,
    schema_id,
)
from passport.sd_jwt import confirmation, issue, present
from passport.status import StatusList, commitment, list_id_of, sign_status_list
from passport.x509 import CertificateAuthority, make_leaf, make_root, root_hash, x5c_to_header

CHAIN_ID = 31337
START = datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC)
ANCHOR_REGISTRY = Address("0x" + "a1" * 20)
ANCHOR: Mapping[str, ClaimTree] = {"chain_id": CHAIN_ID, "registry": str(ANCHOR_REGISTRY)}


class RealEntropy:
    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class HandClock:
    """A clock that moves when told to."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class NoPatience:
    """Asks once."""

    def until(self, condition: object) -> bool:
        assert callable(condition)
        return bool(condition())


def new_signer() -> PrivateKeySigner:
    return PrivateKeySigner.generate(RealEntropy())


def new_did() -> DidEthr:
    return DidEthr(CHAIN_ID, Address("0x" + secrets.token_hex(20)))


class LedgerInMemory:
    """What a follower knows; ``down`` makes it a follower whose chain no longer answers."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.down_since: datetime | None = None
        self.seen = True
        self.rollbacks = 0
        self.trust_is_unknown = False
        self.grant_list: list[Grant] = []
        self.keys: dict[tuple[Address, bytes], ParticipantKey] = {}
        self.roots: set[bytes] = set()
        self.endpoints: dict[tuple[Address, str], str] = {}
        self.number = 100
        self.anchors: dict[tuple[Address, bytes, int, bytes], AnchorRecord] = {}
        self.statuses: dict[tuple[Address, bytes], StatusRecord] = {}

    def anchor(self, issuer: Address, schema: bytes, grant_number: int, root: bytes) -> AnchorRecord | None:
        return self.anchors.get((issuer, schema, grant_number, root))

    def anchors_since(self, block_number: int, at_most: int) -> Sequence[AnchorRecord]:
        after = [one for one in self.anchors.values() if one.block.number > block_number]
        after.sort(key=lambda one: one.block.number)
        end = after[min(at_most, len(after)) - 1].block.number if after else 0
        return [one for one in after if one.block.number <= end]

    def status_record(self, issuer: Address, list_id: bytes) -> StatusRecord | None:
        return self.statuses.get((issuer, list_id))

    def status_records(self, issuer: Address) -> Sequence[StatusRecord]:
        return [one for one in self.statuses.values() if one.issuer == issuer]

    def participants(self, role: Role) -> frozenset[Address]:
        return frozenset(grant.participant for grant in self.grant_list if grant.role is role)

    def grants(self, who: Address, role: Role, schema: bytes | None) -> Sequence[Grant]:
        return [
            grant
            for grant in self.grant_list
            if grant.participant == who and grant.role is role and schema in {None, grant.schema}
        ]

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        return self.keys.get((who, thumbprint))

    def trusted_roots(self) -> frozenset[bytes]:
        if self.trust_is_unknown:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger was not seen yet")
        return frozenset(self.roots)

    def service_endpoint(self, who: Address, name: str) -> str | None:
        return self.endpoints.get((who, name))

    @property
    def as_of(self) -> BlockRef:
        if not self.seen:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger was not seen yet")
        return self.block()

    @property
    def last_seen_at(self) -> datetime | None:
        return self._clock.now() if self.down_since is None else self.down_since

    def check(self) -> None:
        if self.down_since is not None:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "simulated: down")
        _ = self.as_of

    def go_down(self) -> None:
        self.down_since = self._clock.now() - timedelta(seconds=1)

    def block(self) -> BlockRef:
        return BlockRef(self.number, self.number.to_bytes(32), self._clock.now())

    def accredit(self, who: Address, role: Role, schema: bytes = bytes(32)) -> Grant:
        now = self._clock.now()
        grant = Grant(
            number=len(self.grant_list) + 1,
            participant=who,
            role=role,
            schema=schema,
            valid_from=now - timedelta(days=30),
            valid_until=now + timedelta(days=300),
            evidence_hash=secrets.token_bytes(32),
        )
        self.grant_list.append(grant)
        return grant

    def change_grants(
        self, who: Address, *, withdrawn_from: datetime | None = None, suspended: bool = False
    ) -> None:
        self.grant_list = [
            replace(grant, withdrawn_from=withdrawn_from, suspended=suspended)
            if grant.participant == who
            else grant
            for grant in self.grant_list
        ]


@dataclass
class Consortium:
    """A root certificate and who certifies under it."""

    authority: CertificateAuthority

    @classmethod
    def new(cls, name: str = "Consortium") -> Consortium:
        return cls(
            make_root(
                name=name, signer=new_signer(), not_before=START - timedelta(days=60), entropy=RealEntropy()
            )
        )

    def certify(self, signer: PrivateKeySigner, uris: Sequence[str]) -> bytes:
        return make_leaf(
            self.authority,
            name="Participant",
            jwk=signer.public_jwk,
            not_before=START - timedelta(days=30),
            entropy=RealEntropy(),
            san_uris=uris,
        )


class InlineExecutor(ThreadPoolExecutor):
    """Does at once what it is given."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class FilesInMemory:
    """What banks serve: by address; ``asked`` remembers every request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.down = False

    def get(self, url: str, *, accept: Sequence[str], max_bytes: int) -> bytes:
        self.asked.append(url)
        if self.down or url not in self.files or len(self.files[url]) > max_bytes:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "expected a file")
        assert accept
        return self.files[url]


LIST_SIZE = 4096


@dataclass
class BankInMemory:
    """An issuing bank: signs what it is told to, anchors it when told to, and keeps one status list."""

    clock: HandClock
    ledger: LedgerInMemory
    consortium: Consortium
    base_url: str = "https://bank-a.example"
    did: DidEthr = field(default_factory=new_did)
    signer: PrivateKeySigner = field(default_factory=new_signer)
    files: FilesInMemory = field(default_factory=FilesInMemory)
    next_index: int = 0
    leaf: bytes = b""
    statuses: StatusList = field(default_factory=lambda: StatusList.empty(LIST_SIZE))
    version: int = 0
    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    """Type and leaf of each copy that is not anchored yet."""

    def __post_init__(self) -> None:
        self.leaf = self.consortium.certify(self.signer, [self.base_url, str(self.did)])

    def join(self, vcts: Sequence[str] = (PROOF_OF_FUNDS, PASSPORT_IDENTITY)) -> None:
        """Be accredited, with key, root and service on the ledger."""
        for vct in vcts:
            self.ledger.accredit(self.did.address, Role.ISSUER, schema_id(Vct(vct)))
        self.ledger.keys[self.did.address, self.signer.public_jwk.thumbprint()] = ParticipantKey(
            self.signer.public_jwk.thumbprint(), START - timedelta(days=30)
        )
        self.ledger.roots.add(root_hash(self.consortium.authority.certificate))
        self.ledger.endpoints[self.did.address, "OpenID4VCI"] = self.base_url
        self.publish()

    @property
    def list_uri(self) -> str:
        return f"{self.base_url}/status/1"

    def publish(
        self, changes: Mapping[int, int] | None = None, *, on_ledger: bool = True, serve: bool = True
    ) -> None:
        """A new version of the status list."""
        self.statuses = self.statuses.changed(changes or {})
        self.version += 1
        list_id = list_id_of(self.list_uri)
        if on_ledger:
            self.ledger.number += 1
            self.ledger.statuses[self.did.address, list_id] = StatusRecord(
                issuer=self.did.address,
                list_id=list_id,
                commitment=commitment(self.list_uri, self.statuses.bits, self.version, self.statuses.raw),
                version=self.version,
                fresh_until=self.clock.now() + timedelta(days=6),
                block=self.ledger.block(),
            )
        if serve:
            self.serve_list()

    def serve_list(self, *, signer: PrivateKeySigner | None = None, uri: str | None = None) -> None:
        now = self.clock.now()
        self.files.files[self.list_uri] = sign_status_list(
            self.statuses,
            uri=uri or self.list_uri,
            version=self.version,
            issued_at=now,
            expires_at=now + timedelta(hours=24),
            signer=signer or self.signer,
            header={"x5c": x5c_to_header([self.leaf])},
        ).encode()

    def anchor_all(self, *, grant_number: int | None = None) -> AnchorRecord:
        """One batch for each type that has copies waiting; the last record."""
        self.ledger.number += 1
        record: AnchorRecord | None = None
        for vct in sorted({vct for vct, _ in self.waiting}):
            schema = schema_id(Vct(vct))
            leaves = [leaf for each, leaf in self.waiting if each == vct]
            tree = Tree(padded(leaves, 8, RealEntropy()))
            grants = self.ledger.grants(self.did.address, Role.ISSUER, schema)
            number = grant_number or (grants[-1].number if grants else 1)
            record = AnchorRecord(self.did.address, schema, number, tree.root, tree.size, self.ledger.block())
            self.ledger.anchors[record.issuer, record.schema, number, tree.root] = record
            self.files.files[f"{self.base_url}/leaves/{tree.root.hex()}"] = LeafFile(tree).to_bytes()
        self.waiting.clear()
        assert record is not None
        return record

    def sign(
        self, vct: str, claims: Mapping[str, ClaimTree], holder: PrivateKeySigner, **spoiled: ClaimTree
    ) -> str:
        """One copy; ``spoiled`` replaces open claims."""
        now = self.clock.now()
        index = self.next_index
        self.next_index += 1
        opened: dict[str, ClaimTree] = {
            "iss": self.base_url,
            "iat": to_epoch(now),
            "exp": to_epoch(now + timedelta(days=30)),
            "vct": vct,
            "cnf": confirmation(holder.public_jwk),
            "status": {"status_list": {"idx": index, "uri": f"{self.base_url}/status/1"}},
        }
        salt = secrets.token_bytes(32)
        opened["anchor"] = {**ANCHOR, "salt": b64u_encode(salt), "due": to_epoch(now + timedelta(seconds=60))}
        issued = issue(
            claims={**opened, **claims, **spoiled},
            signer=self.signer,
            entropy=RealEntropy(),
            header={"x5c": x5c_to_header([self.leaf])},
        )
        scope = AnchorScope(CHAIN_ID, ANCHOR_REGISTRY, self.did.address, schema_id(Vct(vct)))
        self.waiting.append((vct, leaf_hash(scope, salt=salt, credential_hash=issued.credential_hash)))
        return issued.text

    def identity(self, holder: PrivateKeySigner, **spoiled: ClaimTree) -> str:
        claims: dict[str, ClaimTree] = {
            "name_latin": Disclosable("LIN, YU-CHEN"),
            "name_chinese": Disclosable("林宇辰"),
            "birth_date": Disclosable("1990-05-04"),
            "nationality": Disclosable("TW"),
            "document": Disclosable({"type": Disclosable("passport"), "expiry": Disclosable("2031-01-01")}),
        }
        return self.sign(PASSPORT_IDENTITY, claims, holder, **spoiled)

    def proof_of_funds(
        self,
        holder: PrivateKeySigner,
        *,
        as_of: datetime | str | None = None,
        rungs: Sequence[str] = ("usd_10000", "usd_25000", "usd_50000"),
        rungs28d: Sequence[str] = ("usd_10000", "usd_25000", "usd_50000"),
        any_joint: ClaimTree = False,
        name: str = "LIN, YU-CHEN",
        handle: str | None = None,
        hub: DidEthr | None = None,
        **spoiled: ClaimTree,
    ) -> str:
        claims: dict[str, ClaimTree] = {
            "as_of": Disclosable(
                as_of if isinstance(as_of, str) else (as_of or self.clock.now()).isoformat()
            ),
            "holder": Disclosable({"name_latin": Disclosable(name), "birth_date": Disclosable("1990-05-04")}),
            "thresholds": Disclosable(
                {
                    "total": Disclosable({rung: Disclosable(value=True) for rung in rungs}),
                    "min28d": Disclosable({rung: Disclosable(value=True) for rung in rungs28d}),
                }
            ),
            "any_joint": Disclosable(any_joint),
        }
        if hub is not None:
            claims["fraud"] = {"hub": str(hub), "handle": handle or b64u_encode(secrets.token_bytes(16))}
        return self.sign(PROOF_OF_FUNDS, claims, holder, **spoiled)


IDENTITY_PATHS: tuple[ClaimPath, ...] = (
    ("name_latin",),
    ("birth_date",),
    ("nationality",),
    ("document", "expiry"),
)
FUNDS_PATHS: tuple[ClaimPath, ...] = (
    ("holder", "name_latin"),
    ("as_of",),
    ("any_joint",),
    ("thresholds", "total", "usd_50000"),
    ("thresholds", "min28d", "usd_50000"),
)


@dataclass
class HolderInMemory:
    """A wallet that shows what it is told to."""

    clock: HandClock
    signer: PrivateKeySigner = field(default_factory=new_signer)

    def show(
        self,
        credential: str,
        paths: Sequence[ClaimPath],
        *,
        nonce: str,
        aud: str,
        signer: PrivateKeySigner | None = None,
        age: timedelta = timedelta(),
    ) -> str:
        return present(
            credential,
            disclose=paths,
            holder_signer=signer or self.signer,
            nonce=nonce,
            aud=aud,
            iat=to_epoch(self.clock.now() - age),
        )
