import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from passport.clock import to_epoch
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.identifiers import DidEthr
from passport.jose import PrivateKeySigner, sign_compact
from passport.openid4vp import client_id_of, origin_of, read_request, sign_request, verify_request
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.request_signing import VerifiedRequest
from passport.strict_json import JsonObject, JsonValue
from passport.x509 import CertificateAuthority, make_leaf, make_root, x5c_to_header

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
MADE: Final = NOW - timedelta(days=1)
DID: Final = "did:ethr:0x7a69:0x" + "ab" * 20
SITE: Final = "http://127.0.0.1:8002"
SECOND: Final = timedelta(seconds=1)


class CountingEntropy:
    def __init__(self) -> None:
        self._calls = 0

    def token(self, size: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(8)).digest(size)


ENTROPY: Final = CountingEntropy()


def make_authority(secret: int) -> CertificateAuthority:
    signer = PrivateKeySigner.from_secret(secret)
    return make_root(name=f"Root {secret}", signer=signer, not_before=MADE, entropy=ENTROPY)


ROOT: Final = make_authority(11)


@dataclass(frozen=True)
class Verifier:
    signer: PrivateKeySigner
    leaf: bytes

    @classmethod
    def make(cls, *uris: str, root: CertificateAuthority = ROOT) -> "Verifier":
        signer = PrivateKeySigner.from_secret(22)
        leaf = make_leaf(
            root, name="Bank X", jwk=signer.public_jwk, not_before=MADE, entropy=ENTROPY, san_uris=uris
        )
        return cls(signer, leaf)

    @property
    def client_id(self) -> str:
        return client_id_of(self.leaf)

    def payload(self, **members: JsonValue) -> dict[str, JsonValue]:
        credential: JsonObject = {"id": "i", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}
        good: dict[str, JsonValue] = {
            "client_id": self.client_id,
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "response_uri": SITE + "/oid4vp/responses/1",
            "nonce": "n" * 22,
            "aud": "https://self-issued.me/v2",
            "iat": to_epoch(NOW),
            "exp": to_epoch(NOW) + 300,
            "dcql_query": {"credentials": [credential]},
        }
        return {name: value for name, value in (good | members).items() if value is not None}

    def spoiled(self, **members: JsonValue) -> str:
        return self.signed(self.payload(**members))

    def signed(self, payload: JsonObject, typ: str = "oauth-authz-req+jwt") -> str:
        header: JsonObject = {"x5c": x5c_to_header([self.leaf])}
        return sign_compact(typ=typ, payload=payload, signer=self.signer, header=header)


BANK_X: Final = Verifier.make(SITE, DID)


def check(
    token: str, client_id: str | None = None, wallet_nonce: str | None = None, now: datetime = NOW
) -> VerifiedRequest:
    return verify_request(
        token,
        roots=[ROOT.certificate],
        now=now,
        client_id=client_id or BANK_X.client_id,
        wallet_nonce=wallet_nonce,
    )


def refusal(token: str, client_id: str | None = None, wallet_nonce: str | None = None) -> Reason:
    with pytest.raises(Rejected) as caught:
        check(token, client_id, wallet_nonce)
    return caught.value.reason


def test_a_signed_request_names_its_verifier() -> None:
    request = read_request(BANK_X.payload(wallet_nonce="w-1"))
    found = check(sign_request(request, signer=BANK_X.signer, chain=[BANK_X.leaf]), wallet_nonce="w-1")
    assert found.request == request
    assert found.verifier == DidEthr.parse(DID)
    assert found.chain.leaf == BANK_X.leaf


@pytest.mark.parametrize(
    "times",
    [{"iat": to_epoch(NOW), "exp": None}, {"iat": None, "exp": to_epoch(NOW + LIMITS.request_lifetime)}],
)
def test_a_stranger_s_request_without_aud_and_with_one_time_is_read(times: dict[str, JsonValue]) -> None:
    assert check(BANK_X.spoiled(aud=None, **times)).request.aud is None


def test_a_request_without_times_is_as_fresh_as_the_nonce_that_this_wallet_gave() -> None:
    timeless = BANK_X.spoiled(iat=None, exp=None, wallet_nonce="w-1")
    assert check(timeless, wallet_nonce="w-1").request.iat is None


