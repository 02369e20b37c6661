import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from passport.anchor import AnchorScope, leaf_hash
from passport.errors import Malformed
from passport.identifiers import Address

SCOPE: Final = AnchorScope(
    chain_id=31337, registry=Address("0x" + "01" * 20), issuer=Address("0x" + "02" * 20), schema=b"\x03" * 32
)
SALT: Final = b"\x04" * 32
HASH: Final = b"\x05" * 32


def test_a_leaf_is_the_hash_of_its_parts_in_fixed_width() -> None:
    written = (
        b"\x00financial-passport/anchor/leaf/1"
        + bytes.fromhex("0000000000007a69")
        + b"\x01" * 20
        + b"\x02" * 20
        + b"\x03" * 32
        + SALT
        + HASH
    )
    assert leaf_hash(SCOPE, salt=SALT, credential_hash=HASH) == hashlib.sha256(written).digest()


@pytest.mark.parametrize(
    "scope",
    [
        replace(SCOPE, chain_id=1),
        replace(SCOPE, registry=SCOPE.issuer),
        replace(SCOPE, issuer=SCOPE.registry),
        replace(SCOPE, schema=SALT),
    ],
)
def test_elsewhere_the_same_credential_has_another_leaf(scope: AnchorScope) -> None:
    here = leaf_hash(SCOPE, salt=SALT, credential_hash=HASH)
    assert leaf_hash(scope, salt=SALT, credential_hash=HASH) != here
    assert leaf_hash(SCOPE, salt=HASH, credential_hash=SALT) != here


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(SCOPE, chain_id=0),
        lambda: replace(SCOPE, chain_id=1 << 64),
        lambda: replace(SCOPE, schema=b""),
        lambda: leaf_hash(SCOPE, salt=b"", credential_hash=HASH),
        lambda: leaf_hash(SCOPE, salt=SALT, credential_hash=b""),
    ],
)
def test_parts_of_another_width_are_malformed(make: Callable[[], object]) -> None:
    with pytest.raises(Malformed):
        make()
