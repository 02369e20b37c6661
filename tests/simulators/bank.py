"""An issuer in memory: OpenID4VCI as a real one speaks it, and the mischief that a real one never should."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from outbound import HttpAnswer
from passport import strict_json
from passport.clock import to_epoch
from passport.disclosable import ClaimTree, Disclosable
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS
from passport.jose import PublicJwk
from passport.openid4vci import (
    CredentialOffer,
    CredentialRequest,
    Grants,
    OfferLink,
    PreAuthorizedGrant,
    TokenRequest,
    TransactionCodeRule,
    verify_dpop,
    verify_key_proofs,
)
from passport.registry import Role, evidence_hash, schema_id
from passport.sd_jwt import confirmation, issue
from passport.status import StatusList, sign_status_list
from passport.strict_json import JsonObject
from passport.x509 import x5c_to_header
from tests.simulators.consortium import Consortium, Entropy, Member

VCTS = {"proof-of-funds": PROOF_OF_FUNDS, "identity": PASSPORT_IDENTITY}
CONTENT: Mapping[str, Mapping[str, ClaimTree]] = {
    "proof-of-funds": {
        "as_of": Disclosable("2026-05-31T16:00:00Z"),
        "holder": Disclosable({"name_latin": Disclosable("LIN MEI-LING")}),
        "thresholds": Disclosable(
            {"total": Disclosable({"usd_10000": Disclosable(True), "usd_50000": Disclosable(True)})}
        ),
        "totals": Disclosable({"by_currency": Disclosable([{"amount_minor": 250000000, "currency": "TWD"}])}),
    },
    "identity": {
        "name_latin": Disclosable("LIN MEI-LING"),
        "name_chinese": Disclosable("林美玲"),
        "birth_date": Disclosable("1988-02-29"),
        "nationality": Disclosable("TW"),
        "document": Disclosable({"expiry": Disclosable("2031-01-01")}),
    },
}


def answer(status: int, document: object, **headers: str) -> HttpAnswer:
    body = b"" if document is None else json.dumps(document).encode()
    return HttpAnswer(status, "application/json", headers, body)


def refuse(code: str, status: int = 400) -> HttpAnswer:
    return answer(status, {"error": code})


def registration_of(did: str, url: str, name: str = "Blue Magpie Commercial Bank") -> JsonObject:
    """What a bank registered with the registrar."""
    return {
        "did": did,
        "legal_name": {"en": name, "zh-TW": "藍鵲商業銀行"},
        "lei": "00SB00BLUEMAGPIE0009",
        "bic": "BMCBTWTP",
        "bank_code": "899",
        "country": "TW",
        "licence": "SANDBOX-TW-899",
        "contact": "letters@blue-magpie.example",
        "base_url": url,
    }


@dataclass
class Offer:
    """One offer's life."""

    configurations: tuple[str, ...]
    tx_code: str | None
    tries: int = 0
    token: str | None = None
    thumbprint: bytes | None = None
    issued: dict[str, bytes] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)
    """Credential sets by configuration: more than one breaks invariant P2."""


