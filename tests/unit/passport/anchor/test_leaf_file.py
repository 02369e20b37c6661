from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.anchor import MAX_LEAVES, AnchorProof, LeafFile, Tree, verify_inclusion
from passport.anchor.leaf import hash_leaf
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef
from passport.strict_json import JsonValue

TREE: Final = Tree([hash_leaf(bytes([i])) for i in range(5)])
FILE: Final = LeafFile(TREE).to_bytes()
BANK: Final = Address("0x" + "ab" * 20)
RECORD: Final = AnchorRecord(
    issuer=BANK,
    schema=bytes(32),
    grant_number=3,
    root=TREE.root,
    size=TREE.size,
    block=BlockRef(1, bytes(32), datetime(2026, 1, 1, tzinfo=UTC)),
)


@given(st.integers(1, 40))
def test_a_leaf_file_reads_back_what_it_wrote_and_is_named_by_its_root(size: int) -> None:
    tree = Tree([hash_leaf(bytes([i])) for i in range(size)])
    read = LeafFile.parse(LeafFile(tree).to_bytes(), root=tree.root, size=size)
    assert read.tree.leaves == tree.leaves
    assert read.name == tree.root.hex()


def test_the_file_has_magic_size_and_leaves() -> None:
    assert FILE[:16] == b"FPLEAF\x00\x01" + (5).to_bytes(8)
    assert FILE[16:48] == TREE.leaves[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FILE[:12],
        b"X" + FILE[1:],
        FILE[:-1],
        FILE + b"\x00",
        FILE[:8] + (0).to_bytes(8),
        FILE[:8] + (MAX_LEAVES + 1).to_bytes(8) + bytes(32) * (MAX_LEAVES + 1),
        FILE[:16] + FILE[16:48] * 5,
    ],
)
def test_other_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        LeafFile.parse(data, root=TREE.root, size=5)


def test_a_file_of_another_root_or_size_is_refused() -> None:
    for root, size in ((bytes(32), 5), (TREE.root, 6)):
        with pytest.raises(Rejected) as caught:
            LeafFile.parse(FILE, root=root, size=size)
        assert caught.value.reason is Reason.ANCHOR_MISSING


def test_a_changed_leaf_is_noticed() -> None:
    with pytest.raises(Rejected):
        LeafFile.parse(FILE[:-1] + bytes([FILE[-1] ^ 1]), root=TREE.root, size=5)


def test_a_proof_that_travels_still_proves() -> None:
    leaf = TREE.leaves[4]
    message = AnchorProof.read(AnchorProof.of(RECORD, TREE.proof_of(leaf)).to_object())
    assert message.anchored_by == BANK
    assert message.root_hash == TREE.root
    assert message.grant_number == 3
    verify_inclusion(leaf, message.inclusion(), root=RECORD.root, size=RECORD.size)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "did:ethr:x"),
        ("root", "AA"),
        ("size", -1),
        ("index", "1"),
        ("path", ["A" * 42]),
        ("path", ["A" * 43] * 65),
    ],
)
def test_a_proof_message_with_one_part_spoiled_is_malformed(name: str, value: JsonValue) -> None:
    good = AnchorProof.of(RECORD, TREE.proof_of(TREE.leaves[0])).to_object()
    with pytest.raises(Malformed):
        AnchorProof.read({**good, name: value})


def test_a_proof_message_for_a_place_outside_the_tree_is_malformed() -> None:
    good = AnchorProof.of(RECORD, TREE.proof_of(TREE.leaves[0])).to_object()
    with pytest.raises(Malformed, match="index"):
        AnchorProof.read({**good, "index": 5}).inclusion()
