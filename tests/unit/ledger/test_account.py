from __future__ import annotations

import os
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import AccountKey
from ledger.account import Transaction
from passport.errors import Misconfigured
from passport.identifiers import Address

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@settings(max_examples=60, deadline=None)
@given(
    secret=st.integers(1, ORDER - 1),
    chain_id=st.integers(1, 2**53),
    nonce=st.integers(0, 2**32),
    gas=st.integers(21_000, 30_000_000),
    recipient=st.none() | st.binary(min_size=20, max_size=20),
    content=st.binary(max_size=300),
    fees=st.tuples(st.integers(0, 2**80), st.integers(0, 2**80)),
)
def test_signed_transaction_is_byte_for_byte_what_eth_account_signs(
    *,
    secret: int,
    chain_id: int,
    nonce: int,
    gas: int,
    recipient: bytes | None,
    content: bytes,
    fees: tuple[int, int],
) -> None:
    key = AccountKey(secret.to_bytes(32))
    to = None if recipient is None else Address(f"0x{recipient.hex()}")
    ours = key.sign(Transaction(chain_id, nonce, gas, to, content, max(fees), min(fees)))
    fields: dict[str, object] = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": max(fees),
        "maxPriorityFeePerGas": min(fees),
        "value": 0,
        "data": content,
    }
    if recipient is not None:
        fields["to"] = recipient
    theirs = Account.sign_transaction(fields, secret.to_bytes(32))
    assert ours.raw == bytes(theirs.raw_transaction)
    assert ours.hash == bytes(theirs.hash)
    assert key.address == Address(Account.from_key(secret.to_bytes(32)).address)


def test_key_comes_back_from_its_file(tmp_path: Path) -> None:
    key = AccountKey(os.urandom(32))
    key.to_file(tmp_path / "account")
    assert AccountKey.from_file(tmp_path / "account").address == key.address
    assert (tmp_path / "account").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        key.to_file(tmp_path / "account")


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    AccountKey(os.urandom(32)).to_file(tmp_path / "account")
    (tmp_path / "account").chmod(0o640)
    with pytest.raises(Misconfigured, match="expected mode 0600, got 0640"):
        AccountKey.from_file(tmp_path / "account")


@pytest.mark.parametrize("content", [b"", b"zz", b"\xff\xfe", b"00" * 32, b"11" * 31, b"ff" * 32])
def test_file_without_a_key_is_refused_and_its_content_is_not_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "account"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Misconfigured) as refused:
        AccountKey.from_file(path)
    assert not content or content.decode("latin-1") not in str(refused.value)


def test_missing_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="expected an account's key file"):
        AccountKey.from_file(tmp_path / "nothing")


def test_key_shows_its_address_and_nothing_else() -> None:
    secret = os.urandom(32)
    key = AccountKey(secret)
    assert repr(key) == f"AccountKey({key.address})"
    assert str(key.did(31337)) == f"did:ethr:0x7a69:{key.address}"
