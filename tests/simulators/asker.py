"""A verifier in memory: OpenID4VP as a real one speaks it, and what a fake one tries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from outbound import HttpAnswer
from passport.clock import to_epoch
from passport.jose import DecryptionKey, sign_compact
from passport.openid4vp import (
    AuthorizationResponse,
    EncryptedResponse,
    RequestLink,
    RequestUriMethod,
    RequestUriPost,
    client_id_of,
    read_response,
    registration_entry,
)
from passport.registry import Role, VerifierRegistration, evidence_hash
from passport.sd_jwt import VerifiedPresentation, parse, verify_issuer, verify_key_binding
from passport.strict_json import JsonObject
from passport.x509 import verify_x5c, x5c_from_header, x5c_to_header
from tests.simulators.bank import answer
from tests.simulators.consortium import CHAIN_ID, Consortium, Entropy, Member

IDENTITY: dict[str, object] = {
    "id": "identity",
    "format": "dc+sd-jwt",
    "meta": {"vct_values": ["urn:financial-passport:identity:1"]},
    "claims": [{"path": ["name_latin"]}, {"path": ["birth_date"]}],
}
FUNDS: dict[str, object] = {
    "id": "funds",
    "format": "dc+sd-jwt",
    "meta": {"vct_values": ["urn:financial-passport:proof-of-funds:1"]},
    "claims": [{"path": ["as_of"]}, {"path": ["thresholds", "total", "usd_50000"], "values": [True]}],
}


def sentence(text: str) -> dict[str, str]:
    return {"en": text, "zh-TW": f"{text}（中）"}


def registration_of(did: str, country: str = "SG") -> VerifierRegistration:
    return VerifierRegistration.read(
        {
            "did": did,
            "legal_name": sentence("Bank X"),
            "lei": "5493001KJTIIGC8Y1R12",
            "country": country,
            "contact": "privacy@bank-x.example",
            "purposes": [{"id": "account-opening", "words": sentence("To open an account")}],
            "data_categories": [{"id": "identity", "words": sentence("Identity")}],
            "retention_days": 1825,
            "retention": sentence("Five years"),
            "recipients": sentence("The bank itself"),
            "rights": sentence("See, correct, delete"),
            "if_refused": sentence("No account"),
            "asks_hub": False,
        }
    )


@dataclass
class Asked:
    """One transaction."""

    nonce: str
    payload: dict[str, object]
    bodies: list[bytes] = field(default_factory=list)
    wallet_nonces: list[str] = field(default_factory=list)


@dataclass
class SimulatedVerifier:
    """A bank that asks."""

    consortium: Consortium
    member: Member
    registration: JsonObject
    transactions: dict[str, Asked] = field(default_factory=dict)
    query: list[dict[str, object]] = field(default_factory=lambda: [IDENTITY, FUNDS])
    mode: str = "direct_post"
    method: RequestUriMethod = RequestUriMethod.POST
    spoil: Callable[[dict[str, object]], None] | None = None
    """Changes the request's payload before it is signed."""
    sign_with: Member | None = None
    header: Mapping[str, object] = field(default_factory=dict)
    typ: str = "oauth-authz-req+jwt"
    answers: list[HttpAnswer] = field(default_factory=list)
    """Answers to give to the next posts instead of the honest one."""
    answer_document: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entropy = Entropy(self.member.url)
        self.decryption = DecryptionKey.generate("enc-1", self.entropy)

    @classmethod
    def join(
        cls,
        consortium: Consortium,
        number: int = 20,
        url: str = "https://bank-x.example",
        country: str = "SG",
        **more: object,
    ) -> SimulatedVerifier:
        did = f"did:ethr:{CHAIN_ID:#x}:0x{number:040x}"
        registration = registration_of(did, country).to_object()
        member = consortium.enrol(
            number,
            url,
            service="OpenID4VP",
            grants=[(Role.VERIFIER, bytes(32), evidence_hash(registration))],
            **more,  # type: ignore[arg-type]
        )
        return cls(consortium, member, registration)

    def ask(self) -> str:
        """Open a transaction; the link."""
        name = self.entropy.token(8).hex()
        now = self.consortium.clock.now()
        url = self.member.url
        payload: dict[str, object] = {
            "client_id": client_id_of(self.member.certificate),
            "response_type": "vp_token",
            "response_mode": self.mode,
            "response_uri": f"{url}/responses/{name}",
            "nonce": self.entropy.token(32).hex(),
            "state": name,
            "aud": "https://self-issued.me/v2",
            "iat": to_epoch(now),
            "exp": to_epoch(now + timedelta(minutes=5)),
            "dcql_query": {"credentials": self.query},
            "verifier_info": [registration_entry(self.registration, purpose="account-opening").to_object()],
        }
        if self.mode == "direct_post.jwt":
            payload["client_metadata"] = {
                "vp_formats_supported": {"dc+sd-jwt": {}},
                "jwks": {
                    "keys": [
                        {
                            **self.decryption.public_jwk.to_json(),
                            "kid": self.decryption.kid,
                            "alg": "ECDH-ES",
                            "use": "enc",
                        }
                    ]
                },
            }
        self.transactions[name] = Asked(str(payload["nonce"]), payload)
        return RequestLink(
            client_id_of(self.member.certificate), f"{url}/requests/{name}", self.method
        ).to_uri()

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        del headers
        _, kind, name = path.split("/")
        asked = self.transactions[name]
        if kind == "requests":
            nonce = RequestUriPost.parse(body).wallet_nonce if method == "POST" else None
            asked.wallet_nonces.append(nonce or "")
            return HttpAnswer(
                200, "application/oauth-authz-req+jwt", {}, self.request_object(asked, nonce).encode()
            )
        asked.bodies.append(body)
        if self.answers:
            return self.answers.pop(0)
        if len(asked.bodies) > 1:
            same = body == asked.bodies[0]
            return answer(409, {"error": "already_received" if same else "transaction_closed"})
        return answer(200, self.answer_document)

    def request_object(self, asked: Asked, wallet_nonce: str | None) -> str:
        payload = dict(asked.payload)
        if wallet_nonce is not None:
            payload["wallet_nonce"] = wallet_nonce
        if self.spoil is not None:
            self.spoil(payload)
        signing = self.sign_with or self.member
        return sign_compact(
            typ=self.typ,
            payload=payload,  # type: ignore[arg-type]  # spoilt on purpose
            signer=signing.signer,
            header={"x5c": x5c_to_header([signing.certificate]), **self.header},  # type: ignore[dict-item]
        )

    def received(self) -> AuthorizationResponse:
        """The answer to the newest transaction, opened."""
        body = list(self.transactions.values())[-1].bodies[0]
        read = read_response(body)
        if isinstance(read, EncryptedResponse):
            read = read.decrypt(self.decryption)
        assert isinstance(read, AuthorizationResponse)
        return read

    def verified(self) -> dict[str, VerifiedPresentation]:
        """The presentations of the newest transaction, each verified as a strict verifier does."""
        nonce = list(self.transactions.values())[-1].nonce
        found: dict[str, VerifiedPresentation] = {}
        for query_id, texts in self.received().vp_token.items():
            assert len(texts) == 1
            received = parse(texts[0])
            chain = verify_x5c(
                x5c_from_header(received.unverified_header),
                roots=[self.consortium.root.certificate],
                at=self.consortium.clock.now(),
            )
            found[query_id] = verify_key_binding(
                verify_issuer(received, chain.leaf_jwk),
                nonce=nonce,
                aud=client_id_of(self.member.certificate),
                now=self.consortium.clock.now(),
            )
        return found


def disclosed_names(presentation: VerifiedPresentation) -> set[str]:
    """The paths of what was disclosed."""
    return {".".join(str(part) for part in path) for path in presentation.disclosed}
