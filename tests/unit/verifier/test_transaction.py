"""One presentation, one decision (threat T12; fault F07; invariants I2 and I6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from passport.errors import PassportError
from passport.openid4vp import ErrorResponse, ResponseMode, write_response
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
        "/health/live": "open",
        "/health/ready": "open",
    }


def test_every_error_has_an_answer() -> None:
    ours = {name for name in missing_from(ERRORS) if name.startswith("verifier.")}
    assert ours == set()
    assert answer_for(PassportError("x"), ERRORS).status == 500
