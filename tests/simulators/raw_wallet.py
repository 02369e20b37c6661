"""A wallet without a conscience, over real HTTP: it redeems offers like any, and then shows what it likes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from passport import strict_json
from passport.clock import to_epoch
from passport.disclosable import ClaimPath
from passport.jose import PrivateKeySigner, Signer, b64u_encode, parse_compact
from passport.keys import TokenType, sign_token
from passport.openid4vci import OfferLink, sign_key_proof
from passport.openid4vp import (
    AuthorizationRequest,
    AuthorizationResponse,
    EncryptedResponse,
    RequestLink,
    read_request,
)
from passport.sd_jwt import present
from service.system import SystemEntropy

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SECONDS = 30.0


@dataclass
class RawWallet:
    """One key for everything it holds; ``credentials`` by configuration id."""

    key: PrivateKeySigner = field(default_factory=lambda: PrivateKeySigner.generate(SystemEntropy()))
    credentials: dict[str, str] = field(default_factory=dict)

    def redeem(self, link: str, tx_code: str) -> None:
        """OpenID4VCI with the pre-authorised code, one copy of each credential."""
        offer = OfferLink.parse(link).offer
        assert offer is not None
        assert offer.grants is not None
        assert offer.grants.pre_authorized is not None
        base = str(offer.credential_issuer)
        with httpx.Client(base_url=base, timeout=SECONDS) as bank:
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
                "pre-authorized_code": offer.grants.pre_authorized.pre_authorized_code,
                "tx_code": tx_code,
            }
            token = _json(bank.post("/oid4vci/token", data=form))
            headers = {"Authorization": f"Bearer {token['access_token']}"}
            for name in offer.credential_configuration_ids:
                nonce = _json(bank.post("/oid4vci/nonce"))["c_nonce"]
                proof = sign_key_proof(
                    signer=self.key, audience=base, nonce=nonce, issued_at=datetime.now(UTC)
                )
                body = {
                    "credential_configuration_id": name,
                    "proofs": {"jwt": [proof]},
                }
                answer = _json(bank.post("/oid4vci/credential", json=body, headers=headers))
                self.credentials[name] = answer["credentials"][0]["credential"]


@dataclass
class Application:
    """One application at a verifier, as the bank's system sees it and as a wallet answers it."""

    base_url: str
    token: str
    described: dict[str, Any]

    @classmethod
    def open(cls, base_url: str, token: str) -> Application:
        """A new one under the policy account-opening."""
        answer = httpx.post(
            f"{base_url}/v1/applications",
            json={"policy": "account-opening"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
        return cls(base_url, token, _json(answer))

    @property
    def request_url(self) -> str:
        """Where the wallet fetches the request object."""
        link = RequestLink.parse(self.described["request"])
        assert link.request_uri is not None
        return link.request_uri

    def request(self) -> AuthorizationRequest:
        """The request object, unverified: this wallet trusts anybody."""
        text = httpx.get(self.request_url, timeout=SECONDS).text
        return read_request(strict_json.loads(parse_compact(text).unverified_payload))

    def body(
        self,
        shown: Mapping[str, str],
        *,
        state: str | None = None,
        request: AuthorizationRequest | None = None,
    ) -> bytes:
        """An encrypted answer with these presentations."""
        request = request or self.request()
        assert request.client_metadata is not None
        key, kid, enc = request.client_metadata.encryption()
        response = AuthorizationResponse.read(
            {"vp_token": {query: [text] for query, text in shown.items()}, "state": state or request.state}
        )
        return EncryptedResponse.encrypt(response, recipient=key, kid=kid, enc=enc).to_form()

    def post(self, body: bytes) -> httpx.Response:
        """Send an answer."""
        url = self.request_url.replace("/requests/", "/responses/")
        return httpx.post(url, content=body, headers=FORM, timeout=SECONDS)

    def result(self) -> dict[str, Any]:
        """The officer's view, once it is settled."""
        return _json(httpx.get(self.described["result_url"], timeout=SECONDS))

    def follow_up(self) -> dict[str, Any]:
        """How the credentials stand now."""
        url = f"{self.base_url}/v1/applications/{self.described['id']}/follow-up"
        return _json(httpx.get(url, headers={"Authorization": f"Bearer {self.token}"}, timeout=SECONDS))


def show(
    credential: str,
    paths: Sequence[ClaimPath],
    *,
    signer: Signer,
    nonce: str,
    aud: str,
) -> str:
    """A presentation as an honest wallet makes it."""
    return present(
        credential,
        disclose=paths,
        holder_signer=signer,
        nonce=nonce,
        aud=aud,
        iat=to_epoch(datetime.now(UTC)),
    )


def bind(bound_text: str, *, signer: PrivateKeySigner, nonce: str, aud: str) -> str:
    """A KB-JWT over any text and by any key, as no honest wallet writes it."""
    claims: dict[str, str | int] = {
        "nonce": nonce,
        "aud": aud,
        "iat": to_epoch(datetime.now(UTC)),
        "sd_hash": b64u_encode(hashlib.sha256(bound_text.encode()).digest()),
    }
    return bound_text + sign_token(kind=TokenType.KEY_BINDING, payload=claims, signer=signer)


def _json(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    )
    read: dict[str, Any] = answer.json()
    return read
