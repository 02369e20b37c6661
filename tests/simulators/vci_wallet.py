"""A wallet that speaks OpenID4VCI to an issuer over HTTP, and can lie, repeat and mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from passport.jose import PrivateKeySigner
from passport.openid4vci.dpop import sign_dpop
from passport.openid4vci.key_proof import sign_key_proof
from passport.openid4vci.names import GRANT_PRE_AUTHORIZED
from passport.openid4vci.offer import OfferLink
from service.system import SystemEntropy


@dataclass
class VciWallet:
    """One holder."""

    client: httpx.AsyncClient
    issuer: str
    clock: Any
    dpop_key: PrivateKeySigner | None = None
    keys: list[PrivateKeySigner] = field(
        default_factory=lambda: [PrivateKeySigner.generate(SystemEntropy()) for _ in range(5)]
    )

    def now(self) -> datetime:
        moment: datetime = self.clock.now()
        return moment

    def dpop(self, path: str, access_token: str | None = None) -> dict[str, str]:
        if self.dpop_key is None:
            return {}
        proof = sign_dpop(
            signer=self.dpop_key,
            method="POST",
            url=f"{self.issuer}{path}",
            issued_at=self.now(),
            entropy=SystemEntropy(),
            access_token=access_token,
        )
        return {"DPoP": proof}

    async def token(self, offer: str, tx_code: str, /, **changes: str) -> httpx.Response:
        parsed = OfferLink.parse(offer).offer
        assert parsed is not None
        assert parsed.grants is not None
        assert parsed.grants.pre_authorized is not None
        form = {
            "grant_type": GRANT_PRE_AUTHORIZED,
            "pre-authorized_code": parsed.grants.pre_authorized.pre_authorized_code,
            "tx_code": tx_code,
            **changes,
        }
        return await self.client.post("/oid4vci/token", data=form, headers=self.dpop("/oid4vci/token"))

    async def nonce(self) -> str:
        answer = await self.client.post("/oid4vci/nonce")
        nonce: str = answer.json()["c_nonce"]
        return nonce

    def proofs(self, nonce: str, keys: Sequence[PrivateKeySigner] | None = None) -> list[str]:
        return [
            sign_key_proof(signer=key, audience=self.issuer, nonce=nonce, issued_at=self.now())
            for key in (keys or self.keys)
        ]

    async def credential(
        self, token: str, configuration: str, proofs: Sequence[str], *, path: str = "/oid4vci/credential"
    ) -> httpx.Response:
        body = {"credential_configuration_id": configuration, "proofs": {"jwt": list(proofs)}}
        return await self.post(token, path, body)

    async def post(self, token: str, path: str, body: object) -> httpx.Response:
        scheme = "DPoP" if self.dpop_key is not None else "Bearer"
        headers = {"Authorization": f"{scheme} {token}", **self.dpop(path, token)}
        return await self.client.post(path, json=body, headers=headers)

    async def accept(self, offer: str, tx_code: str, configuration: str = "proof-of-funds") -> list[str]:
        token = (await self.token(offer, tx_code)).json()["access_token"]
        answer = await self.credential(token, configuration, self.proofs(await self.nonce()))
        assert answer.status_code == 200, answer.text
        return [one["credential"] for one in answer.json()["credentials"]]
