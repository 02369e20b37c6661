from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.did import DidKey, KeyKind, base58btc_decode, base58btc_encode
from passport.did.multibase import MAX_CHARACTERS, multibase_encode
from passport.errors import Malformed
from passport.jose import PrivateKeySigner, PublicJwk, b64u_encode
from passport.strict_json import JsonObject, as_object, find_object, get_object, get_text, loads

VECTORS = Path(__file__).parents[3] / "vectors/did-key/test-vectors"


def vectors(name: str) -> list[tuple[str, JsonObject]]:
    document = as_object(loads((VECTORS / f"{name}.json").read_bytes()))
    return [(did, as_object(vector)) for did, vector in document.items()]


@given(st.binary(max_size=64))
def test_base58_reads_back_what_it_wrote(raw: bytes) -> None:
    assert base58btc_decode(base58btc_encode(raw)) == raw


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "abc ", "1" * (MAX_CHARACTERS + 1)])
def test_other_text_is_no_base58(text: str) -> None:
    with pytest.raises(Malformed):
        base58btc_decode(text)


@pytest.mark.parametrize(("did", "vector"), vectors("ed25519-x25519"))
def test_the_method_s_ed25519_vectors(did: str, vector: JsonObject) -> None:
    pair = find_object(vector, "verificationKeyPair") or get_object(vector, "verificationMethod")
    key = DidKey.parse(did)
    assert key.kind is KeyKind.ED25519
    if "publicKeyBase58" in pair:
        assert base58btc_encode(key.raw) == get_text(pair, "publicKeyBase58")
    assert str(DidKey(KeyKind.ED25519, key.raw)) == did


@pytest.mark.parametrize(("did", "vector"), vectors("secp256k1"))
def test_the_method_s_secp256k1_vectors(did: str, vector: JsonObject) -> None:
    key = DidKey.parse(did)
    pair = get_object(vector, "verificationKeyPair")
    assert key.kind is KeyKind.SECP256K1
    if "publicKeyBase58" in pair:
        assert base58btc_encode(key.raw) == get_text(pair, "publicKeyBase58")
    else:
        assert b64u_encode(key.raw[1:]) == get_text(get_object(pair, "publicKeyJwk"), "x")
    assert str(key) == did


@pytest.mark.parametrize(("did", "vector"), vectors("nist-curves"))
def test_the_method_s_p256_vectors_and_no_other_nist_curve(did: str, vector: JsonObject) -> None:
    jwk = find_object(get_object(vector, "verificationMethod"), "publicKeyJwk")
    if jwk is not None and jwk["crv"] == "P-256":
        key = DidKey.from_jwk(PublicJwk.from_json(jwk))
        assert str(key) == did
        assert DidKey.parse(did) == key
        return
    try:
        assert DidKey.parse(did).kind is KeyKind.P256
    except Malformed:
        assert did.startswith(("did:key:z82L", "did:key:z2J9"))


def test_a_did_key_names_its_one_verification_method() -> None:
    key = DidKey.from_jwk(PrivateKeySigner.from_secret(9).public_jwk)
    assert key.verification_method == f"did:key:{key.multikey}#{key.multikey}"


@pytest.mark.parametrize(
    "did",
    [
        "did:web:x",
        "did:key:",
        DidKey.from_jwk(PrivateKeySigner.from_secret(9).public_jwk).multikey,
        "did:key:f00",
        "did:key:z0",
        "did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW",
        "did:key:" + multibase_encode(KeyKind.ED25519.codec + bytes(31)),
        "did:key:" + multibase_encode(KeyKind.P256.codec + b"\x02" + b"\xff" * 32),
        "did:key:" + multibase_encode(KeyKind.SECP256K1.codec + b"\x05" + b"\x01" * 32),
    ],
)
def test_other_identifiers_are_malformed(did: str) -> None:
    with pytest.raises(Malformed):
        DidKey.parse(did)
