from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import AccountKey
from ledger.interfaces import keccak
from ledger.rlp import decode
from passport.errors import Misconfigured
from passport.identifiers import Address

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@settings(max_examples=40, deadline=None)
@given(
    secret=st.integers(1, ORDER - 1),
    chain_id=st.integers(1, 2**53),
    nonce=st.integers(0, 2**32),
    gas=st.integers(21_000, 30_000_000),
    recipient=st.just(b"") | st.binary(min_size=20, max_size=20),
    content=st.binary(max_size=300),
    fees=st.tuples(st.integers(0, 2**80), st.integers(0, 2**80)),
)
def test_signed_transaction_says_what_was_asked_and_names_its_sender(
    *,
    secret: int,
    chain_id: int,
    nonce: int,
    gas: int,
    recipient: bytes,
    content: bytes,
    fees: tuple[int, int],
) -> None:
    key = AccountKey(secret.to_bytes(32))
    asked: Any = {
        "chainId": chain_id,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": max(fees),
        "maxPriorityFeePerGas": min(fees),
        "value": 0,
        "to": recipient,
        "data": content,
    }
    signed = key.sign(asked)
    assert signed.hash == keccak(signed.raw)
    assert Address(Account.recover_transaction(signed.raw)) == key.address
    assert signed.raw[:1] == b"\x02"
    # EIP-1559's order, read by the decoder that checks storage proofs.
    told = decode(signed.raw[1:])
    numbers = [number.to_bytes((number.bit_length() + 7) // 8) for number in (chain_id, nonce, min(fees))]
    more = [number.to_bytes((number.bit_length() + 7) // 8) for number in (max(fees), gas)]
    assert told[:9] == [*numbers, *more, recipient, b"", content, []]


def test_published_example_is_signed_as_published() -> None:
    # EIP-155's own example: key, transaction and signed bytes.
    key = AccountKey(b"\x46" * 32)
    asked: Any = {
        "chainId": 1,
        "nonce": 9,
        "gas": 21_000,
        "gasPrice": 20 * 10**9,
        "value": 10**18,
        "to": b"\x35" * 20,
        "data": b"",
    }
    assert key.address == Address("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F")
    assert key.sign(asked).raw.hex() == (
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
        "80"
        "25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
        "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    )


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
