from __future__ import annotations

import pytest
import rlp as oracle  # type: ignore[import-untyped]  # the oracle carries no types
from hypothesis import given
from hypothesis import strategies as st

from ledger.rlp import Decoded, decode, encode
from passport.errors import Malformed

items = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=5), max_leaves=20)


@given(items)
def test_encoding_is_the_oracles_and_comes_back(item: Decoded) -> None:
    encoded = encode(item)
    assert encoded == oracle.encode(item)
    assert decode(encoded) == item


@given(st.integers(0, 2**256))
def test_numbers_have_no_leading_zeros(number: int) -> None:
    assert encode(number) == oracle.encode(number)


@given(st.binary(max_size=60))
def test_what_is_decoded_has_no_other_encoding(encoded: bytes) -> None:
    try:
        item = decode(encoded)
    except Malformed:
        return
    assert encode(item) == encoded


@pytest.mark.parametrize(
    "encoded", ["", "8100", "b800", "b90001", "f800", "c1", "c281", "8363", "0000", "c0" * 2]
)
def test_other_bytes_are_malformed(encoded: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(encoded))


def test_sixteen_lists_deep_is_read_and_one_more_refused() -> None:
    def nested(depth: int) -> Decoded:
        return [] if depth == 0 else [nested(depth - 1)]

    assert decode(encode(nested(16))) == nested(16)
    with pytest.raises(Malformed):
        decode(encode(nested(17)))
