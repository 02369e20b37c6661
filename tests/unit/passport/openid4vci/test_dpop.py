from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from passport.clock import Entropy, to_epoch
from passport.errors import Malformed, Reason
from passport.jose import PrivateKeySigner, sign_compact
from passport.openid4vci import ErrorCode, ProofRefused, sign_dpop, verify_dpop
from passport.openid4vci.dpop import VerifiedDpop
from passport.openid4vci.limits import LIMITS
from passport.strict_json import JsonValue

NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
URL: Final = "https://bank-a.example/oid4vci/credential"
TOKEN: Final = "access-token"


def check(proof: str, nonce: str | None = None, thumbprint: bytes | None = None) -> VerifiedDpop:
    return verify_dpop(
        proof, method="POST", url=URL, now=NOW, access_token=TOKEN, thumbprint=thumbprint, nonce=nonce
    )


def spoiled(signer: PrivateKeySigner, payload: dict[str, JsonValue], typ: str = "dpop+jwt") -> str:
    ath = "Pxa-1wifRlPl7yG_0oJNfzqq7MelmOfonFgOFgapzFI"
    good: dict[str, JsonValue] = {"jti": "j", "htm": "POST", "htu": URL, "iat": to_epoch(NOW), "ath": ath}
    members = {name: value for name, value in (good | payload).items() if value is not None}
    return sign_compact(typ=typ, payload=members, signer=signer, header={"jwk": signer.public_jwk.to_json()})


def refusal(proof: str, nonce: str | None = None, thumbprint: bytes | None = None) -> ProofRefused:
    with pytest.raises(ProofRefused) as caught:
        check(proof, nonce, thumbprint)
    return caught.value


def test_a_proof_gives_its_key_and_the_jti_to_remember(signer: PrivateKeySigner, entropy: Entropy) -> None:
    proof = sign_dpop(
        signer=signer,
        method="POST",
        url=URL + "?x=1#y",
        issued_at=NOW,
        entropy=entropy,
        access_token=TOKEN,
        nonce="s-1",
    )
    found = check(proof, nonce="s-1", thumbprint=signer.public_jwk.thumbprint())
    assert found.key == signer.public_jwk
    assert len(found.jti) == 22
    assert found.issued_at == NOW


def test_a_proof_for_the_token_endpoint_names_no_token(signer: PrivateKeySigner, entropy: Entropy) -> None:
    proof = sign_dpop(
        signer=signer, method="POST", url="HTTPS://Bank-A.example", issued_at=NOW, entropy=entropy
    )
    assert verify_dpop(proof, method="POST", url="https://bank-a.example/", now=NOW).key == signer.public_jwk


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"htm": "GET"}, Reason.AUDIENCE_MISMATCH),
        ({"htu": URL + "/other"}, Reason.AUDIENCE_MISMATCH),
        ({"htu": "https://[bank"}, Reason.REQUEST_INVALID),
        ({"ath": None}, Reason.HOLDER_BINDING_INVALID),
        ({"ath": "AA"}, Reason.HOLDER_BINDING_INVALID),
        ({"jti": None}, Reason.REQUEST_INVALID),
        ({"iat": to_epoch(NOW - LIMITS.proof_age - timedelta(seconds=1))}, Reason.EXPIRED),
        ({"iat": to_epoch(NOW + LIMITS.clock_skew + timedelta(seconds=1))}, Reason.EXPIRED),
    ],
)
def test_a_proof_with_one_claim_spoiled_is_refused(
    signer: PrivateKeySigner, payload: dict[str, JsonValue], reason: Reason
) -> None:
    check(spoiled(signer, {}))
    refused = refusal(spoiled(signer, payload))
    assert (refused.code, refused.reason) == (ErrorCode.INVALID_DPOP_PROOF, reason)


def test_another_type_of_token_is_no_proof(signer: PrivateKeySigner) -> None:
    assert refusal(spoiled(signer, {}, typ="openid4vci-proof+jwt")).reason is Reason.TOKEN_TYPE_MISMATCH


def test_the_server_s_nonce_must_come_back(signer: PrivateKeySigner) -> None:
    assert refusal(spoiled(signer, {}), nonce="s-1").code is ErrorCode.USE_DPOP_NONCE


def test_another_key_than_the_token_s_is_refused(
    signer: PrivateKeySigner, other_signer: PrivateKeySigner
) -> None:
    proof = spoiled(signer, {})
    assert (
        refusal(proof, thumbprint=other_signer.public_jwk.thumbprint()).reason
        is Reason.HOLDER_BINDING_INVALID
    )


def test_a_url_that_is_none_cannot_be_signed_for(signer: PrivateKeySigner, entropy: Entropy) -> None:
    with pytest.raises(Malformed):
        sign_dpop(signer=signer, method="POST", url="https://[x", issued_at=NOW, entropy=entropy)


@pytest.mark.parametrize(
    "htu",
    [
        "https://bank-a.example:443/oid4vci/credential",
        "HTTPS://BANK-A.example/oid4vci/credential?x=1",
        "https://bank-a.example/./oid4vci/%63redential#y",
    ],
)
def test_htu_is_compared_as_a_value(signer: PrivateKeySigner, htu: str) -> None:
    """RFC 9449 section 4.3: syntax-based and scheme-based normalisation."""
    assert check(spoiled(signer, {"htu": htu})).jti == "j"


@pytest.mark.parametrize(
    "htu", [URL + "/", URL.replace("https", "http"), URL.replace(".example", ".example:444"), URL.upper()]
)
def test_another_address_stays_another(signer: PrivateKeySigner, htu: str) -> None:
    assert refusal(spoiled(signer, {"htu": htu})).reason is Reason.AUDIENCE_MISMATCH
