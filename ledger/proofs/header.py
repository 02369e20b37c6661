"""A block's header, checked against the block's hash: what makes its roots and its logs bloom worth something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.blocks import fields, octets, quantity, read_header
from ledger.interfaces import keccak
from ledger.rlp import Encodable, encode
from ledger.rpc import Json, unavailable
from passport.registry import BlockRef

# In the order of the encoding; the later ones came with London, Shanghai, Cancun and Prague, each if all before it.
_BYTES: Final = frozenset(
    {
        *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
        *("extraData", "mixHash", "nonce", "withdrawalsRoot", "parentBeaconBlockRoot", "requestsHash"),
    }
)
_FIELDS: Final = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"),
    *(
        "baseFeePerGas",
        "withdrawalsRoot",
        "blobGasUsed",
        "excessBlobGas",
        "parentBeaconBlockRoot",
        "requestsHash",
    ),
)
_HASH_BYTES: Final = 32
_BLOOM_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class ProvenHeader:
    """A header that hashes to its block's hash.

    ``transactions`` are the hashes that the node names beside the header; the header does not cover them.
    """

    block: BlockRef
    parent: bytes
    state_root: bytes
    receipts_root: bytes
    bloom: bytes
    gas_used: int
    transactions: tuple[bytes, ...]


def proven_header(value: Json, block_hash: bytes | None = None) -> ProvenHeader:
    """A header as a node sends it, if it hashes to ``block_hash``, or else to the hash that it claims for itself.

    Raises:
        Unavailable: it does not, or it is no header.
    """
    content = fields(value)
    expected = octets(content.get("hash")) if block_hash is None else block_hash
    items: list[Encodable] = [
        octets(content[name]) if name in _BYTES else quantity(content[name])
        for name in _FIELDS
        if content.get(name) is not None
    ]
    if keccak(encode(items)) != expected:
        raise unavailable("expected a block header that hashes to the block asked for")
    read = read_header({**content, "hash": f"0x{expected.hex()}"})
    header = ProvenHeader(
        block=read.block,
        parent=read.parent,
        state_root=octets(content.get("stateRoot")),
        receipts_root=octets(content.get("receiptsRoot")),
        bloom=octets(content.get("logsBloom")),
        gas_used=quantity(content.get("gasUsed")),
        transactions=_hashes(content.get("transactions")),
    )
    roots = (header.parent, header.state_root, header.receipts_root)
    if any(len(root) != _HASH_BYTES for root in roots) or len(header.bloom) != _BLOOM_BYTES:
        raise unavailable("expected a block header's hashes and logs bloom at their lengths")
    return header


def _hashes(transactions: Json) -> tuple[bytes, ...]:
    if not isinstance(transactions, list):
        return ()
    return tuple(octets(one) for one in transactions)
