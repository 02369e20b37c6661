from pathlib import Path
from typing import Final

import pytest

from passport.errors import Malformed, Reason
from passport.jose import ContentEncryption, PublicJwk
from passport.openid4vp.names import ErrorCode
from passport.openid4vp.request_object import ClientMetadata, RequestRefused, read_request
from passport.strict_json import JsonObject, JsonValue, loads

EXAMPLES = Path(__file__).parents[3] / "vectors/openid4vp/1.0/examples"
# The first key of the example in OpenID4VP 1.0 section 8.3.
KEY: Final[JsonObject] = {
    "kty": "EC",
    "kid": "ac",
    "use": "enc",
    "crv": "P-256",
    "alg": "ECDH-ES",
    "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk",
    "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk",
}
REQUEST: Final[JsonObject] = {
    "client_id": "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
    "response_type": "vp_token",
    "response_mode": "direct_post",
    "response_uri": "https://bank-x.example/oid4vp/responses/1",
    "nonce": "n" * 22,
    "state": "s",
    "dcql_query": loads((EXAMPLES / "query_lang/simple.json").read_bytes()),
    "client_metadata": loads((EXAMPLES / "client_metadata/sd_jwt_vc_verifier_metadata.json").read_bytes()),
}


def metadata(*keys: JsonValue, **members: JsonValue) -> ClientMetadata:
    return ClientMetadata.read({"vp_formats_supported": {}, "jwks": {"keys": keys}, **members})


def test_a_request_reads_back_what_it_wrote() -> None:
    read = read_request(REQUEST)
    assert read_request(read.to_object()) == read


def test_unknown_parameters_are_ignored() -> None:
    assert read_request({**REQUEST, "later": 1, "iss": "anybody"}) == read_request(REQUEST)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("transaction_data", ErrorCode.INVALID_TRANSACTION_DATA),
        ("redirect_uri", ErrorCode.INVALID_REQUEST),
        ("scope", ErrorCode.INVALID_REQUEST),
        ("request", ErrorCode.INVALID_REQUEST),
        ("request_uri", ErrorCode.INVALID_REQUEST),
    ],
)
def test_parameters_that_must_be_refused_are_refused_with_their_code(name: str, code: ErrorCode) -> None:
    with pytest.raises(RequestRefused) as caught:
        read_request({**REQUEST, name: "x"})
    assert caught.value.code is code
    assert caught.value.reason is Reason.REQUEST_INVALID


@pytest.mark.parametrize(
    "spoiled",
    [
        {"response_type": "code"},
        {"response_mode": "fragment"},
        {"response_uri": "ftp://bank-x.example"},
        {"response_uri": "https://bank-x.example/#x"},
        {"nonce": "n" * 21},
        {"nonce": "n" * 22 + " "},
        {"state": "with space"},
        {"dcql_query": {}},
        {"client_metadata": {}},
        {"verifier_info": []},
        {"exp": "soon"},
    ],
)
def test_a_request_with_one_parameter_spoiled_is_malformed(spoiled: JsonObject) -> None:
    with pytest.raises(Malformed):
        read_request({**REQUEST, **spoiled})


def test_a_request_that_is_no_object_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_request([REQUEST])


def test_the_key_for_the_answer_is_the_one_that_we_can_use() -> None:
    stranger: JsonObject = {"kty": "OKP", "kid": "jc", "crv": "X25519", "alg": "ECDH-ES", "x": "AA"}
    jwk, kid, enc = metadata(stranger, KEY).encryption()
    assert (jwk, kid, enc) == (PublicJwk.from_json(KEY), "ac", ContentEncryption.A128GCM)


def test_content_encryption_is_one_that_the_verifier_offers() -> None:
    offered: list[JsonValue] = ["A128CBC-HS256", "A256GCM"]
    assert metadata(KEY, encrypted_response_enc_values_supported=offered).encryption()[2] == "A256GCM"


@pytest.mark.parametrize(
    "offer",
    [
        ClientMetadata(vp_formats_supported={}),
        metadata({**KEY, "alg": "ECDH-ES+A128KW"}),
        metadata({**KEY, "use": "sig"}),
        metadata({name: value for name, value in KEY.items() if name != "kid"}),
        metadata(KEY, encrypted_response_enc_values_supported=["A128CBC-HS256"]),
    ],
)
def test_an_offer_without_a_usable_key_is_refused(offer: ClientMetadata) -> None:
    with pytest.raises(RequestRefused) as caught:
        offer.encryption()
    assert caught.value.code is ErrorCode.INVALID_REQUEST
