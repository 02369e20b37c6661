"""An issuer whose identifier has a path: where its documents stand, and everything else (OpenID4VCI 1.0 section 12.2.2)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from issuer.settings import IssuerSettings
from passport.clock import to_epoch
from passport.jose import sign_compact
from passport.openid4vci import well_known_url
from passport.openid4vci.dpop import sign_dpop
from passport.openid4vci.names import GRANT_PRE_AUTHORIZED
from passport.openid4vci.offer import OfferLink
from passport.sd_jwt import parse
from passport.strict_json import as_object, loads
from service.system import SystemEntropy

World = Any
BASE = "http://127.0.0.1:8443"
ISSUER = f"{BASE}/banks/blue-magpie"
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}


@pytest.fixture
def settings(settings: IssuerSettings) -> IssuerSettings:
    return settings.model_copy(update={"base_url": ISSUER})


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("openid-credential-issuer", "credential_issuer"),
        ("oauth-authorization-server", "issuer"),
        ("jwt-vc-issuer", "issuer"),
    ],
)
async def test_the_well_known_documents_stand_between_host_and_path(
    world: World, name: str, member: str
) -> None:
    for identifier in (ISSUER, f"{ISSUER}/"):
        answer = await world.client.get(well_known_url(identifier, name))
        assert (answer.status_code, answer.json()[member]) == (200, ISSUER)
    for elsewhere in (f"{BASE}/.well-known/{name}", f"{ISSUER}/.well-known/{name}"):
        assert (await world.client.get(elsewhere)).status_code == 404


async def test_a_wallet_that_follows_the_metadata_gets_its_credential(world: World) -> None:
    """Every address comes out of the metadata, and the DPoP proofs are for those addresses."""
    issuer = (await world.client.get(well_known_url(ISSUER, "openid-credential-issuer"))).json()
    server = (await world.client.get(well_known_url(ISSUER, "oauth-authorization-server"))).json()
    made = (
        await world.client.post(
            f"{ISSUER}/v1/operator/offers",
            json={"customer": "lin", "credentials": ["identity"]},
            headers=OPERATOR,
        )
    ).json()
    offer = OfferLink.parse(made["offer"]).offer
    assert offer is not None
    assert offer.grants is not None
    assert offer.grants.pre_authorized is not None
    assert offer.credential_issuer == ISSUER
    key = world.wallet(dpop=True).dpop_key

    def proof(url: str, access_token: str | None = None) -> dict[str, str]:
        return {
            "DPoP": sign_dpop(
                signer=key, method="POST", url=url, issued_at=world.clock.now(), entropy=SystemEntropy(),
                access_token=access_token,
            )
        }  # fmt: skip

    form = {
        "grant_type": GRANT_PRE_AUTHORIZED,
        "pre-authorized_code": offer.grants.pre_authorized.pre_authorized_code,
        "tx_code": made["tx_code"],
    }
    endpoint = server["token_endpoint"]
    token = (await world.client.post(endpoint, data=form, headers=proof(endpoint))).json()["access_token"]
    nonce = (await world.client.post(issuer["nonce_endpoint"])).json()["c_nonce"]
    key_proof = sign_compact(
        typ="openid4vci-proof+jwt",
        payload={"aud": ISSUER, "iat": to_epoch(world.clock.now()), "nonce": nonce},
        signer=key,
        header={"jwk": key.public_jwk.to_json()},
    )
    endpoint = issuer["credential_endpoint"]
    answer = await world.client.post(
        endpoint,
        json={"credential_configuration_id": "identity", "proofs": {"jwt": [key_proof]}},
        headers={"Authorization": f"DPoP {token}", **proof(endpoint, token)},
    )
    assert answer.status_code == 200, answer.text
    text = answer.json()["credentials"][0]["credential"]
    claims: Any = as_object(loads(parse(text).issuer_jwt.unverified_payload))
    assert claims["iss"] == ISSUER
    uri = claims["status"]["status_list"]["uri"]
    assert uri.startswith(f"{ISSUER}/status/")
    assert (await world.client.get(uri)).status_code == 200
    assert (await world.client.post(f"{BASE}/oid4vci/nonce")).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        f"{ISSUER}/",
        f"{BASE}/",
        f"{BASE}//a",
        f"{BASE}/a?b",
        f"{BASE}/a#b",
        f"{BASE}/../a",
        f"{BASE}/a/.",
        f"{BASE}/%61",
    ],
)
def test_an_identifier_that_has_two_spellings_stops_the_start(settings: IssuerSettings, bad: str) -> None:
    with pytest.raises(ValidationError):
        IssuerSettings.model_validate({**settings.model_dump(exclude={"fault_point"}), "base_url": bad})
    again = IssuerSettings.model_validate(
        {**settings.model_dump(exclude={"fault_point"}), "base_url": ISSUER}
    )
    assert again.base_url == ISSUER
