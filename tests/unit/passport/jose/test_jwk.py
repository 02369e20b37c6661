import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed, Reason, Rejected
from passport.jose import PrivateKeySigner, PublicJwk, b64u_decode, b64u_encode
from passport.jose.jwk import ORDER
from passport.strict_json import JsonValue

# RFC 7515 appendix A.3: the key, and a signature over the signing input.
PUBLISHED = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
PUBLISHED_INPUT = (
    b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
    b"Ijp0cnVlfQ"
)
PUBLISHED_SIGNATURE = b64u_decode(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def test_published_signature_holds() -> None:
    PublicJwk.from_json(PUBLISHED).verify(PUBLISHED_SIGNATURE, PUBLISHED_INPUT)


def test_an_uncompressed_point_is_not_taken_for_a_compressed_one() -> None:
    key = PublicJwk.from_json(PUBLISHED)
    with pytest.raises(Malformed):
        PublicJwk.from_compressed(b"\x04" + key.x + key.y)


def test_a_key_goes_to_json_and_back() -> None:
    key = PublicJwk.from_json(PUBLISHED)
    assert key.to_json() == PUBLISHED
    assert PublicJwk.from_compressed(key.compressed) == key
    assert PublicJwk.from_key(key.key) == key


def test_members_that_say_nothing_about_the_point_are_ignored() -> None:
    assert PublicJwk.from_json(
        {**PUBLISHED, "kid": "1", "use": "sig", "alg": "ES256"}
    ) == PublicJwk.from_json(PUBLISHED)


def test_thumbprint_hashes_the_required_members_in_order() -> None:
    # Computed with openssl over the text of RFC 7638 section 3.1 for this key.
    text = f'{{"crv":"P-256","kty":"EC","x":"{PUBLISHED["x"]}","y":"{PUBLISHED["y"]}"}}'
    import hashlib  # noqa: PLC0415 - the independent computation

    assert PublicJwk.from_json(PUBLISHED).thumbprint() == hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "OKP"},
        {"kty": "oct", "k": "AAAA"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"d": "AAAA"},
        {"k": "AAAA"},
        {"x": PUBLISHED["y"]},
        {"x": PUBLISHED["x"] + "="},
        {"x": b64u_encode(bytes(31))},
        {"x": b64u_encode(bytes(33))},
        {"x": b64u_encode(bytes(32)), "y": b64u_encode(bytes(32))},
        {"y": 7},
        {"x": None},
    ],
)
def test_a_key_that_is_not_a_public_point_of_the_curve_is_refused(change: dict[str, JsonValue]) -> None:
    with pytest.raises(Malformed):
        PublicJwk.from_json({**PUBLISHED, **change})


def test_a_coordinate_past_the_field_is_refused() -> None:
    prime = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    with pytest.raises(Malformed):
        PublicJwk((prime + 5).to_bytes(32), PublicJwk.from_json(PUBLISHED).y)


@pytest.mark.parametrize("raw", [b"", bytes(33), b"\x02" + b"\xff" * 32, b"\x04" + bytes(32), b"\x02" * 34])
def test_a_compressed_point_is_of_the_curve(raw: bytes) -> None:
    with pytest.raises(Malformed):
        PublicJwk.from_compressed(raw)


def test_a_key_of_another_curve_is_refused() -> None:
    with pytest.raises(Malformed, match="P-256"):
        PublicJwk.from_key(ec.derive_private_key(7, ec.SECP384R1()).public_key())


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        PUBLISHED_SIGNATURE[:32] + bytes(32),
        bytes(32) + PUBLISHED_SIGNATURE[32:],
        PUBLISHED_SIGNATURE[:32] + ORDER.to_bytes(32),
        ORDER.to_bytes(32) + PUBLISHED_SIGNATURE[32:],
        PUBLISHED_SIGNATURE[:-1],
        PUBLISHED_SIGNATURE + b"\x00",
        PUBLISHED_SIGNATURE[32:] + PUBLISHED_SIGNATURE[:32],
        b"\xff" * 64,
    ],
)
def test_a_signature_out_of_range_or_shape_is_refused(signature: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        PublicJwk.from_json(PUBLISHED).verify(signature, PUBLISHED_INPUT)
    assert caught.value.reason is Reason.SIGNATURE_INVALID


def test_the_der_form_of_a_true_signature_is_refused() -> None:
    key = ec.derive_private_key(9, ec.SECP256R1())
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - the only use

    der = key.sign(b"m", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(Rejected):
        PublicJwk.from_key(key.public_key()).verify(der, b"m")


@given(secret=st.integers(1, ORDER - 1), message=st.binary(max_size=50))
def test_what_a_signer_signs_its_public_key_accepts_and_no_other_message_does(
    secret: int, message: bytes
) -> None:
    signer = PrivateKeySigner.from_secret(secret)
    signature = signer.sign(message)
    assert len(signature) == 64
    signer.public_jwk.verify(signature, message)
    with pytest.raises(Rejected):
        signer.public_jwk.verify(signature, message + b"x")
