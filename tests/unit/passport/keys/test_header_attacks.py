"""T15 and T16 of the threat list: every kind of token against every header attack, and against every other kind."""

import hashlib
import hmac
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.errors import Malformed, PassportError, Reason, Rejected
from passport.jose import PrivateKeySigner, b64u_encode
from passport.keys import TOKEN_RULES, Party, TokenType, sign_token, verify_token
from passport.strict_json import JsonValue, dumps

KEY = PrivateKeySigner.from_secret(0xA11CE)
THIEF = PrivateKeySigner.from_secret(0xBAD)
PAYLOAD = b'{"iss":"https://bank.example"}'
PUBLIC_PEM = KEY.public_jwk.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def token(header: bytes, sign: Callable[[bytes], bytes]) -> str:
    signing_input = f"{b64u_encode(header)}.{b64u_encode(PAYLOAD)}"
    return f"{signing_input}.{b64u_encode(sign(signing_input.encode()))}"


def changed(
    kind: TokenType, change: dict[str, JsonValue], sign: Callable[[bytes], bytes], *without: str
) -> str:
    header = {"alg": "ES256", "typ": str(kind), **change}
    return token(dumps({name: value for name, value in header.items() if name not in without}), sign)


def hmac_with(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.digest(secret, message, hashlib.sha256)


THIEF_JWK = THIEF.public_jwk.to_json()

ATTACKS: dict[str, Callable[[TokenType], str]] = {
    "no algorithm, no signature": lambda kind: changed(kind, {"alg": "none"}, lambda _: b""),
    "no algorithm, spelled otherwise": lambda kind: changed(kind, {"alg": "nOnE"}, lambda _: b""),
    "the public key as HMAC secret, PEM": lambda kind: changed(kind, {"alg": "HS256"}, hmac_with(PUBLIC_PEM)),
    "the public key as HMAC secret, JWK": lambda kind: changed(
        kind, {"alg": "HS256"}, hmac_with(dumps(KEY.public_jwk.to_json()))
    ),
    "another curve's algorithm": lambda kind: changed(kind, {"alg": "ES384"}, KEY.sign),
    "secp256k1": lambda kind: changed(kind, {"alg": "ES256K"}, KEY.sign),
    "algorithm absent": lambda kind: changed(kind, {}, KEY.sign, "alg"),
    "the thief's own jwk": lambda kind: changed(kind, {"jwk": THIEF_JWK}, THIEF.sign),
    "the thief's own x5c": lambda kind: changed(kind, {"x5c": ["MIIB"]}, THIEF.sign),
    "jku": lambda kind: changed(kind, {"jku": "https://thief.example/jwks"}, KEY.sign),
    "x5u": lambda kind: changed(kind, {"x5u": "https://thief.example/chain"}, KEY.sign),
    "crit": lambda kind: changed(kind, {"crit": ["exp"], "exp": 0}, KEY.sign),
    "unencoded payload": lambda kind: changed(kind, {"b64": False}, KEY.sign),
    "algorithm named twice": lambda kind: token(
        f'{{"alg":"none","typ":"{kind}","alg":"ES256"}}'.encode(), KEY.sign
    ),
}


def test_there_are_fourteen_attacks_and_a_rule_for_every_kind() -> None:
    assert len(ATTACKS) == 14
    assert TOKEN_RULES.keys() == set(TokenType)
    assert all(rule.signers <= set(Party) and rule.signers for rule in TOKEN_RULES.values())


@pytest.mark.parametrize("kind", TokenType)
def test_the_plain_token_passes(kind: TokenType) -> None:
    assert verify_token(changed(kind, {}, KEY.sign), kind=kind, key=KEY.public_jwk).header["typ"] == kind


@pytest.mark.parametrize("kind", TokenType)
@pytest.mark.parametrize("attack", ATTACKS)
def test_jose_matrix(kind: TokenType, attack: str) -> None:
    with pytest.raises((Rejected, Malformed)):
        verify_token(ATTACKS[attack](kind), kind=kind, key=KEY.public_jwk)


@pytest.mark.parametrize("kind", TokenType)
@pytest.mark.parametrize("member", ["jwk", "x5c"])
def test_a_key_in_the_header_passes_only_where_the_kind_has_it(kind: TokenType, member: str) -> None:
    signed = changed(kind, {member: []}, KEY.sign)
    if member in TOKEN_RULES[kind].key_members:
        verify_token(signed, kind=kind, key=KEY.public_jwk)
    else:
        with pytest.raises(Rejected) as caught:
            verify_token(signed, kind=kind, key=KEY.public_jwk)
        assert caught.value.reason is Reason.HEADER_NOT_ALLOWED


@pytest.mark.parametrize("signed_as", TokenType)
@pytest.mark.parametrize("read_as", TokenType)
def test_typ_cross_matrix_only_the_diagonal_passes(signed_as: TokenType, read_as: TokenType) -> None:
    signed = sign_token(kind=signed_as, payload={}, signer=KEY)
    if signed_as is read_as:
        verify_token(signed, kind=read_as, key=KEY.public_jwk)
    else:
        with pytest.raises(Rejected) as caught:
            verify_token(signed, kind=read_as, key=KEY.public_jwk)
        assert caught.value.reason is Reason.TOKEN_TYPE_MISMATCH


@pytest.mark.parametrize("kind", TokenType)
@pytest.mark.parametrize("typ", [None, "", "JWT", 7])
def test_a_token_without_its_type_is_refused(kind: TokenType, typ: JsonValue) -> None:
    with pytest.raises(PassportError):
        verify_token(changed(kind, {"typ": typ}, KEY.sign), kind=kind, key=KEY.public_jwk)
