"""A block's logs, all of them and no other: proved by receipts that add up to the header's ``receiptsRoot``.

A receipt is its type, and the RLP of status, gas used so far, logs bloom and logs (EIP-658, EIP-2718, EIP-2930,
EIP-1559); a block's receipts are a trie by their places. Leaves out receipts from before Byzantium, and those of
networks that put more into them: there the node is no help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.blocks import fields, octets, quantity
from ledger.interfaces import keccak
from ledger.proofs.header import ProvenHeader
from ledger.proofs.trie import root_of
from ledger.rlp import Encodable, encode
from ledger.rpc import Json, unavailable

_BLOOM_BYTES: Final = 256
_LAST_TYPE: Final = 0x7F
_SUCCESS: Final = 1
_DYNAMIC_FEE, _LEGACY, _ACCESS_LIST = 2, 0, 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A log as a receipt holds it."""

    address: bytes
    topics: tuple[bytes, ...]
    content: bytes


def logs_of_receipts(header: ProvenHeader, receipts: Json) -> tuple[Entry, ...]:
    """A block's logs in their order, from all its receipts.

    Raises:
        Unavailable: these receipts do not add up to the header's root.
    """
    if not isinstance(receipts, list):
        raise unavailable("expected a list of receipts from the ledger's node")
    encoded, logs = [], []
    for value in receipts:
        receipt = fields(value)
        entries = _entries(receipt.get("logs"))
        kind = quantity(receipt.get("type", "0x0"))
        status, gas = quantity(receipt.get("status")), quantity(receipt.get("cumulativeGasUsed"))
        encoded.append(_encoded(kind, status, gas, octets(receipt.get("logsBloom")), entries))
        logs += entries
    if root_of(encoded) != header.receipts_root:
        raise unavailable(
            f"expected all receipts of block {header.block.number} from the ledger's node, got others"
        )
    return tuple(logs)


def logs_of_one_receipt(header: ProvenHeader, logs: Sequence[Entry]) -> bool:
    """Whether these are proved to be all logs of a block, supposing that it holds one transaction that succeeded.

    So it is on the embedded chain, where following therefore asks for no receipts. No means: not proved by this.
    """
    return any(
        root_of([_encoded(kind, _SUCCESS, header.gas_used, header.bloom, logs)]) == header.receipts_root
        for kind in (_DYNAMIC_FEE, _LEGACY, _ACCESS_LIST)
    )


def bloom_mask(item: bytes) -> int:
    """The three bits that an address or a topic sets in a logs bloom of 2048 (yellow paper, section 4.4.1)."""
    digest = keccak(item)
    mask = 0
    for place in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[place : place + 2]) & (8 * _BLOOM_BYTES - 1))
    return mask


def _entries(logs: Json) -> list[Entry]:
    if not isinstance(logs, list):
        raise unavailable("expected a receipt's logs from the ledger's node")
    found = []
    for value in logs:
        log = fields(value)
        topics = log.get("topics")
        if not isinstance(topics, list):
            raise unavailable("expected a log's topics from the ledger's node")
        found.append(Entry(octets(log.get("address")), tuple(map(octets, topics)), octets(log.get("data"))))
    return found


def _encoded(kind: int, status: int, gas: int, bloom: bytes, logs: Sequence[Entry]) -> bytes:
    if kind > _LAST_TYPE:
        raise unavailable("expected a receipt's type from the ledger's node")
    content: list[Encodable] = [
        status,
        gas,
        bloom,
        [[log.address, list(log.topics), log.content] for log in logs],
    ]
    return (bytes([kind]) if kind else b"") + encode(content)