def test_a_request_that_would_never_age_is_refused() -> None:
    assert refusal(BANK_X.spoiled(iat=None, exp=None)) is Reason.REQUEST_INVALID
    beyond = to_epoch(NOW + LIMITS.request_lifetime + SECOND)
    assert refusal(BANK_X.spoiled(iat=None, exp=beyond)) is Reason.REQUEST_INVALID


def test_a_verifier_cannot_sign_as_somebody_else() -> None:
    request = read_request(BANK_X.payload(client_id="x509_hash:" + "A" * 43))
    for chain in ([BANK_X.leaf], []):
        with pytest.raises(Misconfigured):
            sign_request(request, signer=BANK_X.signer, chain=chain)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"client_id": "x509_hash:" + "A" * 43}, Reason.REQUEST_INVALID),
        ({"client_id": "x509_san_dns:bank-x.example"}, Reason.REQUEST_INVALID),
        ({"aud": "https://other.example"}, Reason.REQUEST_INVALID),
        ({"iat": to_epoch(NOW + LIMITS.clock_skew + SECOND)}, Reason.REQUEST_INVALID),
        ({"iat": to_epoch(NOW - LIMITS.request_lifetime - SECOND)}, Reason.EXPIRED),
        ({"exp": to_epoch(NOW)}, Reason.EXPIRED),
        ({"wallet_nonce": "w-1"}, Reason.REQUEST_INVALID),
        ({"response_uri": "http://127.0.0.1:8003/steal"}, Reason.REQUEST_INVALID),
        ({"response_uri": "https://127.0.0.1:8002/steal"}, Reason.REQUEST_INVALID),
        ({"transaction_data": ["e30"]}, Reason.REQUEST_INVALID),
    ],
)
def test_a_request_with_one_parameter_spoiled_is_refused(
    members: dict[str, JsonValue], reason: Reason
) -> None:
    assert refusal(BANK_X.spoiled(**members)) is reason


def test_the_link_and_the_request_name_the_same_client() -> None:
    assert refusal(BANK_X.spoiled(), client_id="x509_hash:" + "A" * 43) is Reason.REQUEST_INVALID


def test_the_posted_wallet_nonce_must_come_back() -> None:
    assert refusal(BANK_X.spoiled(), wallet_nonce="w-1") is Reason.REQUEST_INVALID
    assert refusal(BANK_X.spoiled(wallet_nonce="w-2"), wallet_nonce="w-1") is Reason.REQUEST_INVALID


def test_another_type_of_token_is_no_request() -> None:
    assert refusal(BANK_X.signed(BANK_X.payload(), typ="kb+jwt")) is Reason.TOKEN_TYPE_MISMATCH


def test_a_certificate_of_another_root_is_not_trusted() -> None:
    stranger = Verifier.make(SITE, DID, root=make_authority(12))
    assert refusal(stranger.spoiled(), client_id=stranger.client_id) is Reason.CERTIFICATE_NOT_TRUSTED


def test_a_certificate_that_names_no_participant_is_refused() -> None:
    nobody = Verifier.make(SITE)
    assert refusal(nobody.spoiled(), client_id=nobody.client_id) is Reason.CERTIFICATE_INVALID


def test_a_key_beyond_its_signing_period_asks_nothing_any_more() -> None:
    late = NOW + timedelta(days=120)
    token = BANK_X.spoiled(iat=to_epoch(late), exp=to_epoch(late) + 300)
    with pytest.raises(Rejected) as caught:
        check(token, now=late)
    assert caught.value.reason is Reason.CERTIFICATE_INVALID


def test_a_request_without_a_certificate_is_malformed() -> None:
    token = sign_compact(typ="oauth-authz-req+jwt", payload=BANK_X.payload(), signer=BANK_X.signer)
    with pytest.raises(Malformed):
        check(token)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Bank-X.example/a?b", "https://bank-x.example:443"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("http://[::1]:8002/x", "http://::1:8002"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["did:ethr:1", "ftp://a", "http://", "http://a:b", "http://u@a", "http://[a"])
def test_other_urls_have_no_origin(url: str) -> None:
    with pytest.raises(Malformed):
        origin_of(url)
