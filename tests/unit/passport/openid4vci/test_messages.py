from pathlib import Path
from typing import Final

import pytest

from passport import forms
from passport.errors import Malformed
from passport.openid4vci import (
    CredentialRequest,
    CredentialResponse,
    ErrorAnswer,
    ErrorCode,
    NotificationEvent,
    NotificationRequest,
    TokenRequest,
    TokenResponse,
)
from passport.openid4vci.limits import LIMITS
from passport.strict_json import JsonObject, loads

EXAMPLES = Path(__file__).parents[3] / "vectors/openid4vci/1.0/examples"
GRANT: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


def test_a_token_request_reads_back_what_it_wrote() -> None:
    request = TokenRequest.read(
        {
            "grant_type": GRANT,
            "pre-authorized_code": "abc",
            "tx_code": "493536",
            "authorization_details": [
                {"type": "openid_credential", "credential_configuration_id": "identity"}
            ],
        }
    )
    assert TokenRequest.parse(request.to_form()) == request
    assert b"pre-authorized_code=abc" in request.to_form()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"grant_type": GRANT, "pre-authorized_code": "with space"},
        {"grant_type": GRANT, "tx_code": "1" * (LIMITS.tx_code + 1)},
        {"grant_type": GRANT, "authorization_details": "x"},
        {"grant_type": GRANT, "authorization_details": "[]"},
        {
            "grant_type": GRANT,
            "authorization_details": '[{"type":"other","credential_configuration_id":"i"}]',
        },
    ],
)
def test_other_token_requests_are_malformed(fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        TokenRequest.parse(forms.write_form(fields))


def test_a_token_response_names_the_data_set_of_a_configuration() -> None:
    response = TokenResponse.read(
        {
            "access_token": "t",
            "token_type": "Bearer",
            "expires_in": 300,
            "authorization_details": [
                {"type": "openid_credential", "credential_configuration_id": "a"},
                {
                    "type": "openid_credential",
                    "credential_configuration_id": "b",
                    "credential_identifiers": ["b-1", "b-2"],
                },
            ],
        }
    )
    assert [response.credential_identifier(name) for name in ("a", "b", "c")] == [None, "b-1", None]
    assert TokenResponse(access_token="t", token_type="Bearer").credential_identifier("a") is None


@pytest.mark.parametrize("kind", ["sd_jwt_vc", "ldp_vc", "jwt_vc_json", "mso_mdoc"])
def test_the_specification_s_credential_responses_are_read(kind: str) -> None:
    text = (EXAMPLES / f"credential_response_{kind}.txt").read_text()
    # The specification breaks long strings over lines, which JSON does not allow.
    body = "".join(line.strip() for line in text[text.index("{") :].splitlines())
    assert CredentialResponse.read(loads(body)).credentials


def test_a_credential_request_reads_back_what_it_wrote() -> None:
    request = CredentialRequest.read(
        {"credential_configuration_id": "identity", "proofs": {"jwt": ["a", "b"]}}
    )
    assert CredentialRequest.read(request.to_object()) == request


def test_a_request_that_names_a_format_as_early_drafts_did_is_malformed() -> None:
    with pytest.raises(Malformed, match="credential_configuration_id"):
        CredentialRequest.read(loads((EXAMPLES / "credential_request_iso_mdl.json").read_bytes()))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"credential_identifier": "a", "credential_configuration_id": "b"},
        {"credential_identifier": "a", "proofs": {}},
        {"credential_identifier": "a", "proofs": {"jwt": []}},
        {"credential_identifier": "a", "proofs": {"jwt": ["x"] * (LIMITS.batch + 1)}},
    ],
)
def test_other_credential_requests_are_malformed(value: JsonObject) -> None:
    with pytest.raises(Malformed):
        CredentialRequest.read(value)


@pytest.mark.parametrize(
    "value",
    [
        {"credentials": [{"credential": "eyJ"}], "notification_id": "n"},
        {"transaction_id": "t", "interval": 5},
    ],
)
def test_a_credential_response_is_now_or_later(value: JsonObject) -> None:
    assert CredentialResponse.read(value).to_object() == value


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"credentials": [{"credential": "eyJ"}], "transaction_id": "t", "interval": 5},
        {"credentials": []},
        {"credentials": [{"credential": "eyJ"}], "interval": 5},
        {"transaction_id": "t"},
        {"transaction_id": "t", "interval": 0},
        {"transaction_id": "t", "interval": 5, "notification_id": "n"},
    ],
)
def test_other_credential_responses_are_malformed(value: JsonObject) -> None:
    with pytest.raises(Malformed):
        CredentialResponse.read(value)


def test_notifications_know_three_events() -> None:
    read = NotificationRequest.read({"notification_id": "n", "event": "credential_accepted"})
    assert read.event is NotificationEvent.ACCEPTED
    with pytest.raises(Malformed):
        NotificationRequest.read({"notification_id": "n", "event": "accepted"})


def test_error_codes_are_known_or_kept_as_text_and_descriptions_are_ascii() -> None:
    assert ErrorAnswer(error="invalid_nonce").code is ErrorCode.INVALID_NONCE
    assert ErrorAnswer(error="later_code").code is None
    with pytest.raises(Malformed):
        ErrorAnswer.read({"error": "invalid_nonce", "error_description": 'a "quoted" word'})