@dataclass
class SimulatedBank:
    """A bank that issues."""

    consortium: Consortium
    member: Member
    dpop: bool = False
    batch_size: int = 10
    offers: dict[str, Offer] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    notifications: list[tuple[str, str]] = field(default_factory=list)
    spoil: Callable[[dict[str, object]], None] | None = None
    """Changes a credential's claims before they are signed."""
    metadata: Callable[[dict[str, object]], None] | None = None
    """Changes the published metadata."""
    content: dict[str, Mapping[str, ClaimTree]] = field(default_factory=lambda: dict(CONTENT))
    signer_override: Member | None = None
    statuses: dict[int, int] = field(default_factory=dict)
    issued_copies: int = 0
    status_uri: str = ""
    registration: JsonObject | None = None
    """What it shows as its registration."""
    defer: int = 0
    """How many times to say "later"."""

    def __post_init__(self) -> None:
        self.entropy = Entropy(self.member.url)

    @classmethod
    def join(
        cls, consortium: Consortium, number: int = 10, url: str = "https://bank-a.example"
    ) -> SimulatedBank:
        registration = registration_of(f"did:ethr:0x7a69:0x{number:040x}", url)
        evidence = evidence_hash(registration)
        member = consortium.enrol(
            number,
            url,
            service="OpenID4VCI",
            grants=[(Role.ISSUER, schema_id(vct), evidence) for vct in VCTS.values()],
        )
        return cls(consortium, member, registration=registration)

    def offer(self, *configurations: str, tx_code: str | None = "493536") -> str:
        """Make an offer; the link."""
        code = self.entropy.token(32).hex()
        self.offers[code] = Offer(configurations, tx_code)
        rule = None if tx_code is None else TransactionCodeRule(length=len(tx_code))
        return OfferLink(
            CredentialOffer(
                credential_issuer=self.member.url,
                credential_configuration_ids=configurations,
                grants=Grants(pre_authorized=PreAuthorizedGrant(pre_authorized_code=code, tx_code=rule)),
            )
        ).to_uri()

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        del method
        routes: dict[str, Callable[[], HttpAnswer]] = {
            "/.well-known/openid-credential-issuer": lambda: answer(200, self._metadata()),
            "/.well-known/oauth-authorization-server": lambda: answer(200, self._server()),
            "/.well-known/issuer-registration": lambda: answer(
                200 if self.registration else 404, self.registration
            ),
            "/token": lambda: self._token(body, headers),
            "/nonce": self._nonce,
            "/status/1": self._status,
            "/credential": lambda: self._credential(body, headers),
            "/deferred": lambda: self._deferred(headers),
            "/notification": lambda: self._notification(body),
        }
        return routes.get(path, lambda: answer(404, {}))()

    def _next_index(self) -> int:
        self.issued_copies += 1
        return self.issued_copies

    def _status(self) -> HttpAnswer:
        now = self.consortium.clock.now()
        signing = self.signer_override or self.member
        token = sign_status_list(
            StatusList.empty(1024).changed(self.statuses),
            uri=self.status_uri or f"{self.member.url}/status/1",
            version=1,
            issued_at=now,
            expires_at=now + timedelta(hours=24),
            signer=signing.signer,
            header={"x5c": x5c_to_header([signing.certificate])},
        )
        return HttpAnswer(200, "application/statuslist+jwt", {}, token.encode())

    def _nonce(self) -> HttpAnswer:
        nonce = self.entropy.token(16).hex()
        self.nonces.add(nonce)
        return answer(200, {"c_nonce": nonce})

    def _notification(self, body: bytes) -> HttpAnswer:
        said = json.loads(body)
        self.notifications.append((said["notification_id"], said["event"]))
        return answer(204, None)

    def _metadata(self) -> dict[str, object]:
        url = self.member.url
        document: dict[str, object] = {
            "credential_issuer": url,
            "credential_endpoint": f"{url}/credential",
            "nonce_endpoint": f"{url}/nonce",
            "deferred_credential_endpoint": f"{url}/deferred",
            "notification_endpoint": f"{url}/notification",
            "batch_credential_issuance": {"batch_size": self.batch_size},
            "credential_configurations_supported": {
                name: {"format": "dc+sd-jwt", "vct": vct} for name, vct in VCTS.items()
            }
            | {
                "proof-of-funds-vc11": {
                    "format": "ldp_vc",
                    "credential_definition": {"type": ["VerifiableCredential", "ProofOfFunds"]},
                }
            },
        }
        if self.metadata is not None:
            self.metadata(document)
        return document

    def _server(self) -> dict[str, object]:
        url = self.member.url
        document: dict[str, object] = {"issuer": url, "token_endpoint": f"{url}/token"}
        if self.dpop:
            document["dpop_signing_alg_values_supported"] = ["ES256"]
        return document

    def _token(self, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        request = TokenRequest.parse(body)
        offer = self.offers.get(request.pre_authorized_code or "")
        thumbprint = None
        if self.dpop:
            verified = verify_dpop(
                headers["DPoP"],
                method="POST",
                url=f"{self.member.url}/token",
                now=self.consortium.clock.now(),
            )
            thumbprint = verified.key.thumbprint()
        if offer is None or offer.tries >= 5:
            return refuse("invalid_grant")
        if offer.tx_code != request.tx_code:
            offer.tries += 1
            return refuse("invalid_grant")
        if offer.token is not None and offer.thumbprint != thumbprint:
            return refuse("invalid_grant")
        offer.thumbprint = thumbprint
        offer.token = offer.token or self.entropy.token(16).hex()
        return answer(
            200,
            {"access_token": offer.token, "token_type": "DPoP" if self.dpop else "Bearer", "expires_in": 300},
        )

    def _authorised(self, path: str, headers: Mapping[str, str]) -> Offer | None:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if self.dpop:
            verify_dpop(
                headers["DPoP"],
                method="POST",
                url=f"{self.member.url}{path}",
                now=self.consortium.clock.now(),
                access_token=token,
                thumbprint=next(
                    (each.thumbprint for each in self.offers.values() if each.token == token), None
                ),
            )
        if scheme != ("DPoP" if self.dpop else "Bearer"):
            return None
        return next((each for each in self.offers.values() if each.token == token), None)

    def _credential(self, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        offer = self._authorised("/credential", headers)
        if offer is None:
            return refuse("invalid_token", 401)
        request = CredentialRequest.read(strict_json.loads(body))
        name = request.credential_configuration_id or ""
        if name not in offer.configurations:
            return refuse("unknown_credential_configuration")
        again = offer.issued.get(f"{name}/{body!r}")
        if again is not None:
            return HttpAnswer(200, "application/json", {}, again)
        tokens = request.proofs.jwt if request.proofs else ()
        proofs = verify_key_proofs(
            tokens, audience=self.member.url, now=self.consortium.clock.now(), batch_size=self.batch_size
        )
        if not proofs.nonces <= self.nonces:
            return refuse("invalid_nonce")
        self.nonces -= proofs.nonces
        if self.defer:
            self.defer -= 1
            self._promised = (offer, name, proofs.keys)
            return answer(202, {"transaction_id": "tx-1", "interval": 1})
        return self._issue(offer, name, body, proofs.keys)

    def _deferred(self, headers: Mapping[str, str]) -> HttpAnswer:
        if self._authorised("/deferred", headers) is None:
            return refuse("invalid_token", 401)
        offer, name, keys = self._promised
        return self._issue(offer, name, b"deferred", keys)

    def _issue(self, offer: Offer, name: str, body: bytes, keys: tuple[PublicJwk, ...]) -> HttpAnswer:
        if name in offer.sets:
            return refuse("credential_request_denied")
        offer.sets[name] = 1
        if name == "proof-of-funds-vc11":
            credentials: list[object] = [
                {
                    "@context": ["https://www.w3.org/2018/credentials/v1"],
                    "type": ["VerifiableCredential", "ProofOfFunds"],
                    "issuanceDate": "2026-06-01T09:00:00Z",
                    "issuer": str(self.member.did),
                    "credentialSubject": {"total": "2500000.00"},
                }
            ]
        else:
            # Any order is legal; a wallet must go by the keys.
            credentials = [self._sign(name, key) for key in reversed(keys)]
        document = {
            "credentials": [{"credential": each} for each in credentials],
            "notification_id": f"note-{name}",
        }
        offer.issued[f"{name}/{body!r}"] = json.dumps(document).encode()
        return answer(200, document)

    def _sign(self, name: str, key: PublicJwk) -> str:
        now = self.consortium.clock.now()
        claims: dict[str, object] = {
            "iss": self.member.url,
            "iat": to_epoch(now),
            "exp": to_epoch(now + timedelta(days=30)),
            "vct": VCTS[name],
            "cnf": confirmation(key),
            "status": {"status_list": {"idx": self._next_index(), "uri": f"{self.member.url}/status/1"}},
            "anchor": {"salt": self.entropy.token(32).hex()},
            **self.content[name],
        }
        if self.spoil is not None:
            self.spoil(claims)
        signing = self.signer_override or self.member
        return issue(
            claims=claims,  # type: ignore[arg-type]  # spoilt on purpose
            signer=signing.signer,
            entropy=self.entropy,
            header={"x5c": x5c_to_header([signing.certificate])},
        ).text
