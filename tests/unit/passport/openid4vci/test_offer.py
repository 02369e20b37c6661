from pathlib import Path
from typing import Final

import pytest

from passport.errors import Malformed
from passport.openid4vci import CredentialOffer, InputMode, OfferLink
from passport.openid4vci.limits import LIMITS
from passport.strict_json import JsonObject, JsonValue, loads

EXAMPLES = Path(__file__).parents[3] / "vectors/openid4vci/1.0/examples"
PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
OFFER: Final[JsonObject] = {
    "credential_issuer": "http://127.0.0.1:8001",
    "credential_configuration_ids": ["proof-of-funds", "identity"],
    "grants": {
        PRE_AUTHORIZED: {"pre-authorized_code": "c" * 43, "tx_code": {"input_mode": "numeric", "length": 6}}
    },
}
NAMES = ["multiple_credentials", "by_reference", "pre-authz_code"]


@pytest.mark.parametrize("name", NAMES)
def test_the_specification_s_offers_are_read_and_written_back(name: str) -> None:
    offer = CredentialOffer.read(loads((EXAMPLES / f"credential_offer_{name}.json").read_bytes()))
    assert CredentialOffer.read(offer.to_object()) == offer


def test_the_offer_of_an_authorization_code_flow_is_read() -> None:
    body = (EXAMPLES / "credential_offer_authz_code.txt").read_text().split("\n\n", 1)[1]
    offer = CredentialOffer.read(loads(body))
    assert offer.grants is not None
    assert offer.grants.authorization_code is not None
    assert offer.grants.pre_authorized is None


def test_a_link_by_value_reads_back_what_it_wrote() -> None:
    link = OfferLink(offer=CredentialOffer.read(OFFER))
    assert OfferLink.parse(link.to_uri()) == link
    assert link.offer is not None
    assert link.offer.to_object() == OFFER


def test_a_link_by_reference_reads_back_what_it_wrote() -> None:
    link = OfferLink(offer_uri="https://bank.example/offers/1?x=1")
    assert OfferLink.parse(link.to_uri()) == link


def test_an_empty_tx_code_still_asks_for_one() -> None:
    grants: JsonValue = {PRE_AUTHORIZED: {"pre-authorized_code": "c", "tx_code": {}}}
    offer = CredentialOffer.read({**OFFER, "grants": grants})
    assert offer.grants is not None
    assert offer.grants.pre_authorized is not None
    assert offer.grants.pre_authorized.tx_code is not None
    assert offer.grants.pre_authorized.tx_code.input_mode is InputMode.NUMERIC


@pytest.mark.parametrize(
    "spoiled",
    [
        {"credential_issuer": "https://bank.example/?x"},
        {"credential_issuer": "javascript:1"},
        {"credential_configuration_ids": []},
        {"credential_configuration_ids": ["a", "a"]},
        {"credential_configuration_ids": ["x"] * (LIMITS.configurations + 1)},
        {"grants": {PRE_AUTHORIZED: {}}},
        {"grants": {PRE_AUTHORIZED: {"pre-authorized_code": "with space"}}},
        {"grants": {PRE_AUTHORIZED: {"pre-authorized_code": "c", "tx_code": {"length": 0}}}},
        {"grants": {PRE_AUTHORIZED: {"pre-authorized_code": "c", "tx_code": {"input_mode": "voice"}}}},
        {"grants": {PRE_AUTHORIZED: {"pre-authorized_code": "c", "tx_code": {"description": "d" * 301}}}},
    ],
)
def test_an_offer_with_one_part_spoiled_is_malformed(spoiled: JsonObject) -> None:
    with pytest.raises(Malformed):
        CredentialOffer.read({**OFFER, **spoiled})


@pytest.mark.parametrize(
    "link",
    [
        "openid-credential-offer://?",
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https://x",
        "openid-credential-offer://?credential_offer=nonsense",
        "openid-credential-offer://?credential_offer=[]",
        "openid-credential-offer://?credential_offer_uri=",
        "openid4vp://?credential_offer_uri=https://x",
        "openid-credential-offer://?credential_offer_uri=" + "u" * (LIMITS.uri + 1),
    ],
)
def test_other_links_are_malformed(link: str) -> None:
    with pytest.raises(Malformed):
        OfferLink.parse(link)
