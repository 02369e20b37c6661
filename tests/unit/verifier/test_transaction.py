"""One presentation, one decision (threat T12; fault F07; invariants I2 and I6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from passport import forms, strict_json
from passport.errors import PassportError
from passport.jose import encrypt_jwe, parse_compact
from passport.openid4vp import (
    AuthorizationRequest,
    EncryptedResponse,
    ErrorResponse,
    ResponseMode,
    write_response,
)
from service.access import declared_access
from service.error_answers import answer_for, missing_from
from tests.simulators.verifier_desk import Desk, Opened
from verifier.http.app import ERRORS


async def settled(opened: Opened) -> str:
    return str((await opened.result())["decision_record"])


async def test_same_bytes_again_are_already_received(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body()
    assert (await opened.post(body)).status_code == 200
    again = await opened.post(body)
    assert (again.status_code, again.json()["error"]) == (409, "already_received")
    record = await settled(opened)
    late = await opened.post(body)
    assert (late.status_code, late.json()["error"]) == (409, "already_received")
    assert await settled(opened) == record


async def test_other_bytes_to_a_spent_transaction(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    record = await settled(opened)
    for body in (another_answer(), b"vp_token=%7B%7D", b"\xff"):
        answer = await opened.post(body)
        assert (answer.status_code, answer.json()["error"]) == (409, "transaction_closed")
    assert await settled(opened) == record


def another_answer() -> bytes:
    return b"response=a.b.c.d.e"


async def test_presentation_sent_into_another_transaction(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    body = await first.body()
    answer = await second.post(body)
    assert (answer.status_code, answer.json()["error"]) == (400, "nonce_mismatch")
    assert (await second.result())["status"] == "refused"
    assert (await first.post(body)).status_code == 200
    assert (await first.result())["status"] == "verified"


async def test_refused_answer_spends_the_transaction(desk: Desk) -> None:
    opened = await desk.open()
    bad = await opened.body(nonce="n" * 43)
    good = await opened.body()
    assert (await opened.post(bad)).status_code == 400
    assert (await opened.post(bad)).json()["error"] == "already_received"
    assert (await opened.post(good)).json()["error"] == "transaction_closed"


async def test_twenty_posts_at_once_give_one_decision(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body()
    answers = await asyncio.gather(*(opened.post(body) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    await opened.result()
    with desk.database.read() as session:
        events = session.connection().exec_driver_sql("SELECT count(*) FROM webhook_event").scalar_one()
    assert events == 1


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"vp_token=%7B%7D", b"vp_token=nonsense", b"state=x", b"a=1&a=2"]
)
async def test_unreadable_answer_spends_nothing(desk: Desk, body: bytes) -> None:
    opened = await desk.open()
    answer = await opened.post(body)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert (await opened.answer()).status_code == 200


async def test_plain_answer_where_an_encrypted_one_was_asked_for(desk: Desk) -> None:
    plain, encrypted = await desk.open(), await desk.open(ResponseMode.DIRECT_POST_JWT)
    assert (await encrypted.post(await plain.body())).status_code == 400
    assert (await plain.post(await encrypted.body())).status_code == 400
    assert (await encrypted.answer()).status_code == 200
    assert (await plain.answer()).status_code == 200


async def test_holder_who_declines(desk: Desk) -> None:
    opened = await desk.open(ResponseMode.DIRECT_POST_JWT)
    request = await opened.request()
    stranger = ErrorResponse(error="access_denied", state="another")
    assert (await opened.post(write_response(stranger))).status_code == 400
    declined = ErrorResponse(error="access_denied", state=request.state)
    assert (await opened.post(write_response(declined))).status_code == 200
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("refused", ["holder_declined"])


async def test_expired_request_is_neither_served_nor_answered(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body()
    desk.clock.advance(timedelta(minutes=15))
    assert (await desk.client.get(opened.request_path)).json()["error"] == "expired"
    assert (await opened.post(body)).json()["error"] == "expired"
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("refused", ["expired"])


async def test_request_of_a_spent_transaction_is_not_served(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    answer = await desk.client.get(opened.request_path)
    assert (answer.status_code, answer.json()["error"]) == (409, "transaction_closed")


async def test_unknown_transaction(desk: Desk) -> None:
    assert (await desk.client.get("/oid4vp/requests/nobody")).status_code == 404
    answer = await desk.client.post("/oid4vp/responses/nobody", content=b"")
    assert (answer.status_code, answer.json()["error"]) == (404, "transaction_unknown")


async def test_every_route_declares_who_may_call(desk: Desk) -> None:
    declared = declared_access(desk.app.routes)
    assert {path: rule.partition(":")[0] for (_, path), rule in declared.items()} == {
        "/v1/applications": "bearer secret",
        "/v1/applications/{application_id}": "bearer secret",
        "/v1/applications/{application_id}/follow-up": "bearer secret",
        "/oid4vp/requests/{request_id}": "open",
        "/oid4vp/responses/{request_id}": "open",
        "/v1/results/{result_id}": "open",
        "/v1/reviews": "bearer token of one of the bank's officers",
        "/v1/reviews/acts": "bearer token of one of the bank's officers",
        "/v1/reviews/{application_id}": "bearer token of one of the bank's officers",
        "/v1/reviews/{application_id}/settle": "bearer token of one of the bank's officers",
        "/health/live": "open",
        "/health/ready": "open",
    }


def test_every_error_has_an_answer() -> None:
    ours = {name for name in missing_from(ERRORS) if name.startswith("verifier.")}
    assert ours == set()
    assert answer_for(PassportError("x"), ERRORS).status == 500


def sealed(request: AuthorizationRequest, content: object) -> bytes:
    """What a wallet posts with ``direct_post.jwt``: any content, for this request's key."""
    assert request.client_metadata is not None
    key, kid, enc = request.client_metadata.encryption()
    return EncryptedResponse(
        encrypt_jwe(strict_json.dumps(content), recipient=key, kid=kid, enc=enc)  # type: ignore[arg-type]
    ).to_form()


