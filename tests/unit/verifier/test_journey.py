from __future__ import annotations

import pytest

from passport import strict_json
from passport.jose import parse_compact
from passport.keys import TokenType, sign_token, verify_token
from passport.openid4vp import ResponseMode
from passport.sd_jwt import select
from passport.sd_jwt.hashing import sd_hash_of
from tests.simulators.verifier_desk import Desk


@pytest.mark.parametrize("mode", list(ResponseMode))
async def test_good_presentation_is_verified(desk: Desk, mode: ResponseMode) -> None:
    opened = await desk.open(mode)
    answer = await opened.answer()
    assert (answer.status_code, answer.json()) == (200, {})
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("verified", [])
    assert [(step["step"], step["answer"]) for step in result["steps"]] == [  # type: ignore[union-attr,call-overload,index]
        ("envelope", "accepted"),
        ("fraud_check", "not_configured"),
        ("standing", "accepted"),
        ("policy", "accepted"),
    ]


async def test_decision_record_is_signed_and_holds_no_personal_data(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    record = str((await opened.result())["decision_record"])
    verified = verify_token(record, kind=TokenType.DECISION, key=desk.signer.public_jwk)
    assert verified.payload["outcome"] == "verified"
    assert verified.payload["iss"] == str(desk.did)
    text = parse_compact(record).unverified_payload.decode()
    for secret in ("LIN", "YU-CHEN", "林", "1990", "2031", "usd_50000"):
        assert secret not in text


async def test_disclosed_values_are_readable_once(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    first = await opened.result()
    assert first["disclosed"]["identity"]["name_latin"] == "LIN, YU-CHEN"  # type: ignore[index,call-overload]
    second = await opened.result()
    assert "disclosed" not in second
    assert second["decision_record"] == first["decision_record"]


async def test_what_was_presented_is_gone_when_settled(desk: Desk) -> None:
    opened = await desk.open(ResponseMode.DIRECT_POST_JWT)
    await opened.answer()
    await opened.result()
    with desk.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT content, response_key FROM application").all()
    assert [tuple(row) for row in rows] == [(None, None)]


async def test_pending_result_says_nothing_else(desk: Desk) -> None:
    opened = await desk.open()
    result = await opened.result(wait=0)
    assert (result["status"], result["reasons"], result["steps"]) == ("pending", [], [])


async def test_application_shows_request_and_outcome_to_the_bank_alone(desk: Desk) -> None:
    opened = await desk.open(reference="case 7")
    shown = (await desk.api(f"/v1/applications/{opened.id}")).json()
    assert (shown["reference"], shown["state"], shown["status"]) == ("case 7", "open", "pending")
    assert shown["request"] == opened.described["request"]
    assert (await desk.client.get(f"/v1/applications/{opened.id}")).status_code == 401
    assert (await desk.api("/v1/applications/nobody")).status_code == 404


async def test_unknown_policy_is_refused(desk: Desk) -> None:
    answer = await desk.client.post(
        "/v1/applications",
        json={"policy": "nothing"},
        headers={"Authorization": "Bearer the-api-token-of-bank-x"},
    )
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_request_by_post_returns_the_wallets_nonce(desk: Desk) -> None:
    opened = await desk.open()
    answer = await desk.client.post(
        opened.request_path,
        content=b"wallet_nonce=abcDEF123",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.headers["content-type"].startswith("application/oauth-authz-req+jwt")
    verified = verify_token(answer.text, kind=TokenType.REQUEST, key=desk.signer.public_jwk)
    assert verified.payload["wallet_nonce"] == "abcDEF123"
    assert verified.payload["verifier_info"] == [
        {
            "format": "urn:financial-passport:verifier-registration:1",
            "data": {
                "registration": {"did": str(desk.did), "legal_name": {"en": "Bank X"}},
                "purpose": "account-opening",
            },
        }
    ]
    assert strict_json.dumps(verified.payload)


async def test_the_holders_signature_may_be_dated_to_a_fraction_of_a_second(desk: Desk) -> None:
    """RFC 7519 section 2. Refused as unreadable, it would spend the transaction as well (decision 0040)."""
    opened = await desk.open()
    request = await opened.request()
    shown: dict[str, tuple[str, ...]] = {}
    for query, (credential, paths) in desk.credentials().items():
        text = select(credential, paths)
        claims: dict[str, str | float] = {
            "nonce": request.nonce,
            "aud": request.client_id,
            "iat": desk.clock.now().timestamp() - 1.75,
            "sd_hash": sd_hash_of(text),
        }
        kb_jwt = sign_token(kind=TokenType.KEY_BINDING, payload=claims, signer=desk.holder.signer)
        shown[query] = (text + kb_jwt,)
    assert (await opened.answer(vp=shown)).status_code == 200
    assert (await opened.result())["status"] == "verified"


async def test_a_slash_at_the_end_of_a_banks_address_on_the_ledger_changes_nothing(desk: Desk) -> None:
    desk.ledger.endpoints[desk.bank.did.address, "OpenID4VCI"] = f"{desk.bank.base_url}/"
    opened = await desk.open()
    assert (await opened.answer()).status_code == 200
    assert (await opened.result())["status"] == "verified"
