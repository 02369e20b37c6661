import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from passport.clock import Entropy
from passport.errors import Misconfigured
from passport.jose import DecryptionKey, PrivateKeySigner
from passport.jose.jwk import ORDER


def pem(
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, passphrase: bytes | None = None
) -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def test_a_key_goes_to_its_file_and_back(signer: PrivateKeySigner) -> None:
    assert PrivateKeySigner.from_pem(signer.to_pem()).public_jwk == signer.public_jwk


def test_signing_is_deterministic_as_rfc_6979_has_it() -> None:
    # RFC 6979 appendix A.2.5: P-256, SHA-256, message "sample".
    signer = PrivateKeySigner.from_secret(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721)
    assert signer.sign(b"sample").hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )


def test_generated_keys_differ(entropy: Entropy) -> None:
    keys = {PrivateKeySigner.generate(entropy).public_jwk.compressed for _ in range(8)}
    assert len(keys) == 8


@pytest.mark.parametrize("secret", [0, -1, ORDER, ORDER + 1])
def test_a_secret_out_of_range_is_refused(secret: int) -> None:
    with pytest.raises(Misconfigured):
        PrivateKeySigner.from_secret(secret)


@pytest.mark.parametrize("secret", [1, ORDER - 1])
def test_the_first_and_the_last_secret_are_keys(secret: int) -> None:
    PrivateKeySigner.from_secret(secret)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not PEM",
        pem(ec.derive_private_key(5, ec.SECP256R1()), b"secret"),
        pem(ec.derive_private_key(5, ec.SECP384R1())),
        pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))),
    ],
)
def test_a_file_with_something_else_is_refused(raw: bytes) -> None:
    with pytest.raises(Misconfigured):
        PrivateKeySigner.from_pem(raw)


def test_a_decryption_key_goes_to_its_secret_and_back(entropy: Entropy) -> None:
    key = DecryptionKey.generate("k", entropy)
    assert DecryptionKey.from_secret("k", key.secret()).public_jwk == key.public_jwk
    with pytest.raises(Misconfigured):
        DecryptionKey.from_secret("k", b"\x01" * 31)


def test_a_key_does_not_print_its_secret(decryption_key: DecryptionKey, signer: PrivateKeySigner) -> None:
    assert repr(decryption_key).startswith("<passport.jose.jwe.DecryptionKey object")
    assert repr(signer).startswith("<passport.jose.signer.PrivateKeySigner object")
