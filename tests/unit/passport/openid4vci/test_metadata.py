from pathlib import Path
from typing import Final

import pytest

from passport.errors import Malformed, Reason, Rejected
from passport.openid4vci import IssuerMetadata, require_issuer, well_known_url
from passport.openid4vci.metadata import AuthorizationServerMetadata, CredentialConfiguration
from passport.strict_json import JsonObject, as_object, get_object, loads

EXAMPLES = Path(__file__).parents[3] / "vectors/openid4vci/1.0/examples"
METADATA: Final[JsonObject] = {
    "credential_issuer": "http://127.0.0.1:8001",
    "credential_endpoint": "http://127.0.0.1:8001/oid4vci/credential",
    "credential_configurations_supported": {"identity": {"format": "dc+sd-jwt", "vct": "urn:x"}},
}


def test_the_specification_s_long_example_is_read_and_written_back() -> None:
    read = IssuerMetadata.read(loads((EXAMPLES / "credential_issuer_metadata_sd_jwt_long.json").read_bytes()))
    assert read.batch_size == 10
    assert IssuerMetadata.read(read.to_object()) == read


@pytest.mark.parametrize("kind", ["sd_jwt_vc", "ldp_vc", "jwt_vc_json", "mso_mdoc"])
def test_the_specification_s_configurations_are_read(kind: str) -> None:
    document = as_object(loads((EXAMPLES / f"credential_metadata_{kind}.json").read_bytes()))
    for configuration in get_object(document, "credential_configurations_supported").values():
        assert CredentialConfiguration.read(configuration).format


def test_without_batch_issuance_one_copy_may_be_asked_for() -> None:
    assert IssuerMetadata.read(METADATA).batch_size == 1


def test_a_configuration_is_found_by_its_id_or_refused() -> None:
    read = IssuerMetadata.read(METADATA)
    assert read.configuration("identity").vct == "urn:x"
    with pytest.raises(Rejected) as caught:
        read.configuration("other")
    assert caught.value.reason is Reason.NOT_FOUND


def test_authorization_server_metadata_know_anonymous_access_by_its_wire_name() -> None:
    read = AuthorizationServerMetadata.read(
        {
            "issuer": "https://a.example",
            "token_endpoint": "https://a.example/token",
            "pre-authorized_grant_anonymous_access_supported": True,
        }
    )
    assert read.anonymous_access_supported


@pytest.mark.parametrize(
    "spoiled",
    [
        {"credential_issuer": "bank"},
        {"credential_endpoint": "file:///etc/passwd"},
        {"batch_credential_issuance": {"batch_size": 1}},
        {"credential_configurations_supported": []},
        {"display": []},
    ],
)
def test_metadata_with_one_part_spoiled_are_malformed(spoiled: JsonObject) -> None:
    with pytest.raises(Malformed):
        IssuerMetadata.read({**METADATA, **spoiled})


def test_metadata_of_another_issuer_are_refused() -> None:
    require_issuer("https://a.example", "https://a.example")
    with pytest.raises(Rejected) as caught:
        require_issuer("https://a.example/", "https://a.example")
    assert caught.value.reason is Reason.ISSUER_MISMATCH


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://issuer.example.com", "https://issuer.example.com/.well-known/openid-credential-issuer"),
        ("https://issuer.example.com/", "https://issuer.example.com/.well-known/openid-credential-issuer"),
        (
            "https://issuer.example.com/tenant",
            "https://issuer.example.com/.well-known/openid-credential-issuer/tenant",
        ),
        (
            "https://issuer.example.com/tenant/",
            "https://issuer.example.com/.well-known/openid-credential-issuer/tenant",
        ),
        (
            "https://issuer.example.com:8443/a/b/",
            "https://issuer.example.com:8443/.well-known/openid-credential-issuer/a/b",
        ),
    ],
)
def test_the_well_known_name_goes_between_host_and_path(issuer: str, expected: str) -> None:
    assert well_known_url(issuer, "openid-credential-issuer") == expected


@pytest.mark.parametrize("issuer", ["bank", "ftp://a", "https://a?x", "https://a#x", "https://[a"])
def test_other_identifiers_have_no_well_known_url(issuer: str) -> None:
    with pytest.raises(Malformed):
        well_known_url(issuer, "x")
