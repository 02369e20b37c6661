"""The DID document of a ``did:ethr``, from what ERC-1056 says about it (did:ethr method specification).

Events in the chain's order; identifiers count every event of their kind, ended ones too, so that a key keeps its
number for ever. Ours beside the usual reading: P-256 keys get a JWK, so that an ES256 signature can be checked from
the document (design section 3). The document shows today and proves nothing about the past.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from passport.did.conforming import conforming
from passport.did.did_key import DidKey, KeyKind
from passport.errors import Malformed
from passport.identifiers import Address, DidEthr
from passport.jose import PublicJwk
from passport.strict_json import JsonObject, JsonValue

CONTEXTS: Final = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/security/multikey/v1",
)
NOBODY: Final = Address("0x" + "00" * 20)
_ATTRIBUTE: Final = re.compile(r"did/(pub|svc)/(\w+)(?:/(\w+))?(?:/(\w+))?")
_ENDPOINT: Final = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,2048}")


@dataclass(frozen=True, slots=True)
class DelegateChange:
    """A delegate was named, or its time ends. ``veriKey`` signs, ``sigAuth`` also authenticates; others are ours."""

    kind: str
    delegate: Address
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """An attribute was set, or its time ends: ``did/pub/<algorithm>/<purpose>/<encoding>`` or ``did/svc/<type>``."""

    name: str
    value: bytes
    valid_until: datetime


Change: TypeAlias = DelegateChange | AttributeChange


def ethr_document(
    did: DidEthr, *, owner: Address | None, changes: Sequence[Change], at: datetime
) -> JsonObject:
    """The document as of ``at``, in the form that pydid accepts and writes. ``owner`` is the newest one, or None where ownership never changed.

    An identity that was given to nobody is deactivated: its document is empty. A key or service that cannot be
    read is left out, since anybody's events must not keep a document from being made.
    """
    if owner == NOBODY:
        return conforming({"@context": CONTEXTS, "id": str(did)})
    assembly = _Assembly(did, owner or did.address)
    for change in changes:
        assembly.add(change, at)
    return assembly.document()


@dataclass(frozen=True, slots=True)
class _Method:
    """A verification method, and whether it authenticates too."""

    members: JsonObject
    authenticates: bool


class _Assembly:
    """One run over one identity's events."""

    def __init__(self, did: DidEthr, owner: Address) -> None:
        self._did = did
        self._keys = 0
        self._services = 0
        controller = _Method(self._recovery_method("controller", owner), authenticates=True)
        self._methods: dict[object, _Method] = {"controller": controller}
        self._endpoints: dict[object, JsonObject] = {}

    def add(self, change: Change, at: datetime) -> None:
        """Count the event; keep it if it holds, drop what it ends."""
        if isinstance(change, DelegateChange):
            self._add_delegate(change, at)
        else:
            self._add_attribute(change, at)

    def _add_delegate(self, change: DelegateChange, at: datetime) -> None:
        self._keys += 1
        key = (change.kind, change.delegate)
        self._methods.pop(key, None)
        if at < change.valid_until and change.kind in {"veriKey", "sigAuth"}:
            method = self._recovery_method(f"delegate-{self._keys}", change.delegate)
            self._methods[key] = _Method(method, change.kind == "sigAuth")

    def _add_attribute(self, change: AttributeChange, at: datetime) -> None:
        parts = _ATTRIBUTE.fullmatch(change.name)
        if parts is None:
            return
        key = (change.name, change.value)
        holds = at < change.valid_until
        if parts[1] == "svc":
            self._services += 1
            self._endpoints.pop(key, None)
            service = self._service(parts[2], change.value) if holds else None
            if service is not None:
                self._endpoints[key] = service
            return
        self._keys += 1
        self._methods.pop(key, None)
        material = _key_material(parts[2], change.value) if holds else None
        if material is not None:
            members = {**self._named(f"delegate-{self._keys}"), **material}
            self._methods[key] = _Method(members, parts[3] == "sigAuth")

    def document(self) -> JsonObject:
        """Everything that holds, in the order in which it was said."""
        methods = list(self._methods.values())
        document: dict[str, JsonValue] = {
            "@context": CONTEXTS,
            "id": str(self._did),
            "verificationMethod": [method.members for method in methods],
            "authentication": [method.members["id"] for method in methods if method.authenticates],
            "assertionMethod": [method.members["id"] for method in methods],
        }
        if self._endpoints:
            document["service"] = list(self._endpoints.values())
        return conforming(document)

    def _named(self, name: str) -> dict[str, JsonValue]:
        return {"id": f"{self._did}#{name}", "controller": str(self._did)}

    def _recovery_method(self, name: str, account: Address) -> JsonObject:
        return {
            **self._named(name),
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "blockchainAccountId": f"eip155:{self._did.chain_id}:{account}",
        }

    def _service(self, kind: str, raw: bytes) -> JsonObject | None:
        try:
            endpoint = raw.decode()
        except UnicodeDecodeError:
            return None
        if not _ENDPOINT.fullmatch(endpoint):
            return None
        return {"id": f"{self._did}#service-{self._services}", "type": kind, "serviceEndpoint": endpoint}


def _key_material(algorithm: str, raw: bytes) -> JsonObject | None:
    """Type and key, or nothing where the curve has no such point or the algorithm is not ours to read."""
    try:
        match algorithm:
            case "Secp256r1":
                jwk = PublicJwk.from_compressed(raw).to_json()
                return {"type": "JsonWebKey2020", "publicKeyJwk": jwk}
            case "Ed25519":
                return {"type": "Multikey", "publicKeyMultibase": DidKey(KeyKind.ED25519, raw).multikey}
            case "Secp256k1":
                return {"type": "Multikey", "publicKeyMultibase": DidKey(KeyKind.SECP256K1, raw).multikey}
            case _:
                return None
    except Malformed:
        return None
