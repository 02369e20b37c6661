"""One event of each kind that the contracts know, and the question that its fact answers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime

from ledger import ContractName, Follower, LedgerSettings
from passport.identifiers import Address
from passport.registry import Role
from tests.simulators.ledger_node import SIMULATED_CHAIN_ID, SIMULATED_CONTRACTS, Event, SimulatedNode

TRUST, ANCHORS, STATUS, DIDS = (
    ContractName.TRUST_REGISTRY,
    ContractName.ANCHOR_REGISTRY,
    ContractName.STATUS_REGISTRY,
    ContractName.DID_REGISTRY,
)
BANK = "0x" + "b1" * 20
OTHER = "0x" + "02" * 20
WHO = Address(BANK)
SCHEMA, ROOT, LIST, KEY = b"s" * 32, b"r" * 32, b"l" * 32, b"k" * 32
START, END = 1_800_000_000, 1_900_000_000


def granted(number: int) -> Event:
    values = {"number": number, "participant": BANK, "role": 0, "schema": SCHEMA, "validFrom": START}
    return TRUST, "Granted", {**values, "validUntil": END, "evidenceHash": b"e" * 32}


def suspended() -> Event:
    return TRUST, "Suspended", {"number": 1}


def reinstated() -> Event:
    return TRUST, "Reinstated", {"number": 1}


def anchored(root: bytes = ROOT) -> Event:
    return ANCHORS, "Anchored", {"issuer": BANK, "schema": SCHEMA, "grantNumber": 1, "root": root, "size": 64}


def published(version: int) -> Event:
    values = {"issuer": BANK, "list": LIST, "commitment": bytes([version % 256]) * 32, "version": version}
    return STATUS, "StatusPublished", {**values, "freshUntil": END}


def attribute(value: bytes) -> Event:
    name = b"did/svc/OpenID4VCI".ljust(32, b"\0")
    values = {"identity": BANK, "name": name, "value": value, "validTo": END, "previousChange": 0}
    return DIDS, "DIDAttributeChanged", values


def delegate() -> Event:
    kind = b"operator".ljust(32, b"\0")
    values = {"identity": BANK, "delegateType": kind, "delegate": OTHER, "validTo": END, "previousChange": 0}
    return DIDS, "DIDDelegateChanged", values


PLACE = {"participant": BANK, "thumbprint": KEY}
KEY_ADDED: Event = (TRUST, "SigningKeyAdded", {**PLACE, "validFrom": START, "validUntil": END})
BEFORE = (granted(1), published(1), KEY_ADDED, (TRUST, "RootAdded", {"root": ROOT}), attribute(b"http://old"))
KINDS: dict[str, tuple[Event, Callable[[Follower], object]]] = {
    "status version": (published(2), lambda known: [one.version for one in known.status_records(WHO)]),
    "grant": (granted(2), lambda known: known.grants(WHO, Role.ISSUER)),
    "suspension": (suspended(), lambda known: known.grant(1)),
    "withdrawal": (
        (TRUST, "Withdrawn", {"number": 1, "withdrawnFrom": START}),
        lambda known: known.grant(1),
    ),
    "key": (
        (TRUST, "SigningKeyAdded", {**PLACE, "thumbprint": b"n" * 32, "validFrom": START, "validUntil": END}),
        lambda known: known.signing_keys(WHO),
    ),
    "stolen key": (
        (TRUST, "SigningKeyStolen", {**PLACE, "stolenSince": START}),
        lambda known: known.signing_key(WHO, KEY),
    ),
    "root": ((TRUST, "RootAdded", {"root": b"n" * 32}), lambda known: known.trusted_roots()),
    "root removed": ((TRUST, "RootRemoved", {"root": ROOT}), lambda known: known.trusted_roots()),
    "checkpoint key": (
        (TRUST, "CheckpointKeyAdded", {"key": KEY}),
        lambda known: known.checkpoint_keys(),
    ),
    "schema": (
        (TRUST, "SchemaRegistered", {"schema": SCHEMA, "vct": "urn:x"}),
        lambda known: known.schemas(),
    ),
    "anchor": (anchored(), lambda known: known.anchor(WHO, SCHEMA, 1, ROOT)),
    "endpoint": (attribute(b"http://new"), lambda known: known.service_endpoint(WHO, "OpenID4VCI")),
    "delegate": (delegate(), lambda known: known.operators(WHO)),
    "owner": (
        (DIDS, "DIDOwnerChanged", {"identity": BANK, "owner": OTHER, "previousChange": 0}),
        lambda known: known.owner(WHO),
    ),
}


class SteppingClock:
    time = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def fresh(node: SimulatedNode) -> Follower:
    """What an honest copy of the node makes known."""
    honest = copy.deepcopy(node)
    honest.twist = lambda _method, _parameters, answer: answer
    honest.left_out, honest.down, honest.shown = (lambda _: False), False, None
    known = Follower(
        LedgerSettings("http://127.0.0.1:1", SIMULATED_CHAIN_ID, SIMULATED_CONTRACTS),
        SteppingClock(),
        node=honest,
    )
    known.poll()
    known.check()
    return known
