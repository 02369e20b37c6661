from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from passport.clock import to_epoch
from passport.errors import Reason
from passport.jose import PrivateKeySigner, sign_compact
from passport.openid4vci import ErrorCode, ProofRefused, sign_key_proof, verify_key_proofs
from passport.openid4vci.limits import LIMITS
from passport.strict_json import JsonObject, JsonValue

NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
BANK: Final = "https://bank-a.example"


def proof(signer: PrivateKeySigner, *, issued_at: datetime = NOW, nonce: str | None = "n-1") -> str:
    return sign_key_proof(signer=signer, audience=BANK, nonce=nonce, issued_at=issued_at)


def spoiled(
    signer: PrivateKeySigner,
    payload: dict[str, JsonValue],
    header: JsonObject | None = None,
    typ: str = "openid4vci-proof+jwt",
) -> str:
    good: dict[str, JsonValue] = {"aud": BANK, "iat": to_epoch(NOW), "nonce": "n-1"}
    members = {name: value for name, value in (good | payload).items() if value is not None}
    key: JsonObject = {"jwk": signer.public_jwk.to_json()}
    return sign_compact(typ=typ, payload=members, signer=signer, header=key if header is None else header)


def refusal(*tokens: str, batch_size: int = 5) -> Reason:
    with pytest.raises(ProofRefused) as caught:
        verify_key_proofs(tokens, audience=BANK, now=NOW, batch_size=batch_size)
    assert caught.value.code is ErrorCode.INVALID_PROOF
    return caught.value.reason


def test_proofs_give_their_keys_and_the_nonces_to_spend(
    signer: PrivateKeySigner, other_signer: PrivateKeySigner
) -> None:
    found = verify_key_proofs([proof(signer), proof(other_signer)], audience=BANK, now=NOW, batch_size=2)
    assert found.keys == (signer.public_jwk, other_signer.public_jwk)
    assert found.nonces == {"n-1"}
    assert found.proofs[0].issued_at == NOW


def test_a_known_client_says_so_in_iss(signer: PrivateKeySigner) -> None:
    token = spoiled(signer, {"iss": "wallet"})
    assert verify_key_proofs([token], audience=BANK, now=NOW, batch_size=1, client_id="wallet").keys
    assert refusal(token) is Reason.REQUEST_INVALID


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"aud": "https://other.example"}, Reason.AUDIENCE_MISMATCH),
        ({"aud": None}, Reason.AUDIENCE_MISMATCH),
        ({"nonce": None}, Reason.REQUEST_INVALID),
        ({"nonce": 7}, Reason.REQUEST_INVALID),
        ({"iat": None}, Reason.REQUEST_INVALID),
        ({"iat": 2**52}, Reason.REQUEST_INVALID),
        ({"iss": "anybody"}, Reason.REQUEST_INVALID),
    ],
)
def test_a_proof_with_one_claim_spoiled_is_refused(
    signer: PrivateKeySigner, payload: dict[str, JsonValue], reason: Reason
) -> None:
    assert refusal(spoiled(signer, payload)) is reason


def test_the_key_comes_from_jwk_and_nowhere_else(
    signer: PrivateKeySigner, other_signer: PrivateKeySigner
) -> None:
    jwk: JsonObject = {"jwk": signer.public_jwk.to_json()}
    assert refusal(spoiled(signer, {}, {"kid": "did:example:victim#0"})) is Reason.KEY_UNKNOWN
    assert refusal(spoiled(signer, {}, {**jwk, "kid": "did:example:victim#0"})) is Reason.KEY_UNKNOWN
    assert refusal(spoiled(signer, {}, {**jwk, "x5c": ["AA"]})) is Reason.KEY_UNKNOWN
    assert refusal(spoiled(other_signer, {}, jwk)) is Reason.SIGNATURE_INVALID
    assert (
        refusal(spoiled(signer, {}, {"jwk": {**signer.public_jwk.to_json(), "d": "AA"}}))
        is Reason.REQUEST_INVALID
    )


def test_another_type_of_token_is_no_proof(signer: PrivateKeySigner) -> None:
    assert refusal(spoiled(signer, {}, typ="kb+jwt")) is Reason.TOKEN_TYPE_MISMATCH


def test_proofs_may_be_as_old_as_the_limit_and_not_one_second_more(signer: PrivateKeySigner) -> None:
    oldest = NOW - LIMITS.proof_age - LIMITS.clock_skew
    newest = NOW + LIMITS.clock_skew
    for issued_at in (oldest, newest):
        assert verify_key_proofs(
            [proof(signer, issued_at=issued_at)], audience=BANK, now=NOW, batch_size=1
        ).keys
    assert refusal(proof(signer, issued_at=oldest - timedelta(seconds=1))) is Reason.EXPIRED
    assert refusal(proof(signer, issued_at=newest + timedelta(seconds=1))) is Reason.EXPIRED


def test_a_proof_made_without_a_nonce_is_refused(signer: PrivateKeySigner) -> None:
    assert refusal(proof(signer, nonce=None)) is Reason.REQUEST_INVALID


def test_as_many_proofs_as_the_batch_size_and_no_key_twice(
    signer: PrivateKeySigner, other_signer: PrivateKeySigner
) -> None:
    assert refusal() is Reason.LIMIT_EXCEEDED
    assert refusal(proof(signer), proof(other_signer), batch_size=1) is Reason.LIMIT_EXCEEDED
    assert refusal(proof(signer), proof(signer, nonce="n-2")) is Reason.CONFLICT
