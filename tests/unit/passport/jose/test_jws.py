import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected
from passport.jose import (
    PrivateKeySigner,
    b64u_encode,
    parse_compact,
    sign_compact,
    verify_compact,
)
from passport.strict_json import JsonObject, JsonValue, Limits, dumps

TYP = "example+jwt"


def token_of(signer: PrivateKeySigner, header: bytes, payload: bytes) -> str:
    signing_input = f"{b64u_encode(header)}.{b64u_encode(payload)}"
    return f"{signing_input}.{b64u_encode(signer.sign(signing_input.encode()))}"


def test_a_signed_token_is_verified(signer: PrivateKeySigner) -> None:
    payload: JsonObject = {"iss": "https://bank.example", "n": [1, {"a": "戶"}]}
    token = sign_compact(typ=TYP, payload=payload, signer=signer, header={"kid": "1"})
    verified = verify_compact(token, key=signer.public_jwk, typ=TYP)
    assert verified.header == {"alg": "ES256", "typ": TYP, "kid": "1"}
    assert verified.payload == payload
    assert verified.signing_input.decode() == token.rpartition(".")[0]
    assert verify_compact(parse_compact(token), key=signer.public_jwk, typ=TYP) == verified


def test_parsing_judges_nothing(signer: PrivateKeySigner) -> None:
    unverified = parse_compact(token_of(signer, b'{"alg":"none"}', b"not JSON"))
    assert unverified.unverified_header == {"alg": "none"}
    assert unverified.unverified_payload == b"not JSON"


def test_another_key_is_refused(signer: PrivateKeySigner, other_signer: PrivateKeySigner) -> None:
    token = sign_compact(typ=TYP, payload={}, signer=signer)
    with pytest.raises(Rejected) as caught:
        verify_compact(token, key=other_signer.public_jwk, typ=TYP)
    assert caught.value.reason is Reason.SIGNATURE_INVALID


@given(st.data())
def test_no_other_byte_anywhere_verifies(data: st.DataObject) -> None:
    signer = PrivateKeySigner.from_secret(3)
    token = sign_compact(typ=TYP, payload={"a": 1}, signer=signer)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[place]))
    with pytest.raises(PassportError):
        verify_compact(token[:place] + character + token[place + 1 :], key=signer.public_jwk, typ=TYP)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"alg": "none"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": "HS256"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": "ES384"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": "es256"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": ["ES256"]}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": None}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"crit": ["exp"], "exp": 1}, Reason.HEADER_NOT_ALLOWED),
        ({"crit": []}, Reason.HEADER_NOT_ALLOWED),
        ({"b64": False}, Reason.HEADER_NOT_ALLOWED),
        ({"b64": False, "crit": ["b64"]}, Reason.HEADER_NOT_ALLOWED),
        ({"jku": "https://evil.example/keys"}, Reason.HEADER_NOT_ALLOWED),
        ({"x5u": "https://evil.example/chain"}, Reason.HEADER_NOT_ALLOWED),
        ({"jwk": {}}, Reason.HEADER_NOT_ALLOWED),
        ({"x5c": []}, Reason.HEADER_NOT_ALLOWED),
        ({"zip": "DEF"}, Reason.HEADER_NOT_ALLOWED),
        ({"enc": "A128GCM"}, Reason.HEADER_NOT_ALLOWED),
        ({"typ": "other+jwt"}, Reason.TOKEN_TYPE_MISMATCH),
        ({"typ": "EXAMPLE+JWT"}, Reason.TOKEN_TYPE_MISMATCH),
        ({"typ": "application/example+jwt"}, Reason.TOKEN_TYPE_MISMATCH),
        ({"typ": None}, Reason.TOKEN_TYPE_MISMATCH),
    ],
)
def test_a_header_that_chooses_its_own_rules_is_refused(
    signer: PrivateKeySigner, change: dict[str, JsonValue], reason: Reason
) -> None:
    header = {"alg": "ES256", "typ": TYP, **change}
    token = token_of(signer, dumps(header), b"{}")
    with pytest.raises(Rejected) as caught:
        verify_compact(token, key=signer.public_jwk, typ=TYP)
    assert caught.value.reason is reason


@pytest.mark.parametrize("member", ["jwk", "x5c"])
def test_a_role_may_allow_one_key_member_without_the_other(signer: PrivateKeySigner, member: str) -> None:
    token = sign_compact(typ=TYP, payload={}, signer=signer, header={member: []})
    assert member in verify_compact(token, key=signer.public_jwk, typ=TYP, key_members=[member]).header
    (other,) = {"jwk", "x5c"} - {member}
    with pytest.raises(Rejected):
        verify_compact(token, key=signer.public_jwk, typ=TYP, key_members=[other])


def test_a_member_of_no_meaning_to_us_is_ignored(signer: PrivateKeySigner) -> None:
    token = sign_compact(typ=TYP, payload={}, signer=signer, header={"unheard-of": 1})
    verify_compact(token, key=signer.public_jwk, typ=TYP)


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"ES256","typ":"example+jwt","typ":"example+jwt"}', b"{}"),
        (b'["alg"]', b"{}"),
        (b"", b"{}"),
        (b'{"alg":"ES256","typ":"example+jwt"}', b'{"exp":NaN}'),
        (b'{"alg":"ES256","typ":"example+jwt"}', b'{"a":1,"a":2}'),
        (b'{"alg":"ES256","typ":"example+jwt"}', b"[]"),
        (b'{"alg":"ES256","typ":"example+jwt"}', b""),
    ],
)
def test_ambiguous_json_is_refused_though_truly_signed(
    signer: PrivateKeySigner, header: bytes, payload: bytes
) -> None:
    with pytest.raises(Malformed):
        verify_compact(token_of(signer, header, payload), key=signer.public_jwk, typ=TYP)


def test_another_spelling_of_the_same_signature_is_refused(signer: PrivateKeySigner) -> None:
    token = sign_compact(typ=TYP, payload={}, signer=signer)
    last = token[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sibling = alphabet[alphabet.index(last) ^ 1]
    padded = token[:-1] + sibling
    for spelling in (padded, token + "==", token + "\n", " " + token):
        with pytest.raises(Malformed):
            parse_compact(spelling)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "e30.e30.e30.e30", "e30.e30.e30.e30.e30", "....."])
def test_something_else_than_three_parts_is_refused(token: str) -> None:
    with pytest.raises(Malformed):
        parse_compact(token)


def test_size_limit_holds_at_the_edge_and_one_past_it(signer: PrivateKeySigner) -> None:
    token = sign_compact(typ=TYP, payload={"a": "b" * 100}, signer=signer)
    limits = Limits(size=len(token))
    verify_compact(token, key=signer.public_jwk, typ=TYP, limits=limits)
    with pytest.raises(Malformed, match="at most"):
        verify_compact(token, key=signer.public_jwk, typ=TYP, limits=Limits(size=len(token) - 1))


@pytest.mark.parametrize("member", ["alg", "typ", "crit", "jku", "x5u", "b64"])
def test_what_no_reader_accepts_is_not_signed(signer: PrivateKeySigner, member: str) -> None:
    with pytest.raises(Misconfigured, match=member):
        sign_compact(typ=TYP, payload={}, signer=signer, header={member: "x"})
