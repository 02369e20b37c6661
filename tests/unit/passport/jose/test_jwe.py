import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey

from passport.errors import Malformed, PassportError, Reason, Rejected
from passport.jose import (
    ContentEncryption,
    DecryptionKey,
    PublicJwk,
    b64u_decode,
    b64u_encode,
    decrypt_jwe,
    encrypt_jwe,
)
from passport.strict_json import JsonValue, Limits, as_object, dumps, loads

KEY = DecryptionKey.from_secret("request-1", bytes(31) + b"\x07")


def respell(token: str, place: int, part: bytes) -> str:
    parts = token.split(".")
    parts[place] = b64u_encode(part)
    return ".".join(parts)


def with_header(token: str, change: dict[str, JsonValue]) -> str:
    header = as_object(loads(b64u_decode(token.split(".", maxsplit=1)[0])))
    return respell(token, 0, dumps({**header, **change}))


@pytest.fixture(scope="module")
def token() -> str:
    return encrypt_jwe(b'{"vp_token":{}}', recipient=KEY.public_jwk, kid=KEY.kid)


@pytest.mark.parametrize("enc", ContentEncryption)
@pytest.mark.parametrize("plaintext", [b"", b"x", b"y" * 200_000])
def test_what_was_encrypted_is_read(enc: ContentEncryption, plaintext: bytes) -> None:
    token = encrypt_jwe(plaintext, recipient=KEY.public_jwk, kid=KEY.kid, enc=enc)
    opened = decrypt_jwe(token, key=KEY)
    assert opened.plaintext == plaintext
    assert opened.header["enc"] == enc


def test_two_encryptions_share_no_key() -> None:
    tokens = {encrypt_jwe(b"x", recipient=KEY.public_jwk, kid=KEY.kid).split(".")[0] for _ in range(4)}
    assert len(tokens) == 4


def test_a_stranger_may_add_party_information_and_unknown_members() -> None:
    header: dict[str, JsonValue] = {
        "alg": "ECDH-ES", "enc": "A128GCM", "kid": KEY.kid, "apu": "YQ", "apv": "Yg", "typ": "x", "later": 1,
    }  # fmt: skip
    registry = jwe.JWERegistry(strict_check_header=False)
    token = jwe.encrypt_compact(
        dict(header), b"hello", ECKey.import_key(KEY.public_jwk.key), registry=registry
    )
    assert decrypt_jwe(token, key=KEY).plaintext == b"hello"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"alg": "ECDH-ES+A128KW"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": "dir"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"enc": "A128CBC-HS256"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"enc": ["A128GCM"]}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"enc": None}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"zip": "DEF"}, Reason.HEADER_NOT_ALLOWED),
        ({"crit": ["apu"]}, Reason.HEADER_NOT_ALLOWED),
        ({"jku": "https://evil.example"}, Reason.HEADER_NOT_ALLOWED),
        ({"jwk": {}}, Reason.HEADER_NOT_ALLOWED),
        ({"kid": "request-2"}, Reason.KEY_UNKNOWN),
        ({"kid": None}, Reason.KEY_UNKNOWN),
        ({"enc": "A256GCM"}, Reason.DECRYPTION_FAILED),
        ({"apu": "YQ"}, Reason.DECRYPTION_FAILED),
        ({"apu": 7}, Reason.DECRYPTION_FAILED),
        ({"typ": 7}, Reason.DECRYPTION_FAILED),
    ],
)
def test_a_changed_header_is_refused(token: str, change: dict[str, JsonValue], reason: Reason) -> None:
    with pytest.raises(Rejected) as caught:
        decrypt_jwe(with_header(token, change), key=KEY)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "epk",
    [
        None,
        {},
        {"kty": "OKP", "crv": "X25519", "x": b64u_encode(bytes(32))},
        {"kty": "EC", "crv": "P-256", "x": b64u_encode(bytes(32)), "y": b64u_encode(b"\x05" * 32)},
    ],
)
def test_an_ephemeral_key_off_the_curve_never_meets_ours(token: str, epk: JsonValue) -> None:
    with pytest.raises(Malformed):
        decrypt_jwe(with_header(token, {"epk": epk}), key=KEY)


def test_another_ephemeral_key_opens_nothing(token: str) -> None:
    other = PublicJwk.from_key(ec.derive_private_key(11, ec.SECP256R1()).public_key())
    with pytest.raises(Rejected) as caught:
        decrypt_jwe(with_header(token, {"epk": other.to_json()}), key=KEY)
    assert caught.value.reason is Reason.DECRYPTION_FAILED


@pytest.mark.parametrize(
    ("place", "part"),
    [(1, b"\x00" * 16), (2, bytes(11)), (2, bytes(13)), (4, bytes(15)), (4, bytes(17)), (4, b"")],
)
def test_parts_of_another_size_are_refused(token: str, place: int, part: bytes) -> None:
    with pytest.raises(Malformed):
        decrypt_jwe(respell(token, place, part), key=KEY)


@pytest.mark.parametrize("text", ["", "....", "e30.e30.e30", "e30.....e30"])
def test_something_else_than_five_parts_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decrypt_jwe(text, key=KEY)


def test_another_recipient_cannot_read(token: str) -> None:
    with pytest.raises(Rejected) as caught:
        decrypt_jwe(token, key=DecryptionKey.from_secret("request-1", bytes(31) + b"\x08"))
    assert caught.value.reason is Reason.DECRYPTION_FAILED


def test_size_limit_holds_at_the_edge_and_one_past_it(token: str) -> None:
    decrypt_jwe(token, key=KEY, limits=Limits(size=len(token)))
    with pytest.raises(Malformed, match="at most"):
        decrypt_jwe(token, key=KEY, limits=Limits(size=len(token) - 1))


@given(st.data())
def test_no_other_byte_anywhere_opens(data: st.DataObject) -> None:
    token = encrypt_jwe(b"x", recipient=KEY.public_jwk, kid=KEY.kid)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[place]))
    with pytest.raises(PassportError):
        decrypt_jwe(token[:place] + character + token[place + 1 :], key=KEY)
