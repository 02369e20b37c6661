"""What the contracts held at a block, slot by slot, each proved against the block's hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from ledger.blocks import Node, fields, moment, octets
from ledger.events import ROLES
from ledger.interfaces import interface, keccak
from ledger.lens import LensAnchor, LensStatus
from ledger.proofs.header import proven_header
from ledger.proofs.trie import proven_value
from ledger.rlp import decode
from ledger.rpc import Json, NodeError, unavailable
from ledger.settings import ContractName, LedgerSettings
from passport.errors import Malformed
from passport.identifiers import Address
from passport.registry import BlockRef, Grant, ParticipantKey

_WORD: Final = 32
_ACCOUNT_FIELDS: Final = 4
_TIME: Final = 8
_ADDRESS: Final = 20


@dataclass(frozen=True, slots=True)
class ProvenState:
    """The state after a block whose hash is known to be right. Each answer costs one call.

    Every method raises ``Unavailable`` if the node cannot be reached or its proof does not hold.
    """

    node: Node
    settings: LedgerSettings
    block: BlockRef
    state_root: bytes

    @classmethod
    def at(cls, node: Node, settings: LedgerSettings, block_hash: bytes) -> Self:
        """The state after a block."""
        try:
            header = node.call("eth_getBlockByHash", f"0x{block_hash.hex()}", False)
        except NodeError as failed:
            raise unavailable(str(failed)) from failed
        if header is None:
            raise unavailable("expected the ledger's node to have the block")
        proven = proven_header(header, block_hash)
        return cls(node, settings, proven.block, proven.state_root)

    def grant(self, number: int) -> Grant | None:
        """One grant."""
        base = _mapped(_number(number), self._slot(ContractName.TRUST_REGISTRY, "_grants"))
        who, schema, period, evidence = self._words(ContractName.TRUST_REGISTRY, base, 4)
        participant, rest = _low(who, _ADDRESS)
        if not any(participant):
            return None
        role, rest = _low(rest, 1)
        suspended, rest = _low(rest, 1)
        valid_from, _ = _low(rest, _TIME)
        valid_until, rest = _low(period, _TIME)
        withdrawn, _ = _low(rest, _TIME)
        return Grant(
            number=number,
            participant=Address(f"0x{participant.hex()}"),
            role=ROLES[role[0]],
            schema=schema,
            valid_from=_time(valid_from),
            valid_until=_time(valid_until),
            evidence_hash=evidence,
            suspended=suspended != b"\0",
            withdrawn_from=_time(withdrawn) if any(withdrawn) else None,
        )

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        """One signing key."""
        slot = _mapped(
            thumbprint, _mapped(_word(who), self._slot(ContractName.TRUST_REGISTRY, "_signingKeys"))
        )
        begin, end, stolen = _times(self._words(ContractName.TRUST_REGISTRY, slot, 1)[0])
        if not any(begin):
            return None
        return ParticipantKey(thumbprint, _time(begin), _time(end), _time(stolen) if any(stolen) else None)

    def root_trusted(self, root: bytes) -> bool:
        """Whether a root certificate is trusted."""
        slot = _mapped(root, self._slot(ContractName.TRUST_REGISTRY, "_roots"))
        since, until, _ = _times(self._words(ContractName.TRUST_REGISTRY, slot, 1)[0])
        return any(since) and not any(until)

    def anchor(self, issuer: Address, schema: bytes, grant_number: int, root: bytes) -> LensAnchor | None:
        """One anchor."""
        slot = self._slot(ContractName.ANCHOR_REGISTRY, "_anchors")
        for key in (_word(issuer), schema, _number(grant_number), root):
            slot = _mapped(key, slot)
        size, time, number = _times(self._words(ContractName.ANCHOR_REGISTRY, slot, 1)[0])
        return LensAnchor(int.from_bytes(size), _time(time), int.from_bytes(number)) if any(size) else None

    def status(self, issuer: Address, list_id: bytes) -> LensStatus | None:
        """The version of a status list that counts."""
        slot = _mapped(list_id, _mapped(_word(issuer), self._slot(ContractName.STATUS_REGISTRY, "_lists")))
        commitment, rest = self._words(ContractName.STATUS_REGISTRY, slot, 2)
        version, fresh_until, time = _times(rest)
        if not any(version):
            return None
        return LensStatus(commitment, int.from_bytes(version), _time(fresh_until), _time(time))

    def owner(self, who: Address) -> Address:
        """The account that speaks for an identity (ERC-1056)."""
        slot = _mapped(_word(who), self._slot(ContractName.DID_REGISTRY, "owners"))
        owner, _ = _low(self._words(ContractName.DID_REGISTRY, slot, 1)[0], _ADDRESS)
        return Address(f"0x{owner.hex()}") if any(owner) else who

    @staticmethod
    def _slot(contract: ContractName, variable: str) -> bytes:
        return _number(interface(contract).slots[variable])

    def _words(self, contract: ContractName, first: bytes, count: int) -> list[bytes]:
        """Storage words one after another, proved."""
        address = self.settings.address_of(contract)
        start = int.from_bytes(first)
        slots = [_number((start + place) % (1 << 256)) for place in range(count)]
        asked: list[Json] = [f"0x{slot.hex()}" for slot in slots]
        try:
            answer = fields(self.node.call("eth_getProof", str(address), asked, hex(self.block.number)))
            storage_root = self._storage_root(address, answer)
            proofs = answer.get("storageProof")
            if not isinstance(proofs, list) or len(proofs) != count:
                raise unavailable(f"expected {count} storage proofs from the ledger's node")
            return [
                _storage_word(storage_root, slot, _proof(fields(proof).get("proof")))
                for slot, proof in zip(slots, proofs, strict=True)
            ]
        except (NodeError, Malformed) as failed:
            raise unavailable(f"the node's proof does not hold: {failed}") from failed

    def _storage_root(self, address: Address, answer: dict[str, Json]) -> bytes:
        account = proven_value(self.state_root, address.raw, _proof(answer.get("accountProof")))
        if account is None:
            raise Malformed("expected a contract at the address")
        content = decode(account)
        if (
            not isinstance(content, list)
            or len(content) != _ACCOUNT_FIELDS
            or not isinstance(content[2], bytes)
        ):
            raise Malformed("expected an account of four fields")
        return content[2]


def _proof(value: Json) -> list[bytes]:
    if not isinstance(value, list):
        raise Malformed("expected a proof to be a list")
    return [octets(node) for node in value]


def _storage_word(storage_root: bytes, slot: bytes, proof: list[bytes]) -> bytes:
    value = proven_value(storage_root, slot, proof)
    if value is None:
        return bytes(_WORD)
    content = decode(value)
    if not isinstance(content, bytes) or len(content) > _WORD:
        raise Malformed("expected a storage word of at most 32 bytes")
    return content.rjust(_WORD, b"\0")


def _mapped(key: bytes, slot: bytes) -> bytes:
    """Where a mapping at ``slot`` keeps ``key`` (Solidity, layout of state variables in storage)."""
    return keccak(key + slot)


def _number(value: int) -> bytes:
    return value.to_bytes(_WORD)


def _word(address: Address) -> bytes:
    return address.raw.rjust(_WORD, b"\0")


def _low(word: bytes, size: int) -> tuple[bytes, bytes]:
    """The lowest bytes of a word, where Solidity packs first, and the rest."""
    return word[-size:], word[:-size]


def _times(word: bytes) -> tuple[bytes, bytes, bytes]:
    """Three 64-bit numbers packed into a word."""
    first, rest = _low(word, _TIME)
    second, rest = _low(rest, _TIME)
    return first, second, _low(rest, _TIME)[0]


def _time(seconds: bytes) -> datetime:
    return moment(int.from_bytes(seconds))
