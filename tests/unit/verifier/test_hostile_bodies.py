"""Whatever is posted to whichever route, the answer is one of the caller's errors, never one of ours (threat T47)."""

from __future__ import annotations

import json

import pytest

from tests.simulators.verifier_desk import TOKEN, Desk

FORM = "application/x-www-form-urlencoded"
BODIES = {
    "nothing": b"",
    "not utf-8": b"\xff\xfe\x00",
    "nul": b"\x00" * 64,
    "null": b"null",
    "list": b"[]",
    "text": b'"text"',
    "open": b'{"policy"',
    "twice": b'{"policy":"account-opening","policy":"account-opening"}',
    "nan": b'{"policy":NaN}',
    "huge number": b'{"policy":1' + b"0" * 400 + b"}",
    "deep": b'{"policy":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "surrogate": b'{"policy":"\\ud800"}',
    "another type": b'{"policy":7}',
    "more members": b'{"policy":"account-opening","admin":true}',
    "long": json.dumps({"policy": "a" * 100_000}).encode(),
    "too long": b"x" * 300_000,
    "form": b"vp_token=%7B%22identity%22%3A%5B%22a.b.c~%22%5D%7D",
    "empty token": b"vp_token=",
    "token of lists": b"vp_token=%5B%5D",
    "deep token": b"vp_token=" + b"%5B" * 5000,
    "two answers": b"vp_token=%7B%7D&response=a.b.c.d.e",
    "not a jwe": b"response=a.b.c.d.e",
    "long jwe": b"response=" + b"a" * 200_000,
    "many fields": b"&".join(b"f%d=1" % n for n in range(200)),
    "bad escape": b"vp_token=%zz",
    "wallet nonce": b"wallet_nonce=" + b"n" * 5000,
    "error": b"error=access_denied&error_description=%00",
}


@pytest.mark.parametrize("name", BODIES)
async def test_no_body_makes_a_server_error(desk: Desk, name: str) -> None:
    opened = await desk.open()
    request = opened.request_path
    routes = [
        "/v1/applications",
        f"/v1/applications/{opened.id}",
        request,
        request.replace("/requests/", "/responses/"),
        opened.described["result_url"].removeprefix("https://bank-x.example"),
        "/oid4vp/requests/%00",
        "/v1/results/..%2f..%2f",
    ]
    for path in routes:
        for kind in ("application/json", FORM, "text/plain", ""):
            headers = {"Content-Type": kind, "Authorization": f"Bearer {TOKEN}"}
            answer = await desk.client.post(path, content=BODIES[name], headers=headers)
            assert answer.status_code < 500, (path, kind, answer.text)
            assert "Traceback" not in answer.text
    # Nothing of it spent the transaction, unless it could be read as an answer.
    spent = (await desk.api(f"/v1/applications/{opened.id}")).json()["state"]
    assert spent == ("settled" if name == "form" else "open")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
async def test_answer_of_another_type_is_not_read_and_spends_nothing(desk: Desk, kind: str) -> None:
    opened = await desk.open()
    answer = await desk.client.post(
        opened.request_path.replace("/requests/", "/responses/"),
        content=await opened.body(desk.credentials()),
        headers={"Content-Type": kind},
    )
    assert answer.status_code == 400
    assert (await desk.api(f"/v1/applications/{opened.id}")).json()["state"] == "open"


@pytest.mark.parametrize("wait", ["-1", "11", "nan", "x", ""])
async def test_wait_outside_its_limits(desk: Desk, wait: str) -> None:
    opened = await desk.open()
    path = opened.described["result_url"].removeprefix("https://bank-x.example")
    assert (await desk.client.get(path, params={"wait": wait})).status_code == 400


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer wrong", "Bearer " + "a" * 5000]
)
async def test_api_needs_its_token(desk: Desk, header: str) -> None:
    for method, path in (
        ("POST", "/v1/applications"),
        ("GET", "/v1/applications/any"),
        ("GET", "/v1/applications/any/follow-up"),
    ):
        answer = await desk.client.request(method, path, headers={"Authorization": header}, json={})
        assert (answer.status_code, answer.json()["error"]) == (401, "not_authorised")