@pytest.mark.parametrize(
    ("error", "reason", "kept"),
    [
        ("access_denied", "holder_declined", "access_denied"),
        ("invalid_request", "wallet_refused_request", "invalid_request"),
        ("invalid_client", "wallet_refused_request", "invalid_client"),
        ("vp_formats_not_supported", "wallet_refused_request", "vp_formats_not_supported"),
        ("wallet_unavailable", "wallet_unavailable", "wallet_unavailable"),
        ("server_error", "wallet_unavailable", "server_error"),
        ("something_of_its_own", "wallet_error", "something_of_its_own"),
        ("e" * 300 + "\x00", "wallet_error", "e" * 64),
        ("Access_Denied\n", "wallet_error", "Access_Denied?"),
    ],
)
@pytest.mark.parametrize("mode", list(ResponseMode))
async def test_the_record_keeps_the_wallets_own_error(
    desk: Desk, mode: ResponseMode, error: str, reason: str, kept: str
) -> None:
    opened = await desk.open(mode)
    request = await opened.request()
    said = {"error": error, "error_description": "LIN, YU-CHEN " * 200, "state": request.state}
    bodies = [forms.write_form({name: value for name, value in said.items() if value is not None})]
    if mode is ResponseMode.DIRECT_POST_JWT:
        bodies.insert(0, sealed(request, said))
    answer = await opened.post(bodies[0], anchored=False)
    assert (answer.status_code, answer.json()) == (200, {})
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("refused", [reason])
    record = parse_compact(str(result["decision_record"])).unverified_payload
    assert strict_json.loads(record)["steps"][0]["facts"] == {"wallet_error": kept}  # type: ignore[index,call-overload]
    assert b"YU-CHEN" not in record
    again = await opened.post(bodies[0], anchored=False)
    assert (again.status_code, again.json()["error"]) == (409, "already_received")


async def test_an_error_in_the_clear_is_taken_from_a_wallet_that_cannot_encrypt(desk: Desk) -> None:
    opened = await desk.open(ResponseMode.DIRECT_POST_JWT)
    request = await opened.request()
    error = ErrorResponse(error="invalid_request", state=request.state)
    assert (await opened.post(write_response(error))).status_code == 200
    assert (await opened.result())["reasons"] == ["wallet_refused_request"]


@pytest.mark.parametrize("state", [None, "another", ""])
async def test_an_error_that_does_not_know_the_request_spends_nothing(desk: Desk, state: str | None) -> None:
    opened = await desk.open(ResponseMode.DIRECT_POST_JWT)
    request = await opened.request()
    said = {"error": "access_denied"} if state is None else {"error": "access_denied", "state": state}
    for body in (sealed(request, said), forms.write_form(said)):
        answer = await opened.post(body, anchored=False)
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert (await opened.answer()).status_code == 200


async def test_an_error_for_another_requests_key_is_not_this_requests(desk: Desk) -> None:
    first, second = (
        await desk.open(ResponseMode.DIRECT_POST_JWT),
        await desk.open(ResponseMode.DIRECT_POST_JWT),
    )
    request = await first.request()
    body = sealed(request, {"error": "access_denied", "state": request.state})
    assert (await second.post(body)).json()["error"] == "nonce_mismatch"
    assert (await first.result(wait=0))["status"] == "pending"


async def test_neither_answer_nor_error_inside_spends_nothing(desk: Desk) -> None:
    opened = await desk.open(ResponseMode.DIRECT_POST_JWT)
    request = await opened.request()
    bad: tuple[object, ...] = (
        {},
        {"state": request.state},
        {"error": "x", "vp_token": {}, "state": request.state},
        [],
    )
    for content in bad:
        answer = await opened.post(sealed(request, content), anchored=False)
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert (await opened.answer()).status_code == 200
