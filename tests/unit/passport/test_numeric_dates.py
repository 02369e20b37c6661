"""A NumericDate may have a fraction (RFC 7519 section 2): wherever one is read it is taken, and its bounds hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from passport import strict_json
from passport.clock import from_epoch, to_epoch
from passport.credential import OpenClaims
from passport.errors import Malformed, PassportError, Rejected, Unavailable
from passport.fraud import AccountQuestion, make_token, open_sealed
from passport.fraud.names import QUESTION_TYP
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner, b64u_encode, sign_compact
from passport.openid4vci import verify_dpop, verify_key_proofs
from passport.openid4vp import read_request
from passport.registry import ParticipantKey
from passport.sd_jwt import check_validity, verify_issuer_jwt, verify_key_binding_without_disclosures
from passport.status import StatusList, verify_status_list
from passport.strict_json import JsonValue

NOW: Final = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)
SECONDS: Final = to_epoch(NOW)
SIGNER: Final = PrivateKeySigner.from_secret(7)
JWK: Final = {"jwk": SIGNER.public_jwk.to_json()}
BANK: Final = "https://bank.example"
DID: Final = "did:ethr:0x7a69:0x" + "ab" * 20


def token(typ: str, header: dict[str, Any], **payload: JsonValue) -> str:
    return sign_compact(typ=typ, payload=payload, signer=SIGNER, header=header)


def dpop(iat: JsonValue) -> object:
    proof = token("dpop+jwt", JWK, jti="j", htm="POST", htu=BANK, iat=iat)
    return verify_dpop(proof, method="POST", url=BANK, now=NOW).issued_at


def key_proof(iat: JsonValue) -> object:
    proof = token("openid4vci-proof+jwt", JWK, aud=BANK, nonce="n", iat=iat)
    return verify_key_proofs([proof], audience=BANK, now=NOW, batch_size=1).proofs[0].issued_at


def key_binding(iat: JsonValue) -> object:
    cnf: JsonValue = {"jwk": SIGNER.public_jwk.to_json()}
    credential = verify_issuer_jwt(token("dc+sd-jwt", {}, cnf=cnf), SIGNER.public_jwk)
    kb_jwt = token("kb+jwt", {}, nonce="n", aud=BANK, sd_hash="h", iat=iat)
    found = verify_key_binding_without_disclosures(credential, kb_jwt, nonce="n", aud=BANK, now=NOW)
    return found.issued_at


def open_claims(iat: JsonValue) -> object:
    claims: dict[str, JsonValue] = {
        "iss": BANK,
        "vct": "urn:x",
        "iat": iat,
        "exp": iat + 86_400 if isinstance(iat, int | float) else 0,
        "cnf": JWK,
        "status": {"status_list": {"idx": 1, "uri": BANK}},
        "anchor": {"chain_id": 1, "registry": "0x" + "ab" * 20, "salt": b64u_encode(bytes(32)), "due": iat},
    }
    read = OpenClaims.read(strict_json.as_object(strict_json.loads(strict_json.dumps(claims))))
    assert read.anchor.due == read.issued_at
    return read.issued_at


def status_list(iat: JsonValue) -> object:
    signed = token(
        "statuslist+jwt", {}, sub=BANK, iat=iat, exp=SECONDS + 60.5, ttl=0.5, version=1,
        status_list=StatusList.empty(64).to_json(),
    )  # fmt: skip
    read = verify_status_list(signed, key=SIGNER.public_jwk, uri=BANK, now=NOW)
    assert read.lifetime == timedelta(milliseconds=500)
    return read.issued_at


def hub_message(iat: JsonValue) -> object:
    header = {"kid": b64u_encode(SIGNER.public_jwk.thumbprint()), **JWK}
    sealed = token(
        QUESTION_TYP, header, iss=DID, aud=DID, iat=iat, jti="j" * 22, purpose="issuance", nonce="n" * 22,
        accounts=[make_token(1, b"a" * 32)], person=make_token(1, b"p" * 32),
    )  # fmt: skip
    opened = open_sealed(
        sealed, typ=QUESTION_TYP, kind=AccountQuestion, keys=_Book(), audience=DidEthr.parse(DID), at=NOW
    )
    return from_epoch(opened.message.iat)


class _Book:
    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey:
        assert str(who) in DID
        return ParticipantKey(thumbprint, NOW - timedelta(days=1))


def request_object(iat: JsonValue) -> object:
    request: dict[str, JsonValue] = {
        "client_id": "x509_hash:x",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": BANK,
        "nonce": "n" * 22,
        "dcql_query": {
            "credentials": [{"id": "i", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]
        },
        "iat": SECONDS,
        "exp": iat,
    }
    if iat is None:
        raise Malformed("a request may leave exp out; null is not asked here")
    read = read_request(strict_json.loads(strict_json.dumps(request)))
    assert read.exp is not None
    return from_epoch(read.exp)


READERS: Final[dict[str, Callable[[JsonValue], object]]] = {
    "DPoP proof": dpop,
    "key proof": key_proof,
    "KB-JWT": key_binding,
    "credential": open_claims,
    "status list": status_list,
    "message to the hub": hub_message,
    "request object": request_object,
}
WHOLE: Final = {"message to the hub", "request object"}
"""Read as whole seconds: what they are compared with and stored as is whole."""


@pytest.mark.parametrize("reader", READERS)
def test_a_fraction_is_taken(reader: str) -> None:
    assert READERS[reader](SECONDS) == from_epoch(SECONDS)
    got = READERS[reader](SECONDS - 0.75)
    assert got == (from_epoch(SECONDS - 1) if reader in WHOLE else from_epoch(SECONDS - 0.75))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("iat", [True, "1796037600", None, [1], 1e300, -1e300, 253_402_300_800, 2**53 - 1])
def test_what_is_no_time_is_refused(reader: str, iat: JsonValue) -> None:
    with pytest.raises(PassportError):
        READERS[reader](iat)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "1e400", "-1e400", "1" * 400, "0." + "1" * 400])
def test_numbers_that_no_double_holds_are_refused_before_they_are_times(literal: str) -> None:
    with pytest.raises(Malformed):
        strict_json.loads(f'{{"iat":{literal}}}')


def test_validity_ends_within_the_second() -> None:
    good = {"iat": SECONDS - 10.5, "nbf": SECONDS - 0.5, "exp": SECONDS + 0.5}
    check_validity(good, NOW)
    with pytest.raises(Rejected, match="exp"):
        check_validity({**good, "exp": SECONDS + 0.25}, NOW)
    with pytest.raises(Rejected, match="nbf"):
        check_validity({**good, "nbf": SECONDS + 60.5}, NOW)
    with pytest.raises(Rejected, match="iat"):
        check_validity({**good, "iat": 1e300}, NOW)
    with pytest.raises(Malformed):
        check_validity({**good, "exp": 1e300}, NOW)


def test_a_status_list_that_ended_within_this_second_is_stale() -> None:
    signed = token(
        "statuslist+jwt", {}, sub=BANK, iat=SECONDS - 9, exp=SECONDS + 0.125, version=1,
        status_list=StatusList.empty(64).to_json(),
    )  # fmt: skip
    with pytest.raises(Unavailable):
        verify_status_list(signed, key=SIGNER.public_jwk, uri=BANK, now=NOW)


def test_a_date_that_is_written_as_a_number_with_an_exponent_is_the_same_date() -> None:
    assert from_epoch(strict_json.get_number(json.loads('{"iat":1.7960376e9}'), "iat")) == from_epoch(
        1_796_037_600
    )
