"""Our contracts' events in our own words: what happened, and in which block.

The participant's part of ERC-1056 (attributes, delegates, owners) is here too; what a DID document makes of it is
``ledger.did``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from ledger.blocks import moment
from ledger.interfaces import DecodedEvent
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef, Grant, ParticipantKey, Role, StatusRecord

ROLES: Final = (Role.ISSUER, Role.VERIFIER, Role.HUB, Role.MEMBER, Role.POLICE)
"""In the order of the contract's enumeration."""


@dataclass(frozen=True, slots=True)
class SchemaRegistered:
    """A schema may be issued."""

    schema: bytes
    vct: str


@dataclass(frozen=True, slots=True)
class RootChanged:
    """A root certificate is trusted, or no longer."""

    root: bytes
    trusted: bool


@dataclass(frozen=True, slots=True)
class CheckpointKeyChanged:
    """A key may sign checkpoints, or no longer."""

    key: bytes
    trusted: bool


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """A participant added a signing key."""

    participant: Address
    key: ParticipantKey


@dataclass(frozen=True, slots=True)
class KeyStolen:
    """A signing key was in wrong hands, since a time that may lie before the block."""

    participant: Address
    thumbprint: bytes
    since: datetime


@dataclass(frozen=True, slots=True)
class Granted:
    """A participant was accredited."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class SuspensionChanged:
    """A grant was stopped, or holds again."""

    number: int
    suspended: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A grant was withdrawn, since a time that may lie before the block."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Anchored:
    """A batch was anchored."""

    anchor: AnchorRecord


@dataclass(frozen=True, slots=True)
class StatusPublished:
    """A new version of a status list counts."""

    status: StatusRecord


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """ERC-1056: another account speaks for an identity."""

    identity: Address
    owner: Address
    block: BlockRef


@dataclass(frozen=True, slots=True)
class DelegateChanged:
    """ERC-1056: a delegate was named, or its time ends."""

    identity: Address
    kind: str
    delegate: Address
    valid_until: datetime
    block: BlockRef


@dataclass(frozen=True, slots=True)
class AttributeChanged:
    """ERC-1056: an attribute was set, or its time ends."""

    identity: Address
    name: str
    value: bytes
    valid_until: datetime
    block: BlockRef


DidEvent: TypeAlias = OwnerChanged | DelegateChanged | AttributeChanged
LedgerEvent: TypeAlias = (
    SchemaRegistered
    | RootChanged
    | CheckpointKeyChanged
    | KeyAdded
    | KeyStolen
    | Granted
    | SuspensionChanged
    | Withdrawn
    | Anchored
    | StatusPublished
    | DidEvent
)


def _text(name: bytes) -> str:
    """ERC-1056 names: text, filled up with zeros to 32 bytes. What is no text cannot be a name of ours."""
    return name.rstrip(b"\0").decode("utf-8", errors="replace")


def in_our_words(decoded: DecodedEvent, block: BlockRef) -> LedgerEvent | None:  # noqa: C901, PLR0911, PLR0912
    """What a decoded event means; nothing if it is about the authority's own affairs.

    One case an event, in the contracts' order: a table of functions would say the same in more places.
    """
    values: dict[str, Any] = dict(decoded.values)
    match decoded.name:
        case "SchemaRegistered":
            return SchemaRegistered(values["schema"], values["vct"])
        case "RootAdded" | "RootRemoved":
            return RootChanged(values["root"], decoded.name == "RootAdded")
        case "CheckpointKeyAdded" | "CheckpointKeyRemoved":
            return CheckpointKeyChanged(values["key"], decoded.name == "CheckpointKeyAdded")
        case "SigningKeyAdded":
            period = moment(values["validFrom"]), moment(values["validUntil"])
            return KeyAdded(Address(values["participant"]), ParticipantKey(values["thumbprint"], *period))
        case "SigningKeyStolen":
            since = moment(values["stolenSince"])
            return KeyStolen(Address(values["participant"]), values["thumbprint"], since)
        case "Granted":
            return Granted(
                Grant(
                    number=values["number"],
                    participant=Address(values["participant"]),
                    role=ROLES[values["role"]],
                    schema=values["schema"],
                    valid_from=moment(values["validFrom"]),
                    valid_until=moment(values["validUntil"]),
                    evidence_hash=values["evidenceHash"],
                )
            )
        case "Suspended" | "Reinstated":
            return SuspensionChanged(values["number"], decoded.name == "Suspended")
        case "Withdrawn":
            return Withdrawn(values["number"], moment(values["withdrawnFrom"]))
        case "Anchored":
            return Anchored(
                AnchorRecord(
                    issuer=Address(values["issuer"]),
                    schema=values["schema"],
                    grant_number=values["grantNumber"],
                    root=values["root"],
                    size=values["size"],
                    block=block,
                )
            )
        case "StatusPublished":
            return StatusPublished(
                StatusRecord(
                    issuer=Address(values["issuer"]),
                    list_id=values["list"],
                    commitment=values["commitment"],
                    version=values["version"],
                    fresh_until=moment(values["freshUntil"]),
                    block=block,
                )
            )
        case "DIDOwnerChanged":
            return OwnerChanged(Address(values["identity"]), Address(values["owner"]), block)
        case "DIDDelegateChanged":
            return DelegateChanged(
                Address(values["identity"]),
                _text(values["delegateType"]),
                Address(values["delegate"]),
                moment(values["validTo"]),
                block,
            )
        case "DIDAttributeChanged":
            return AttributeChanged(
                Address(values["identity"]),
                _text(values["name"]),
                values["value"],
                moment(values["validTo"]),
                block,
            )
        case _:
            return None
