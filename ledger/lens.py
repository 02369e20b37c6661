"""VerifierLens: what each registry holds, asked of the contracts themselves in one call at one block.

For a second opinion on what events said, and for those who follow nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.blocks import Node, moment, octets
from ledger.events import ROLES
from ledger.interfaces import interface
from ledger.rpc import NodeError, unavailable
from ledger.settings import ContractName, LedgerSettings
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import Grant, ParticipantKey


@dataclass(frozen=True, slots=True)
class LensQuestion:
    """What to look at; thirty-two zero bytes where one does not care."""

    issuer: Address
    schema: bytes
    grant_number: int
    thumbprint: bytes
    root: bytes
    list_id: bytes
    trust_root: bytes


@dataclass(frozen=True, slots=True)
class LensAnchor:
    """An anchor's size and block."""

    size: int
    time: datetime
    block_number: int


@dataclass(frozen=True, slots=True)
class LensStatus:
    """The version of a status list that counts."""

    commitment: bytes
    version: int
    fresh_until: datetime
    time: datetime


@dataclass(frozen=True, slots=True)
class LensAnswer:
    """What the contracts say at one block; ``parent_hash`` ties it to a chain."""

    block_number: int
    time: datetime
    parent_hash: bytes
    issuer_owner: Address
    grant: Grant | None
    key: ParticipantKey | None
    anchor: LensAnchor | None
    status: LensStatus | None
    root_trusted: bool


def look(node: Node, settings: LedgerSettings, question: LensQuestion, block: str = "latest") -> LensAnswer:
    """Ask VerifierLens.

    Raises:
        Unavailable: the node cannot be reached, or does not answer as the contract would.
    """
    lens = interface(ContractName.VERIFIER_LENS)
    asked = (
        *(str(question.issuer), question.schema, question.grant_number, question.thumbprint),
        *(question.root, question.list_id, question.trust_root),
    )
    content = f"0x{lens.call('look', asked).hex()}"
    try:
        answer = node.call(
            "eth_call", {"to": str(settings.address_of(ContractName.VERIFIER_LENS)), "data": content}, block
        )
        return _read(question, lens.result("look", octets(answer))[0])
    except (NodeError, Malformed) as failed:
        raise unavailable(f"the ledger's node is no help: {failed}") from failed


def _read(question: LensQuestion, values: Any) -> LensAnswer:
    number, time, parent, owner, grant, key, anchor, status, listing = values
    return LensAnswer(
        block_number=number,
        time=moment(time),
        parent_hash=parent,
        issuer_owner=Address(owner),
        grant=_grant(question.grant_number, *grant),
        key=_key(question.thumbprint, *key),
        anchor=LensAnchor(anchor[0], moment(anchor[1]), anchor[2]) if anchor[0] else None,
        status=LensStatus(status[0], status[1], moment(status[2]), moment(status[3])) if status[1] else None,
        root_trusted=listing[0] != 0 and listing[1] == 0,
    )


def _grant(number: int, who: str, role: int, suspended: bool, *rest: Any) -> Grant | None:  # noqa: FBT001 - as decoded
    valid_from, schema, valid_until, withdrawn_from, evidence = rest
    if not int(who, 16):
        return None
    return Grant(
        number=number,
        participant=Address(who),
        role=ROLES[role],
        schema=schema,
        valid_from=moment(valid_from),
        valid_until=moment(valid_until),
        evidence_hash=evidence,
        suspended=suspended,
        withdrawn_from=moment(withdrawn_from) if withdrawn_from else None,
    )


def _key(thumbprint: bytes, valid_from: int, valid_until: int, stolen_since: int) -> ParticipantKey | None:
    if not valid_from:
        return None
    stolen = moment(stolen_since) if stolen_since else None
    return ParticipantKey(thumbprint, moment(valid_from), moment(valid_until), stolen)
