"""What may not be seen by whom (threats T10, T14, T39, T48)."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from passport import strict_json
from passport.openid4vp import AuthorizationResponse, EncryptedResponse, ResponseMode
from service.logs import JsonFormatter
from tests.simulators.verifier_desk import Desk

CANARIES = ("YU-CHEN", "YU CHEN", "林宇辰", "1990-05-04", "2031-01-01")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


async def test_no_claim_and_no_token_reaches_a_log(desk: Desk, log: io.StringIO) -> None:
    secrets = list(CANARIES)
    spoilings: list[dict[str, Any]] = [{}, {"nonce": "n" * 43}, {"state": "another"}]
    for spoiled in spoilings:
        opened = await desk.open(applicant_name="LIN, YU-CHEN")
        request = await opened.request()
        body = await opened.body(**spoiled)
        await opened.post(body)
        result = await opened.result()
        secrets += [request.nonce, str(request.state), opened.request_path.rpartition("/")[2]]
        secrets += [str(result["decision_record"]), body.decode()[20:200]]
        secrets.append(urlsplit(opened.described["result_url"]).path.rpartition("/")[2])
    text = log.getvalue()
    assert '"event":"request"' in text
    assert [secret for secret in secrets if secret in text] == []


async def test_personal_data_is_in_the_database_only_until_it_was_read(desk: Desk) -> None:
    opened = await desk.open(applicant_name="LIN, YU-CHEN")
    await opened.answer()
    await opened.result()
    with desk.database.read() as session:
        connection = session.connection()
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
        dump = str([connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables.all()])  # noqa: S608
    assert opened.id in dump
    assert [canary for canary in CANARIES if canary in dump] == []


async def test_result_needs_its_own_random_name(desk: Desk) -> None:
    """Whoever shows somebody else's request to a victim learns nothing from the names in it."""
    opened = await desk.open()
    await opened.answer()
    request_id = opened.request_path.rpartition("/")[2]
    for name in (opened.id, request_id):
        assert (await desk.client.get(f"/v1/results/{name}?wait=0")).status_code == 404
    assert opened.described["cross_device"] is True
    assert (await opened.result())["status"] == "verified"


async def test_encrypted_answer_repacked_with_other_contents(desk: Desk) -> None:
    """Encryption says nothing about who sent it: what is inside is bound by its own signatures and the state."""
    opened, elsewhere = await desk.open(ResponseMode.DIRECT_POST_JWT), await desk.open()
    request, other = await opened.request(), await elsewhere.request()
    shown = {
        query: [desk.holder.show(text, paths, nonce=other.nonce, aud=other.client_id)]
        for query, (text, paths) in desk.credentials().items()
    }
    assert request.client_metadata is not None
    key, kid, enc = request.client_metadata.encryption()
    swapped = AuthorizationResponse.read({"vp_token": shown, "state": request.state})
    repacked = EncryptedResponse.encrypt(swapped, recipient=key, kid=kid, enc=enc)
    answer = await opened.post(repacked.to_form())
    assert (answer.status_code, answer.json()["error"]) == (400, "nonce_mismatch")
    assert strict_json.dumps((await opened.result())["reasons"]) == b'["nonce_mismatch"]'


async def test_person_hears_the_same_whatever_the_reason_was(desk: Desk) -> None:
    told = set()
    for spoiled in ({"nonce": "n" * 43}, {"state": "another"}):
        opened = await desk.open()
        await opened.answer(**spoiled)
        told.add((await opened.result())["person_hears"])
    assert told == {"not_opened"}


async def test_disclosed_values_that_were_read_are_in_no_byte_of_any_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither are they in the write-ahead log, where whole old pages lie (T59)."""
    monkeypatch.setattr("service.forgetting.LOG_BOUND", 0.05)
    file = Path(desk.database.url.removeprefix("sqlite:///"))

    def left() -> list[str]:
        content = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
        return [canary for canary in CANARIES if canary.encode() in content]

    opened = await desk.open(applicant_name="LIN, YU-CHEN")
    await opened.answer()
    assert "disclosed" in await opened.result()
    for _ in range(1000):
        if not left():
            break
        await asyncio.sleep(0.02)
    assert left() == []
