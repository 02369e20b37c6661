"""A key's value in a Merkle-Patricia trie, from a proof: the nodes on the way down (yellow paper, appendix D).

Each node must hash to what its parent names, from a root that is known. A proof shows absence just as well: the way
ends where the key would have gone on. The other way round, ``root_of`` builds the root of a block's list from all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.interfaces import keccak
from ledger.rlp import Decoded, Encodable, decode, encode
from passport.errors import Malformed

EMPTY_ROOT: Final = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
"""The root of a trie with nothing in it: the keccak-256 of the RLP of no bytes."""
_BRANCH: Final = 17
_SHORT: Final = 2
_HASH: Final = 32
_LEAF_FLAG: Final = 2
_DEEPEST: Final = 64


def proven_value(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The value under the hash of ``key``, or nothing if the proof shows that there is none.

    Raises:
        Malformed: the proof does not lead from this root to an answer.
    """
    nodes = list(proof)
    path = _nibbles(keccak(key))
    if root == EMPTY_ROOT and not nodes:
        return None
    node = _take(nodes, root)
    for _ in range(_DEEPEST):
        if len(node) == _BRANCH:
            if not path:
                return _ended(nodes, _value(node[-1]))
            step, path = node[path[0]], path[1:]
        elif len(node) == _SHORT:
            is_leaf, part = _hex_prefix(node[0])
            if path[: len(part)] != part or (is_leaf and len(path) != len(part)):
                return _ended(nodes, None)
            if is_leaf:
                return _ended(nodes, _value(node[1]))
            if not part:
                raise Malformed("expected an extension of the proof's path to be of some length")
            step, path = node[1], path[len(part) :]
        else:
            raise Malformed(f"expected a trie node of {_SHORT} or {_BRANCH} items, got {len(node)}")
        if step == b"":
            return _ended(nodes, None)
        # A node shorter than a hash stands in its parent instead of being named by it.
        node = step if isinstance(step, list) else _take(nodes, step)
    raise Malformed("expected a proof of at most 64 steps")


def _take(nodes: list[bytes], named: bytes) -> list[Decoded]:
    if not nodes:
        raise Malformed("expected another node in the proof")
    encoded = nodes.pop(0)
    if len(named) != _HASH or keccak(encoded) != named:
        raise Malformed("expected a node that hashes to what its parent names")
    node = decode(encoded)
    if not isinstance(node, list):
        raise Malformed("expected a trie node to be a list")
    return node


def _ended(nodes: list[bytes], value: bytes | None) -> bytes | None:
    if nodes:
        raise Malformed(f"expected the proof to end, got {len(nodes)} nodes more")
    return value


def _value(item: Decoded) -> bytes:
    if not isinstance(item, bytes) or not item:
        raise Malformed("expected a value at the end of the proof")
    return item


def _nibbles(content: bytes) -> tuple[int, ...]:
    return tuple(half for octet in content for half in (octet >> 4, octet & 15))


def _hex_prefix(item: Decoded) -> tuple[bool, tuple[int, ...]]:
    if not isinstance(item, bytes) or not item:
        raise Malformed("expected a path in a trie node")
    nibbles = _nibbles(item)
    flag = nibbles[0]
    if flag > _LEAF_FLAG + 1 or (flag % 2 == 0 and nibbles[1] != 0):
        raise Malformed("expected a hex-prefixed path in a trie node")
    return flag >= _LEAF_FLAG, nibbles[2 - flag % 2 :]


def root_of(items: Sequence[bytes]) -> bytes:
    """The root of the trie that holds a list, each item under the encoding of its place (yellow paper, section 4.3)."""
    if not items:
        return EMPTY_ROOT
    return keccak(encode(_node([(_nibbles(encode(place)), item) for place, item in enumerate(items)])))


def _node(pairs: list[tuple[tuple[int, ...], bytes]]) -> list[Encodable]:
    """The node that holds these paths. The encoding of no place begins another's, so that branches hold no value."""
    if len(pairs) == 1:
        path, item = pairs[0]
        return [_packed(path, leaf=True), item]
    shared = 0
    while len({path[shared] for path, _ in pairs}) == 1:
        shared += 1
    if shared:
        rest = [(path[shared:], item) for path, item in pairs]
        return [_packed(pairs[0][0][:shared], leaf=False), _named(_node(rest))]
    ways: list[list[tuple[tuple[int, ...], bytes]]] = [[] for _ in range(_BRANCH - 1)]
    for path, item in pairs:
        ways[path[0]].append((path[1:], item))
    return [*(_named(_node(way)) if way else b"" for way in ways), b""]


def _named(node: list[Encodable]) -> Encodable:
    """How a parent names a node: by its hash, or by itself if that is shorter."""
    encoded = encode(node)
    return node if len(encoded) < _HASH else keccak(encoded)


def _packed(path: tuple[int, ...], *, leaf: bool) -> bytes:
    """A path in hex-prefix encoding (appendix C)."""
    flag = _LEAF_FLAG if leaf else 0
    nibbles = (flag + 1, *path) if len(path) % 2 else (flag, 0, *path)
    return bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))
