import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.anchor import InclusionProof, Tree, padded, verify_inclusion
from passport.anchor.leaf import hash_leaf, hash_node
from passport.errors import Malformed, Reason, Rejected

# The entries and roots of Certificate Transparency's reference tests for RFC 6962.
ENTRIES: Final = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS: Final = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES: Final = [hash_leaf(entry) for entry in ENTRIES]
SETS = st.integers(1, 70).map(lambda size: [hash_leaf(bytes([i])) for i in range(size)])


def recursive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word: the slow and obvious way."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hash_node(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_rfc_6962(size: int) -> None:
    assert Tree(LEAVES[:size]).root.hex() == ROOTS[size - 1]


@given(SETS)
def test_the_tree_is_the_recursive_one(leaves: list[bytes]) -> None:
    assert Tree(leaves).root == recursive_root(leaves)


@given(SETS)
def test_every_leaf_has_a_proof_that_leads_to_the_root(leaves: list[bytes]) -> None:
    tree = Tree(leaves)
    for leaf in leaves:
        verify_inclusion(leaf, tree.proof_of(leaf), root=tree.root, size=tree.size)


def refused(leaf: bytes, proof: InclusionProof, tree: Tree) -> None:
    with pytest.raises(Rejected) as caught:
        verify_inclusion(leaf, proof, root=tree.root, size=tree.size)
    assert caught.value.reason is Reason.ANCHOR_MISSING


@given(SETS, st.data())
def test_a_proof_with_one_part_spoiled_proves_nothing(leaves: list[bytes], data: st.DataObject) -> None:
    tree = Tree(leaves)
    leaf = data.draw(st.sampled_from(leaves))
    proof = tree.proof_of(leaf)
    refused(hashlib.sha256(leaf).digest(), proof, tree)
    refused(leaf, replace(proof, size=proof.size + 1), tree)
    refused(leaf, replace(proof, path=(*proof.path, bytes(32))), tree)
    if proof.path:
        refused(leaf, replace(proof, path=proof.path[:-1]), tree)
        at = data.draw(st.integers(0, len(proof.path) - 1))
        refused(leaf, replace(proof, path=(*proof.path[:at], bytes(32), *proof.path[at + 1 :])), tree)
        other = data.draw(st.integers(0, proof.size - 1).filter(lambda index: index != proof.index))
        refused(leaf, replace(proof, index=other), tree)


def test_merkle_node_as_leaf_rejected() -> None:
    tree = Tree(LEAVES[:4])
    node = hash_node(LEAVES[0], LEAVES[1])
    with pytest.raises(Rejected):
        tree.proof_of(node)
    refused(node, InclusionProof(0, 4, (hash_node(LEAVES[2], LEAVES[3]),)), tree)
    # Even where somebody claims the smaller tree of nodes: its size is not the anchored one.
    refused(node, InclusionProof(0, 2, (hash_node(LEAVES[2], LEAVES[3]),)), tree)


def test_a_doubled_last_leaf_is_another_tree() -> None:
    with pytest.raises(Malformed, match="once"):
        Tree([*LEAVES[:3], LEAVES[2]])


def test_an_empty_tree_and_short_leaves_are_malformed() -> None:
    with pytest.raises(Malformed, match="one leaf or more"):
        Tree([])
    with pytest.raises(Malformed, match="32 bytes"):
        Tree([b"short"])


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [(-1, 1, ()), (1, 1, ()), (0, 0, ()), (0, 1, (b"",)), (0, 1, (bytes(32),) * 65)],
)
def test_a_proof_out_of_range_is_malformed(index: int, size: int, path: tuple[bytes, ...]) -> None:
    with pytest.raises(Malformed):
        InclusionProof(index, size, path)


def test_hashes_to_verify_have_32_bytes() -> None:
    proof = InclusionProof(0, 1, ())
    with pytest.raises(Malformed, match="leaf"):
        verify_inclusion(b"", proof, root=bytes(32), size=1)
    with pytest.raises(Malformed, match="root"):
        verify_inclusion(bytes(32), proof, root=b"", size=1)


class CountingEntropy:
    def __init__(self) -> None:
        self._calls = 0

    def token(self, size: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(8)).digest(size)


def test_batches_are_padded_to_one_size_and_ordered_by_value() -> None:
    batch = padded(LEAVES[:3], 64, CountingEntropy())
    assert len(set(batch)) == 64
    assert set(LEAVES[:3]) < set(batch)
    assert list(batch) == sorted(batch)
    assert set(padded(LEAVES, len(LEAVES), CountingEntropy())) == set(LEAVES)


def test_a_batch_takes_no_more_than_its_size() -> None:
    with pytest.raises(Malformed, match="at most 7"):
        padded(LEAVES, 7, CountingEntropy())
