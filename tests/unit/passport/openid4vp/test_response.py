from typing import Final

import pytest

from passport import forms, strict_json
from passport.errors import Malformed, Reason, Rejected
from passport.jose import ContentEncryption, DecryptionKey, encrypt_jwe
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import ErrorCode
from passport.openid4vp.response import (
    AuthorizationResponse,
    EncryptedResponse,
    ErrorResponse,
    read_response,
    write_response,
)

ANSWER: Final = AuthorizationResponse(
    vp_token={"funds": ("eyJ…~",), "identity": ("a", "b")}, state="s-1", anchor_proofs=({"index": 1},)
)


class CountingEntropy:
    def token(self, size: int) -> bytes:
        return bytes(range(1, size + 1))


KEY: Final = DecryptionKey.generate("enc-1", CountingEntropy())


@pytest.mark.parametrize(
    "answer", [ANSWER, AuthorizationResponse(vp_token={"a": ("p",)}), ErrorResponse(error="access_denied")]
)
def test_an_answer_reads_back_what_it_wrote(answer: AuthorizationResponse | ErrorResponse) -> None:
    assert read_response(write_response(answer)) == answer


def test_unknown_parameters_are_ignored() -> None:
    assert read_response(write_response(ANSWER) + b"&iss=x") == ANSWER


def test_an_encrypted_answer_is_opened_by_the_request_s_key_alone() -> None:
    sealed = EncryptedResponse.encrypt(
        ANSWER, recipient=KEY.public_jwk, kid=KEY.kid, enc=ContentEncryption.A256GCM
    )
    received = read_response(sealed.to_form())
    assert isinstance(received, EncryptedResponse)
    assert received.decrypt(KEY) == ANSWER
    with pytest.raises(Rejected) as caught:
        received.decrypt(DecryptionKey("enc-2", KEY.private_key))
    assert caught.value.reason is Reason.KEY_UNKNOWN


def sealed(content: object) -> EncryptedResponse:
    plain = strict_json.dumps(content)  # type: ignore[arg-type]
    return EncryptedResponse(
        encrypt_jwe(plain, recipient=KEY.public_jwk, kid=KEY.kid, enc=ContentEncryption.A128GCM)
    )


def test_an_encrypted_error_is_read_as_one() -> None:
    """OpenID4VP 1.0 section 8.3.1: with direct_post.jwt an error is encrypted like an answer."""
    error = ErrorResponse(error="access_denied", state="s-1")
    ours = EncryptedResponse.encrypt(
        error, recipient=KEY.public_jwk, kid=KEY.kid, enc=ContentEncryption.A128GCM
    )
    assert ours.decrypt(KEY) == error
    theirs = sealed(
        {"error": "access_denied", "error_description": "n" * 5000, "error_uri": "x", "state": "s-1"}
    )
    assert theirs.decrypt(KEY) == error


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"state": "s"},
        {"error": "x", "vp_token": {"a": ["p"]}},
        {"error": 7},
        {"error": ""},
        {"error": None},
        {"error": "x", "state": "with space"},
        [],
        "error",
    ],
)
def test_what_is_encrypted_must_be_an_answer_or_an_error(content: object) -> None:
    with pytest.raises(Malformed):
        sealed(content).decrypt(KEY)


def test_a_description_is_a_strangers_text_and_is_not_read() -> None:
    body = forms.write_form({"error": "access_denied", "error_description": "x" * 3000, "state": "s"})
    assert read_response(body) == ErrorResponse(error="access_denied", state="s")


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("invalid_request", "invalid_request"),
        ('a\x00b\nc"d\\e錢', "a?b?c?d?e?"),
        ("x" * 512, "x" * 64),
    ],
)
def test_a_code_goes_into_a_record_in_its_own_characters_and_cut(error: str, shown: str) -> None:
    assert ErrorResponse(error=error).shown_code == shown


def test_error_codes_are_known_or_kept_as_text() -> None:
    assert ErrorResponse(error="access_denied").code is ErrorCode.ACCESS_DENIED
    assert ErrorResponse(error="later_code").code is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"state": "s"},
        {"vp_token": '{"a":["p"]}', "response": "x"},
        {"vp_token": '{"a":["p"]}', "error": "x"},
        {"vp_token": "not json"},
        {"vp_token": '["p"]'},
        {"vp_token": "{}"},
        {"vp_token": '{"a":[]}'},
        {"vp_token": '{"a":"p"}'},
        {"vp_token": '{"a":["p"],"a":["q"]}'},
        {"vp_token": '{"a b":["p"]}'},
        {"vp_token": '{"a":["p"]}', "state": "with space"},
        {"vp_token": '{"a":["p"]}', "anchor_proofs": "[1]"},
        {"error": ""},
    ],
)
def test_other_forms_are_malformed(fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        read_response(forms.write_form(fields))


def test_the_number_of_presentations_is_limited() -> None:
    with pytest.raises(Malformed):
        AuthorizationResponse.read({"vp_token": {"a": ["p"] * (LIMITS.presentations + 1)}})
